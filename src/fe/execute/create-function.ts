/**
 * CREATE and DROP FUNCTION: metadata alone. The file of a function is never fetched, and a call of
 * one is refused as unknown (sql-surface.md 3.5).
 */
import { SimError } from '../../base/errors.ts';
import { asId, type FunctionId } from '../../base/ids.ts';
import type { Database, UserFunction } from '../../catalog/model.ts';
import { functionSignature } from '../../catalog/user-function.ts';
import type { FunctionSignatureDef } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import { changing } from '../change-database.ts';
import { DONE, type Executor, type FrontendContext } from '../frontend-context.ts';
import { databaseOf, refuseForeignCatalog } from '../resolve.ts';
import type { Session } from '../session.ts';

const FUNCTION_NAME = /^[A-Za-z_]\w*$/;

/** Properties without which StarRocks does not know what to run. */
const NEEDED = ['symbol', 'file', 'type'] as const;

export const executeCreateFunction: Executor<'create-function'> = function* (
  frontend,
  session,
  statement,
) {
  const { ifNotExists, orReplace, functionKind: kind, returnType, properties } = statement;
  if (ifNotExists && orReplace) {
    throw analysisError('OR REPLACE and IF NOT EXISTS cannot be used together');
  }
  const database = ownerOf(frontend, session, statement.signature);
  const { name, argTypes, hasVarArgs } = named(statement.signature);
  if (!FUNCTION_NAME.test(name)) throw analysisError(`Incorrect function name '${name}'`);
  const missing = NEEDED.find((key) => !properties.has(key));
  if (missing !== undefined) throw analysisError(`No '${missing}' in properties`);
  const signature = functionSignature({ name, argTypes, hasVarArgs });
  const id = asId<FunctionId>(yield* frontend.ids.next(1));
  const made: UserFunction = Object.freeze({
    id,
    kind,
    name,
    argTypes,
    hasVarArgs,
    returnType,
    properties,
  });
  return yield* changing(frontend, database, function* () {
    if (database.functions.has(signature) && !orReplace) {
      if (ifNotExists) return DONE;
      throw new SimError('common-error', `function ${signature} already exists`);
    }
    yield* frontend.log({ op: 'OP_ADD_FUNCTION_V2', dbId: database.id, function: made });
    return DONE;
  });
};

export const executeDropFunction: Executor<'drop-function'> = function* (
  frontend,
  session,
  { signature: written, ifExists },
) {
  const database = ownerOf(frontend, session, written);
  const signature = functionSignature(named(written));
  return yield* changing(frontend, database, function* () {
    if (!database.functions.has(signature)) {
      if (ifExists) return DONE;
      throw new SimError('common-error', `Unknown function, ${signature}`, {
        hint: 'SHOW FULL FUNCTIONS lists them',
      });
    }
    yield* frontend.log({ op: 'OP_DROP_FUNCTION_V2', dbId: database.id, signature });
    return DONE;
  });
};

function ownerOf(
  frontend: FrontendContext,
  session: Session,
  { name }: FunctionSignatureDef,
): Database {
  refuseForeignCatalog(name.catalog);
  return databaseOf(frontend, session, name.db);
}

/** Names of functions have no case. */
function named({
  name,
  argTypes,
  hasVarArgs,
}: FunctionSignatureDef): Pick<UserFunction, 'name' | 'argTypes' | 'hasVarArgs'> {
  return { name: name.name.toLowerCase(), argTypes, hasVarArgs };
}
