/** ALTER SYSTEM ADD | DROP | DROP ALL BROKER (repository.md 5.1, sql-surface.md 2.2). */
import { SimError } from '../../base/errors.ts';
import { isRepositoryName } from '../../catalog/names.ts';
import { analysisError } from '../analysis-error.ts';
import {
  addressText,
  BROKER_ADDRESSES_MAX,
  type BrokerAddress,
  type Brokers,
  isSame,
} from '../brokers.ts';
import { DONE, type Executor } from '../frontend-context.ts';

export const executeAlterBroker: Executor<'alter-broker'> = function* (
  frontend,
  _session,
  { action, name, addresses: texts },
) {
  checkName(name);
  const addresses = texts.map(addressOf);
  const { brokers, clock } = frontend;
  switch (action) {
    case 'ADD':
      checkAdded(brokers, name, addresses);
      yield* frontend.log({ op: 'OP_ADD_BROKER_V2', name, addresses });
      brokers.beat(clock.now());
      break;
    case 'DROP':
      checkDropped(brokers, name, addresses);
      yield* frontend.log({ op: 'OP_DROP_BROKER_V2', name, addresses });
      break;
    case 'DROP ALL':
      if (!brokers.has(name)) throw unknownBroker(name);
      yield* frontend.log({ op: 'OP_DROP_ALL_BROKER', name });
  }
  return DONE;
};

function checkName(name: string): void {
  if (isRepositoryName(name)) return;
  throw analysisError(
    `Incorrect broker name '${name}'`,
    'bad-name-format',
    'a name is a letter and up to 63 letters, digits or underscores',
  );
}

const PORT_MAX = 65_535;

function addressOf(text: string): BrokerAddress {
  const match = /^([^\s:/@]+):(\d{1,5})$/.exec(text.trim());
  const [, host = '', digits = ''] = match ?? [];
  const port = Number(digits);
  if (match !== null && port > 0 && port <= PORT_MAX) return { host, port };
  throw analysisError(`Invalid host port: ${text}`, 'analysis', "write it as 'host:8000'");
}

function checkAdded(brokers: Brokers, name: string, addresses: readonly BrokerAddress[]): void {
  const known = brokers.addressesOf(name);
  for (const [index, address] of addresses.entries()) {
    const isRepeated = addresses.findIndex((other) => isSame(other, address)) < index;
    if (!isRepeated && !known.some((other) => isSame(other, address))) continue;
    throw executionError(`Broker(${addressText(address)}) has already in brokers(${name})`);
  }
  if (brokers.states().length + addresses.length <= BROKER_ADDRESSES_MAX) return;
  throw new SimError('limit-reached', `more than ${BROKER_ADDRESSES_MAX} addresses of brokers`);
}

function checkDropped(brokers: Brokers, name: string, addresses: readonly BrokerAddress[]): void {
  if (!brokers.has(name)) throw unknownBroker(name);
  const known = brokers.addressesOf(name);
  const missing = addresses.find((address) => !known.some((other) => isSame(other, address)));
  if (missing === undefined) return;
  throw executionError(`Broker(${addressText(missing)}) has not in brokers(${name})`);
}

const unknownBroker = (name: string): SimError => executionError(`Unknown broker name(${name})`);

const executionError = (text: string): SimError => new SimError('execution', text);
