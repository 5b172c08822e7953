/** CREATE TABLE with the clauses in StarRocks' order (sql-surface.md 3.2). */
import type {
  ColumnDef,
  ColumnDefault,
  CreateTable,
  CreateTableAsSelect,
  CreateTableLike,
  DistributionDef,
  KeyDef,
  TableIndexDef,
  TableName,
} from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import {
  acceptCharsetWords,
  parseComment,
  parseIfNotExists,
  parseNameList,
  parseProperties,
  parseTableName,
  positionOf,
} from './parse-common.ts';
import { parsePartitionBy } from './parse-partition.ts';
import { parseQuery } from './parse-query.ts';
import { parseRollups } from './parse-rollup.ts';
import { parseTableIndex } from './parse-table-index.ts';
import { parseType } from './parse-type.ts';
import { EXPECTED } from './syntax-error.ts';

/** After CREATE TABLE. */
export function parseCreateTable(
  cursor: TokenCursor,
): CreateTable | CreateTableLike | CreateTableAsSelect {
  const ifNotExists = parseIfNotExists(cursor);
  const table: TableName = parseTableName(cursor);
  const isCopy = !cursor.at('(') || isBareList(cursor);
  const columnNames = isCopy && cursor.at('(') ? parseNameList(cursor) : [];
  const { columns, indexes } = isCopy ? NO_BODY : parseBody(cursor);
  const engine = parseEngine(cursor);
  parseTableCharset(cursor);
  const keys = parseKeys(cursor);
  const comment = parseComment(cursor);
  const partitionBy = parsePartitionBy(cursor);
  const distribution = parseDistribution(cursor);
  const orderBy = parseSortKey(cursor);
  const rollups = parseRollups(cursor);
  const properties = parseProperties(cursor);
  if (cursor.at('BROKER')) cursor.unsupported('BROKER PROPERTIES');
  const isBare = engine === undefined && keys === undefined && comment === undefined;
  const isPlain = isCopy && isBare && columnNames.length + orderBy.length + rollups.length === 0;
  if (isPlain && cursor.at('LIKE')) {
    return parseLike(cursor, { ifNotExists, table, partitionBy, distribution, properties });
  }
  const create: CreateTable = {
    kind: 'create-table',
    ifNotExists,
    table,
    columns,
    engine,
    keys,
    comment,
    partitionBy,
    distribution,
    orderBy,
    rollups,
    indexes,
    properties,
  };
  if (!isCopy && cursor.at('AS'))
    cursor.unsupported('types of columns in CREATE TABLE ... AS SELECT');
  if (!isCopy) return create;
  cursor.expect('AS');
  const query = parseQuery(cursor);
  return { kind: 'create-table-as-select', create, columnNames, query };
}

function parseLike(
  cursor: TokenCursor,
  clauses: Omit<CreateTableLike, 'kind' | 'source'>,
): CreateTableLike {
  cursor.expect('LIKE');
  return { kind: 'create-table-like', source: parseTableName(cursor), ...clauses };
}

/** `(a, b)` and nothing else in it: the columns of CREATE TABLE ... AS SELECT. */
function isBareList(cursor: TokenCursor): boolean {
  if (!cursor.at('(')) return false;
  let ahead = 1;
  while (cursor.isName(ahead) && cursor.peek(ahead + 1).key === ',') ahead += 2;
  const isClosed = cursor.isName(ahead) && cursor.peek(ahead + 1).key === ')';
  return isClosed && cursor.peek(ahead + 2).kind === 'word';
}

interface TableBody {
  readonly columns: readonly ColumnDef[];
  readonly indexes: readonly TableIndexDef[];
}

const NO_BODY: TableBody = Object.freeze({ columns: [], indexes: [] });

function parseBody(cursor: TokenCursor): TableBody {
  const columns: ColumnDef[] = [];
  const indexes: TableIndexDef[] = [];
  cursor.parenthesized(() => {
    if (cursor.accept('INDEX')) indexes.push(parseTableIndex(cursor));
    else columns.push(parseColumn(cursor));
  });
  return { columns, indexes };
}

/** The attributes have a fixed order in StarRocks. */
export function parseColumn(cursor: TokenCursor): ColumnDef {
  const position = positionOf(cursor);
  const name = cursor.name();
  if (cursor.at('AS')) cursor.unsupported('a generated column');
  const type = parseType(cursor, 'column');
  if (cursor.at('UNSIGNED')) cursor.unsupported('an UNSIGNED type');
  if (acceptCharsetWords(cursor)) cursor.name();
  const isKey = cursor.accept('KEY');
  const aggregation = parseAggregation(cursor);
  const nullable = parseNullable(cursor);
  const isAutoIncrement = cursor.accept('AUTO_INCREMENT');
  const defaultValue =
    !isAutoIncrement && cursor.accept('DEFAULT') ? parseDefault(cursor) : undefined;
  if (cursor.at('AS')) cursor.unsupported('a generated column');
  const comment = parseComment(cursor);
  return {
    name,
    type,
    isKey,
    aggregation,
    nullable,
    defaultValue,
    isAutoIncrement,
    comment,
    position,
  };
}

function parseAggregation(cursor: TokenCursor): string | undefined {
  const word = cursor.acceptOneOf(
    'SUM',
    'MAX',
    'MIN',
    'REPLACE',
    'REPLACE_IF_NOT_NULL',
    'HLL_UNION',
    'BITMAP_UNION',
    'PERCENTILE_UNION',
  );
  const isCall = cursor.isName() && cursor.peek(1).key === '(';
  if (word === undefined && isCall && !cursor.at('PROPERTIES')) {
    cursor.unsupported(`the aggregate state ${cursor.peek().value}`);
  }
  return word;
}

function parseNullable(cursor: TokenCursor): boolean | undefined {
  if (cursor.accept('NULL')) return true;
  if (!cursor.accept('NOT')) return undefined;
  cursor.expect('NULL');
  return false;
}

function parseDefault(cursor: TokenCursor): ColumnDefault {
  if (cursor.isString()) return { kind: 'literal', text: cursor.string() };
  if (cursor.accept('NULL')) return { kind: 'null' };
  if (cursor.accept('CURRENT_TIMESTAMP')) {
    if (cursor.accept('(')) {
      if (cursor.isInteger() && cursor.integer() > 0) {
        cursor.unsupported('CURRENT_TIMESTAMP with fractions of a second as a default');
      }
      cursor.expect(')');
    }
    return { kind: 'expression', text: 'CURRENT_TIMESTAMP' };
  }
  if (cursor.at('(')) return parseDefaultCall(cursor);
  return parseBareDefault(cursor);
}

/** `(uuid())` or `(now())`. */
function parseDefaultCall(cursor: TokenCursor): ColumnDefault {
  cursor.expect('(');
  const start = cursor.peek();
  const name = cursor.name().toLowerCase();
  cursor.expect('(', ')', ')');
  if (name === 'uuid') return { kind: 'expression', text: 'uuid()' };
  if (name === 'now') return { kind: 'expression', text: 'CURRENT_TIMESTAMP' };
  return cursor.unsupported(`the default (${name}())`, start);
}

/** Numbers without quotes: newer than the default profile, so a convenience. */
function parseBareDefault(cursor: TokenCursor): ColumnDefault {
  if (cursor.options.strict) cursor.fail(EXPECTED.string, 'NULL', 'CURRENT_TIMESTAMP', '(');
  const sign = cursor.accept('-') ? '-' : '';
  if (sign === '') {
    const truth = cursor.acceptOneOf('TRUE', 'FALSE');
    if (truth !== undefined) return { kind: 'literal', text: truth.toLowerCase() };
  }
  if (cursor.peek().kind !== 'number') {
    cursor.fail(EXPECTED.string, 'NULL', 'CURRENT_TIMESTAMP', '(');
  }
  return { kind: 'literal', text: `${sign}${cursor.next().value}` };
}

function parseEngine(cursor: TokenCursor): string | undefined {
  if (!cursor.accept('ENGINE')) return undefined;
  cursor.expect('=');
  return cursor.name();
}

/** Accepted, and without effect as in StarRocks. */
function parseTableCharset(cursor: TokenCursor): void {
  const hasDefault = cursor.accept('DEFAULT');
  if (!acceptCharsetWords(cursor)) {
    if (hasDefault) cursor.fail('CHARSET');
    return;
  }
  cursor.accept('=');
  cursor.nameOrString();
}

function parseKeys(cursor: TokenCursor): KeyDef | undefined {
  const word = cursor.acceptOneOf('DUPLICATE', 'AGGREGATE', 'UNIQUE', 'PRIMARY');
  if (word === undefined) return undefined;
  cursor.expect('KEY');
  return { type: KEY_TYPES[word], columns: parseNameList(cursor) };
}

const KEY_TYPES = Object.freeze({
  DUPLICATE: 'DUP_KEYS',
  AGGREGATE: 'AGG_KEYS',
  UNIQUE: 'UNIQUE_KEYS',
  PRIMARY: 'PRIMARY_KEYS',
});

/** `DISTRIBUTED BY ...`, if it is there. */
export function parseDistribution(cursor: TokenCursor): DistributionDef | undefined {
  if (!cursor.accept('DISTRIBUTED')) return undefined;
  cursor.expect('BY');
  const kind = cursor.expectOneOf('HASH', 'RANDOM');
  const columns = kind === 'HASH' ? parseNameList(cursor) : [];
  const buckets = cursor.accept('BUCKETS') ? cursor.integer() : undefined;
  return { kind, columns, buckets };
}

/** `ORDER BY (...)`, if it is there. */
export function parseSortKey(cursor: TokenCursor): readonly string[] {
  if (!cursor.accept('ORDER')) return [];
  cursor.expect('BY');
  return cursor.parenthesized(() => {
    const column = cursor.name();
    cursor.accept('ASC');
    if (cursor.at('DESC')) cursor.unsupported('a descending sort key');
    return column;
  });
}
