/** SHOW CREATE TABLE: the text that would make the table again (sql-surface.md 4.10). */
import type { Op } from '../../base/op.ts';
import { typeText } from '../../base/sql-type.ts';
import type { Column, OlapTable, Partition, RangeKey, View } from '../../catalog/model.ts';
import { partitionColumns, partitionsInOrder } from '../../catalog/partition-range.ts';
import { minimumText } from '../../catalog/range-key.ts';
import { analysisError } from '../analysis-error.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { baseSchema, relationNamed } from '../resolve.ts';

export const showCreateTable: Executor<'show-create-table'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { database, relation } = relationNamed(frontend, session, statement.table);
  if (relation.kind === 'VIEW') {
    return showResult(
      ['View', 'Create View', 'character_set_client', 'collation_connection'],
      [[relation.name, createViewText(relation), 'utf8', 'utf8_general_ci']],
    );
  }
  if (statement.onlyView) {
    throw analysisError(`'${database.name}.${relation.name}' is not VIEW`);
  }
  return showResult(['Table', 'Create Table'], [[relation.name, createTableText(relation)]]);
};

export function createViewText(view: View): string {
  const columns = view.columns.map(({ name, comment }) =>
    comment === '' ? quoted(name) : `${quoted(name)} COMMENT ${text(comment)}`,
  );
  const comment = view.comment === '' ? '' : `\nCOMMENT ${text(view.comment)}`;
  const head = `CREATE VIEW ${quoted(view.name)} (${columns.join(', ')})${comment}`;
  return `${head}\nAS ${view.definition};`;
}

const KEY_WORDS = {
  DUP_KEYS: 'DUPLICATE KEY',
  AGG_KEYS: 'AGGREGATE KEY',
  UNIQUE_KEYS: 'UNIQUE KEY',
  PRIMARY_KEYS: 'PRIMARY KEY',
} as const;

export function createTableText(table: OlapTable): string {
  const schema = baseSchema(table);
  const keys = schema.filter((column) => column.isKey);
  const lines = [
    `CREATE TABLE ${quoted(table.name)} (`,
    schema.map((column) => `  ${columnText(column)}`).join(',\n'),
    ') ENGINE=OLAP ',
    `${KEY_WORDS[table.keysType]}(${names(keys.map((column) => column.name))})`,
  ];
  if (table.comment !== '') lines.push(`COMMENT ${text(table.comment)}`);
  lines.push(...partitionLines(table), distributionText(table));
  if (table.sortKey.length > 0) lines.push(`ORDER BY(${names(table.sortKey)})`);
  const properties = [...table.properties].map(([key, value]) => `${text(key)} = ${text(value)}`);
  lines.push(`PROPERTIES (\n${properties.join(',\n')}\n);`);
  return lines.join('\n');
}

function columnText(column: Column): string {
  const parts = [quoted(column.name), typeText(column.type)];
  if (column.aggregationType !== undefined) parts.push(column.aggregationType);
  parts.push(column.isAllowNull ? 'NULL' : 'NOT NULL');
  const { defaultValue } = column;
  if (defaultValue?.kind === 'literal') parts.push(`DEFAULT ${text(defaultValue.text)}`);
  if (defaultValue?.kind === 'expression') parts.push(`DEFAULT ${defaultValue.text}`);
  parts.push(`COMMENT ${text(column.comment)}`);
  return parts.join(' ');
}

function partitionLines(table: OlapTable): readonly string[] {
  if (table.partitionBy.kind === 'UNPARTITIONED') return [];
  const columns = partitionColumns(table);
  const partitions = partitionsInOrder(table.partitions, columns);
  return [
    `PARTITION BY RANGE(${names(table.partitionBy.columns)})`,
    `(${partitions.map((partition) => partitionText(table, partition, columns)).join(',\n')})`,
  ];
}

function partitionText(
  table: OlapTable,
  { name, range, replicationNum }: Partition,
  columns: readonly Column[],
): string {
  const key = (of: RangeKey): string => keyText(of, columns);
  const bounds = range === undefined ? '' : `[${key(range.lower)}, ${key(range.upper)})`;
  const isOwn = String(replicationNum) !== table.properties.get('replication_num');
  const own = isOwn ? ` ("replication_num" = "${replicationNum}")` : '';
  return `PARTITION ${name} VALUES ${bounds}${own}`;
}

/** The lowest value of a type is what its column begins with; there is no word for it. */
function keyText(key: RangeKey, columns: readonly Column[]): string {
  const values = key.map((part, at) => {
    if (part.kind === 'value') return text(part.text);
    const column = columns[at];
    return part.kind === 'max' || column === undefined ? 'MAXVALUE' : text(minimumText(column));
  });
  return `(${values.join(', ')})`;
}

function distributionText(table: OlapTable): string {
  const distribution = table.defaultDistribution;
  const buckets = `BUCKETS ${distribution.buckets} `;
  return distribution.kind === 'RANDOM'
    ? `DISTRIBUTED BY RANDOM ${buckets}`
    : `DISTRIBUTED BY HASH(${names(distribution.columns)}) ${buckets}`;
}

function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function names(list: readonly string[]): string {
  return list.map(quoted).join(', ');
}

function text(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
