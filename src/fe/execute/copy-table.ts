/** CREATE TABLE ... LIKE and CREATE TABLE ... AS SELECT (sql-surface.md 3.2). */
import { SimError } from '../../base/errors.ts';
import { attempt, type Op } from '../../base/op.ts';
import type { ResultColumn } from '../../base/row-stream.ts';
import { type SqlType, STRING_LENGTH } from '../../base/sql-type.ts';
import type { ColumnDef, CreateTable, CreateTableAsSelect } from '../../sql/ast.ts';
import { parseStatements } from '../../sql/parse.ts';
import { analysisError, analyzed } from '../analysis-error.ts';
import { DONE, type Executor, type StatementResult } from '../frontend-context.ts';
import { queryContext } from '../query-context.ts';
import { databaseOf, isNameTaken, tableNamed } from '../resolve.ts';
import { createTableText } from '../show/show-create-table.ts';
import { executeCreateTable } from './create-table.ts';
import { executeDropTable } from './drop-table.ts';
import { executeInsert } from './insert.ts';

/** As StarRocks does it: what SHOW CREATE TABLE says of the source, but for what is said here. */
export const executeCreateTableLike: Executor<'create-table-like'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { table, ifNotExists, partitionBy, distribution } = statement;
  const { table: like } = tableNamed(frontend, session, statement.source);
  if (like.materializedView !== undefined) {
    throw analysisError(`'${like.name}' is a materialized view: only a table can be copied`);
  }
  const { profile } = frontend.options;
  const [made] = parseStatements(createTableText(like), {
    pipesAsConcat: false,
    newBackupForms: profile.hasNewBackupForms,
    dropSnapshot: profile.jobs.hasSnapshotRetention,
    strict: false,
  });
  if (made?.statement.kind !== 'create-table') {
    throw new SimError('bug', `SHOW CREATE TABLE of ${like.name} is no CREATE TABLE`);
  }
  const source = made.statement;
  return yield* executeCreateTable(frontend, session, {
    ...source,
    table,
    ifNotExists,
    partitionBy: partitionBy ?? source.partitionBy,
    distribution: distribution ?? source.distribution,
    properties: new Map([...source.properties, ...statement.properties]),
  });
};

/** A load that fails takes the table away again. */
export const executeCreateTableAsSelect: Executor<'create-table-as-select'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { create, query } = statement;
  const database = databaseOf(frontend, session, create.table.db);
  if (create.ifNotExists && isNameTaken(database, create.table.name)) return DONE;
  const context = queryContext(frontend, session);
  const described = yield* attempt(frontend.queries.describeReading(query, context));
  const given = analyzed(() => {
    if (described.ok) return described.value;
    throw described.error;
  });
  const columns = columnsFrom(statement, given);
  yield* executeCreateTable(frontend, session, { ...create, columns, ifNotExists: false });
  const loaded = yield* attempt(
    executeInsert(frontend, session, {
      kind: 'insert',
      overwrite: false,
      table: create.table,
      partitions: undefined,
      columns: [],
      label: undefined,
      source: { kind: 'query', query },
    }),
  );
  if (loaded.ok) return loaded.value;
  const drop = { kind: 'drop-table', ifExists: true, table: create.table, force: true } as const;
  yield* executeDropTable(frontend, session, drop);
  throw loaded.error;
};

function columnsFrom(
  { create, columnNames }: CreateTableAsSelect,
  given: readonly ResultColumn[],
): CreateTable['columns'] {
  if (columnNames.length > 0 && columnNames.length !== given.length) {
    throw analysisError(
      `Number of column names (${columnNames.length}) and of query columns ` +
        `(${given.length}) must be equal`,
    );
  }
  return given.map(
    ({ name, type }, at): ColumnDef => ({
      name: columnNames[at] ?? name,
      type: storedType(type),
      isKey: false,
      aggregation: undefined,
      nullable: undefined,
      defaultValue: undefined,
      isAutoIncrement: false,
      comment: undefined,
      position: create.table.position,
    }),
  );
}

/** Texts get the length of STRING: how long those of the query may become is not known. */
function storedType(type: SqlType): SqlType {
  const isText = type.name === 'VARCHAR' || type.name === 'CHAR';
  if (isText) return { name: 'VARCHAR', length: STRING_LENGTH };
  const { element, key, value, fields } = type;
  return {
    ...type,
    ...(element === undefined ? {} : { element: storedType(element) }),
    ...(key === undefined ? {} : { key: storedType(key) }),
    ...(value === undefined ? {} : { value: storedType(value) }),
    ...(fields === undefined
      ? {}
      : { fields: fields.map(({ name, type: of }) => ({ name, type: storedType(of) })) }),
  };
}
