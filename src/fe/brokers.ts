/**
 * The brokers that ALTER SYSTEM has registered (repository.md 5.1): names, each with addresses.
 * Changed by `apply` alone, on the leader after the record is in the log and at replay. No broker
 * process is asked: the emulator reaches storage in its place, so a registered one is alive as soon
 * as a heartbeat has gone round.
 */
import { SimError } from '../base/errors.ts';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export interface BrokerState extends BrokerAddress {
  readonly name: string;
  /** Absent before the first heartbeat of this frontend. */
  readonly lastStartMs: number | undefined;
  readonly lastUpdateMs: number | undefined;
}

export type BrokerRecord =
  | {
      readonly op: 'OP_ADD_BROKER_V2' | 'OP_DROP_BROKER_V2';
      readonly name: string;
      readonly addresses: readonly BrokerAddress[];
    }
  | { readonly op: 'OP_DROP_ALL_BROKER'; readonly name: string };

export const BROKER_OPS: readonly BrokerRecord['op'][] = [
  'OP_ADD_BROKER_V2',
  'OP_DROP_BROKER_V2',
  'OP_DROP_ALL_BROKER',
];

export function isBrokerRecord(record: { readonly op: string }): record is BrokerRecord {
  return isBrokerOp(record.op);
}

export function isBrokerOp(op: string): op is BrokerRecord['op'] {
  return BROKER_OPS.some((known) => known === op);
}

/** Addresses that all brokers may have together. */
export const BROKER_ADDRESSES_MAX = 1_000;

interface Broker extends BrokerAddress {
  startMs: number | undefined;
  updateMs: number | undefined;
}

export class Brokers {
  readonly #byName = new Map<string, readonly Broker[]>();

  apply(record: BrokerRecord): void {
    switch (record.op) {
      case 'OP_ADD_BROKER_V2':
        this.#add(record.name, record.addresses);
        return;
      case 'OP_DROP_BROKER_V2':
        this.#drop(record.name, record.addresses);
        return;
      case 'OP_DROP_ALL_BROKER':
        this.#byName.delete(record.name);
    }
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  addressesOf(name: string): readonly BrokerAddress[] {
    return this.#byName.get(name) ?? [];
  }

  /** By name, the addresses of each in the order in which they were added. */
  states(): readonly BrokerState[] {
    const names = [...this.#byName.keys()].sort();
    return names.flatMap((name) =>
      (this.#byName.get(name) ?? []).map(({ host, port, startMs, updateMs }) => ({
        name,
        host,
        port,
        lastStartMs: startMs,
        lastUpdateMs: updateMs,
      })),
    );
  }

  /** A heartbeat that all have answered. */
  beat(nowMs: number): void {
    for (const broker of [...this.#byName.values()].flat()) {
      broker.startMs ??= nowMs;
      broker.updateMs = nowMs;
    }
  }

  encodeImage(): unknown {
    return [...this.#byName].map(([name, addresses]) => ({
      name,
      addresses: addresses.map(({ host, port }) => ({ host, port })),
    }));
  }

  /** Throws `edit-log-damaged`. An image of before there were brokers has none. */
  loadImage(image: unknown): void {
    if (image === undefined) return;
    if (!Array.isArray(image)) throw damaged('brokers');
    for (const json of image) {
      this.apply(decodeBrokerRecord('OP_ADD_BROKER_V2', json));
    }
  }

  #add(name: string, added: readonly BrokerAddress[]): void {
    const fresh = added.map((address) => ({ ...address, startMs: undefined, updateMs: undefined }));
    this.#byName.set(name, [...(this.#byName.get(name) ?? []), ...fresh]);
  }

  #drop(name: string, dropped: readonly BrokerAddress[]): void {
    const left = (this.#byName.get(name) ?? []).filter(
      (broker) => !dropped.some((address) => isSame(address, broker)),
    );
    // A broker without addresses is none.
    if (left.length === 0) this.#byName.delete(name);
    else this.#byName.set(name, left);
  }
}

export function isSame(a: BrokerAddress, b: BrokerAddress): boolean {
  return a.host === b.host && a.port === b.port;
}

export function addressText({ host, port }: BrokerAddress): string {
  return `${host}:${port}`;
}

/** JSON of a record, without its operation, which the log line carries. */
export function encodeBrokerRecord({ op: _op, ...body }: BrokerRecord): unknown {
  return body;
}

/** Throws `edit-log-damaged` for anything that `encodeBrokerRecord` does not make. */
export function decodeBrokerRecord(op: BrokerRecord['op'], json: unknown): BrokerRecord {
  const { name, addresses } = (json ?? {}) as {
    readonly name?: unknown;
    readonly addresses?: unknown;
  };
  if (typeof name !== 'string') throw damaged('name');
  if (op === 'OP_DROP_ALL_BROKER') return { op, name };
  if (!Array.isArray(addresses)) throw damaged('addresses');
  return { op, name, addresses: addresses.map(readAddress) };
}

function readAddress(json: unknown): BrokerAddress {
  const { host, port } = (json ?? {}) as { readonly host?: unknown; readonly port?: unknown };
  if (typeof host === 'string' && Number.isSafeInteger(port)) return { host, port: Number(port) };
  throw damaged('address');
}

function damaged(what: string): SimError {
  return new SimError('edit-log-damaged', `broker: no ${what}`);
}
