/** CREATE REPOSITORY, checks in the order of repository.md 1.3. */
import { SimError } from '../../base/errors.ts';
import { asId, type RepositoryId } from '../../base/ids.ts';
import type { Op } from '../../base/op.ts';
import { isRepositoryName } from '../../catalog/names.ts';
import type { CreateRepository } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import {
  DONE,
  type Executor,
  type FrontendContext,
  type StatementResult,
} from '../frontend-context.ts';
import { placeOfForm } from './repository-forms.ts';

export const executeCreateRepository: Executor<'create-repository'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  analyzeRepositoryName(statement.name);
  analyzeLocation(frontend, statement);
  const { location, properties } = placeOfForm(statement);
  const id = asId<RepositoryId>(yield* frontend.ids.next(1));
  const { repositories } = frontend;
  yield* repositories.lock.hold(function* () {
    const prepared = yield* repositories.prepareCreate({
      id,
      name: statement.name,
      isReadOnly: statement.readOnly,
      location: storedLocation(location, frontend.options.profile.stripsLocationSlash),
      brokerName: statement.broker ?? '',
      properties,
      sessionTimeZone: session.timeZone,
    });
    if (prepared.value === undefined) throw new SimError('common-error', prepared.status.msg);
    yield* frontend.log({ op: 'OP_CREATE_REPOSITORY_V2', repository: prepared.value });
  });
  return DONE;
};

/** Empty: 5064; malformed: 5063 (resolutions.md 5). */
export function analyzeRepositoryName(name: string): void {
  if (name === '') throw analysisError('Repository name is empty', 'common-error');
  if (isRepositoryName(name)) return;
  throw analysisError(
    `Incorrect repository name '${name}'`,
    'bad-name-format',
    'a name is a letter and up to 63 letters, digits or underscores',
  );
}

function analyzeLocation({ options, brokers }: FrontendContext, statement: CreateRepository): void {
  const { broker } = statement;
  if (statement.location === '') throw analysisError('You should specify a location');
  if (options.strict && statement.withWord !== 'BROKER') {
    throw analysisError(`WITH ${statement.withWord} is not StarRocks grammar; write WITH BROKER`);
  }
  const own = [...statement.properties.keys()].find((key) => key.startsWith('emulator.'));
  if (options.strict && own !== undefined) {
    throw analysisError(`Unknown repository property: ${own}, which --strict refuses`);
  }
  if (broker === '') throw analysisError('You should specify the broker of the repository');
  if (broker === undefined || brokers.has(broker)) return;
  throw analysisError(
    `failed to get broker address: unknown broker name: ${broker}`,
    'common-error',
    `register it with ALTER SYSTEM ADD BROKER ${broker} 'host:8000', or leave the name out`,
  );
}

function storedLocation(location: string, isStripped: boolean): string {
  return isStripped ? location.replace(/\/+$/, '') : location;
}
