/**
 * The live rows of a table over its tablets' Parquet files, merged by key model (design.md 6):
 * duplicate keys keep every row; unique and primary keys keep the last event of a key, in order of
 * version, file and row, and drop the key when that is a delete; aggregate keys combine.
 */
import { SimError } from '../../base/errors.ts';
import type { OpenedFile } from '../../protocol/data.ts';
import type { TabletColumn, TabletSchema } from '../../protocol/tablet-schema.ts';
import type { Plan } from '../bound.ts';
import { quoteText } from '../functions/function-spec.ts';
import type { OpenedTablets } from '../opened-tablets.ts';
import { HALF_64 } from './print-expr.ts';
import { columnName, duckType, quoteName } from './sql-text.ts';

type ScanPlan = Extract<Plan, { kind: 'scan' }>;

/** Column of files that hold rows of several versions. */
const ROW_VERSION = '__version';
/** Names DuckDB gives to what it adds; a merged table may have no such column. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['file_row_number', '__file', ROW_VERSION]);

interface VersionedFile extends OpenedFile {
  /** Rows of later versions are not to be seen. */
  readonly wantedVersion: number;
}

export function printScan(plan: ScanPlan, opened: OpenedTablets): string {
  const { schema } = plan.table;
  const files = filesOf(plan, opened);
  const data = files.filter(({ kind }) => kind === 'data');
  const deletes = files.filter(({ kind }) => kind === 'delete');
  const names = plan.columns.map(({ id }) => columnName(id));
  if (data.length === 0) {
    const list = schema.columns.map(
      ({ type }, index) => `CAST(NULL AS ${duckType(type)}) AS ${names[index]}`,
    );
    return `SELECT ${list.join(', ')} WHERE FALSE`;
  }
  const hasLaterRows = data.some((file) => file.version > file.wantedVersion);
  if (schema.keysType === 'DUP_KEYS' && deletes.length === 0 && !hasLaterRows) {
    return plainUnion(schema, data, names);
  }
  refuseReserved(plan);
  switch (schema.keysType) {
    case 'PRIMARY_KEYS':
    case 'UNIQUE_KEYS':
      return lastOfKey(schema, events(schema, data, names, false), deletes, names);
    case 'DUP_KEYS':
      return notDeleted(schema, events(schema, data, names, false), deletes, names);
    case 'AGG_KEYS':
      return aggregated(
        schema,
        notDeleted(schema, events(schema, data, names, false), deletes, [...names, ...EVENT]),
        names,
      );
  }
}

/** Names of what an event has beside the table's columns: when it took effect. */
const EVENT = ['v', 'o', 'r'] as const;

function filesOf(plan: ScanPlan, opened: OpenedTablets): VersionedFile[] {
  return plan.table.tablets.flatMap((tablet) => {
    const replica = opened.replica(tablet);
    if (replica === undefined) throw new SimError('bug', `tablet ${tablet.tabletId} is not open`);
    return replica.tablet.files
      .filter((file) => file.rowCount > 0)
      .map((file) => ({ ...file, wantedVersion: tablet.version }));
  });
}

function refuseReserved(plan: ScanPlan): void {
  for (const { name } of plan.columns) {
    if (!RESERVED_NAMES.has(name.toLowerCase())) continue;
    throw new SimError(
      'unsupported',
      `column '${name}' of ${plan.table.displayName} has a name that is kept for the emulator`,
    );
  }
}

/** A path as `read_parquet` takes it, and names it in errors: wildcards stand for themselves. */
export function globPath(path: string): string {
  return path.replace(/[[*?]/g, '[$&]');
}

function fileList(files: readonly OpenedFile[]): string {
  return `[${files.map(({ path }) => quoteText(globPath(path))).join(', ')}]`;
}

function readColumn(column: TabletColumn, name: string | undefined): string {
  return `CAST(f.${quoteName(column.name)} AS ${duckType(column.type)}) AS ${name}`;
}

const byRowVersions = (files: readonly VersionedFile[]): VersionedFile[][] =>
  [
    files.filter((file) => file.hasRowVersions),
    files.filter((file) => !file.hasRowVersions),
  ].filter((group) => group.length > 0);

function plainUnion(
  schema: TabletSchema,
  files: readonly VersionedFile[],
  names: readonly string[],
): string {
  const list = schema.columns.map((column, index) => readColumn(column, names[index])).join(', ');
  return byRowVersions(files)
    .map((group) => `SELECT ${list} FROM read_parquet(${fileList(group)}) AS f`)
    .join(' UNION ALL ');
}

/**
 * Rows of files, or keys of deletes, with version, order and row number. A file's rows are joined
 * with its facts by path.
 */
function events(
  schema: TabletSchema,
  files: readonly VersionedFile[],
  names: readonly string[],
  areDeletes: boolean,
): string {
  const columns = schema.columns.map((column, index) =>
    areDeletes && !column.isKey
      ? `CAST(NULL AS ${duckType(column.type)}) AS ${names[index]}`
      : readColumn(column, names[index]),
  );
  return byRowVersions(files)
    .map((group) => {
      const hasRowVersions = group[0]?.hasRowVersions === true;
      const facts = group.map(
        ({ path, version, order, wantedVersion }) =>
          `(${quoteText(path)}, CAST(${version} AS BIGINT), CAST(${order} AS BIGINT), ` +
          `CAST(${wantedVersion} AS BIGINT))`,
      );
      const version = hasRowVersions ? `f.${quoteName(ROW_VERSION)}` : 'm.version';
      return (
        `SELECT ${columns.join(', ')}, ${version} AS v, m.ord AS o, f.file_row_number AS r ` +
        `FROM read_parquet(${fileList(group)}, filename='__file', file_row_number=true) AS f ` +
        `JOIN (VALUES ${facts.join(', ')}) AS m(path, version, ord, wanted) ` +
        `ON f."__file" = m.path WHERE ${version} <= m.wanted`
      );
    })
    .join(' UNION ALL ');
}

function keyNames(schema: TabletSchema, names: readonly string[]): string[] {
  return schema.columns.flatMap(({ isKey }, index) => (isKey ? (names[index] ?? []) : []));
}

function lastOfKey(
  schema: TabletSchema,
  rows: string,
  deletes: readonly VersionedFile[],
  names: readonly string[],
): string {
  const gone = events(schema, deletes, names, true);
  const all =
    deletes.length === 0
      ? `SELECT *, FALSE AS gone FROM (${rows})`
      : `SELECT *, FALSE AS gone FROM (${rows}) UNION ALL SELECT *, TRUE AS gone FROM (${gone})`;
  const rank =
    `row_number() OVER (PARTITION BY ${keyNames(schema, names).join(', ')} ` +
    'ORDER BY v DESC, o DESC, r DESC)';
  return (
    `SELECT ${names.join(', ')} FROM (SELECT *, ${rank} AS place FROM (${all})) ` +
    'WHERE place = 1 AND NOT gone'
  );
}

/** Rows that no later delete of their key removes. */
function notDeleted(
  schema: TabletSchema,
  rows: string,
  deletes: readonly VersionedFile[],
  names: readonly string[],
): string {
  const list = names.map((name) => `e.${name}`).join(', ');
  if (deletes.length === 0) return `SELECT ${list} FROM (${rows}) AS e`;
  const columns = names.filter((name) => !EVENT.some((event) => event === name));
  const gone = events(schema, deletes, columns, true);
  const sameKey = keyNames(schema, columns).map(
    (name) => `e.${name} IS NOT DISTINCT FROM d.${name}`,
  );
  return (
    `SELECT ${list} FROM (${rows}) AS e WHERE NOT EXISTS (SELECT 1 FROM (${gone}) AS d ` +
    `WHERE ${sameKey.join(' AND ')} AND (d.v > e.v OR (d.v = e.v AND d.o > e.o)))`
  );
}

function aggregated(schema: TabletSchema, rows: string, names: readonly string[]): string {
  const list = schema.columns.map((column, index) => {
    const name = names[index] ?? '';
    return column.isKey ? name : `${combined(column, name)} AS ${name}`;
  });
  return `SELECT ${list.join(', ')} FROM (${rows}) GROUP BY ${keyNames(schema, names).join(', ')}`;
}

const HALVES: Readonly<Record<string, string>> = {
  TINYINT: '128',
  SMALLINT: '32768',
  INT: '2147483648',
};

/** How the values of one key become one; integers wrap around, as in StarRocks. */
function combined(column: TabletColumn, name: string): string {
  const { type } = column;
  switch (column.aggregation?.toUpperCase()) {
    case 'MIN':
      return `min(${name})`;
    case 'MAX':
      return `max(${name})`;
    case 'SUM': {
      const half = type.name === 'BIGINT' ? HALF_64 : HALVES[type.name];
      const sum = half === undefined ? `sum(${name})` : `sr_wrap(sum(${name}), ${half})`;
      return `CAST(${sum} AS ${duckType(type)})`;
    }
    case 'REPLACE':
      return `struct_extract(arg_max(struct_pack(x := ${name}), struct_pack(v, o, r)), 'x')`;
    case 'REPLACE_IF_NOT_NULL':
      return `arg_max(${name}, struct_pack(v, o, r)) FILTER (WHERE ${name} IS NOT NULL)`;
    default:
      throw new SimError(
        'unsupported',
        `aggregation ${column.aggregation ?? 'NONE'} of column '${column.name}' is not supported`,
        { hint: 'SUM, MIN, MAX, REPLACE and REPLACE_IF_NOT_NULL are' },
      );
  }
}
