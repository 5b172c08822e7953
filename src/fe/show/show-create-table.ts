/** SHOW CREATE TABLE: the text that would make the table again (sql-surface.md 4.10). */

import type { SimError } from '../../base/errors.ts';
import type { Op } from '../../base/op.ts';
import { typeText } from '../../base/sql-type.ts';
import type {
  Column,
  Database,
  OlapTable,
  Partition,
  RangeKey,
  TableIndex,
  View,
} from '../../catalog/model.ts';
import { partitionExpressionText } from '../../catalog/partition-expression.ts';
import { listText } from '../../catalog/partition-list.ts';
import { partitionsInOrder } from '../../catalog/partition-lookup.ts';
import { partitionColumns } from '../../catalog/partition-range.ts';
import { minimumText } from '../../catalog/range-key.ts';
import { RESERVED_WORDS } from '../../sql/keywords.ts';
import { analysisError } from '../analysis-error.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { baseSchema, relationNamed } from '../resolve.ts';
import { createMaterializedViewText } from './create-materialized-view-text.ts';
import { distributionText, names, quoted, text } from './create-text.ts';

export const showCreateTable: Executor<'show-create-table'> = function* (
  frontend,
  session,
  statement,
): Op<StatementResult> {
  const { database, relation } = relationNamed(frontend, session, statement.table);
  const info = relation.kind === 'VIEW' ? undefined : relation.materializedView;
  if (relation.kind !== 'VIEW' && info !== undefined) {
    if (statement.onlyView) throw wrongObject(database, relation, 'VIEW');
    return showResult(
      ['Materialized View', 'Create Materialized View'],
      [[relation.name, createMaterializedViewText(relation, info, session.timeZone)]],
    );
  }
  if (statement.onlyMaterializedView === true) {
    throw wrongObject(database, relation, 'MATERIALIZED VIEW');
  }
  if (relation.kind === 'VIEW') {
    return showResult(
      ['View', 'Create View', 'character_set_client', 'collation_connection'],
      [[relation.name, createViewText(relation), 'utf8', 'utf8_general_ci']],
    );
  }
  if (statement.onlyView) {
    throw wrongObject(database, relation, 'VIEW');
  }
  return showResult(['Table', 'Create Table'], [[relation.name, createTableText(relation)]]);
};

function wrongObject({ name: db }: Database, { name }: OlapTable | View, wanted: string): SimError {
  return analysisError(`'${db}.${name}' is not ${wanted}`, 'wrong-object');
}

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
    [...schema.map(columnText), ...(table.indexes ?? []).map(indexText)]
      .map((line) => `  ${line}`)
      .join(',\n'),
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

function indexText({ name, columns, type, properties, comment }: TableIndex): string {
  const given = [...properties].map(([key, value]) => `${text(key)} = ${text(value)}`);
  const inner = given.length === 0 ? '' : `(${given.join(', ')})`;
  const head = `INDEX ${quoted(name)} (${names(columns)}) USING ${type}${inner}`;
  return `${head} COMMENT ${text(comment)}`;
}

function columnText(column: Column): string {
  const parts = [quoted(column.name), typeText(column.type)];
  if (column.aggregationType !== undefined) parts.push(column.aggregationType);
  parts.push(column.isAllowNull ? 'NULL' : 'NOT NULL');
  if (column.isAutoIncrement) parts.push('AUTO_INCREMENT');
  const { defaultValue } = column;
  if (defaultValue?.kind === 'literal') parts.push(`DEFAULT ${text(defaultValue.text)}`);
  if (defaultValue?.kind === 'expression') parts.push(`DEFAULT ${defaultValue.text}`);
  parts.push(`COMMENT ${text(column.comment)}`);
  return parts.join(' ');
}

function partitionLines(table: OlapTable): readonly string[] {
  const { partitionBy } = table;
  const columns = partitionColumns(table);
  const partitions = partitionsInOrder(table.partitions, columns);
  switch (partitionBy.kind) {
    case 'UNPARTITIONED':
      return [];
    case 'RANGE':
      return [
        `PARTITION BY RANGE(${names(partitionBy.columns)})`,
        `(${partitions.map((partition) => rangePartitionText(table, partition, columns)).join(',\n')})`,
      ];
    // What loads make is not part of the definition.
    case 'EXPR_RANGE': {
      const isReserved = (name: string): boolean => RESERVED_WORDS.has(name.toUpperCase());
      return [`PARTITION BY ${partitionExpressionText(partitionBy, isReserved)}`];
    }
    case 'LIST': {
      const list = partitionBy.columns.map(quoted).join(',');
      if (partitionBy.isAutomatic) return [`PARTITION BY (${list})`];
      const lines = partitions.map((partition) => listPartitionText(table, partition));
      return [`PARTITION BY LIST(${list})(\n${lines.join(',\n')}\n)`];
    }
  }
}

function listPartitionText(table: OlapTable, partition: Partition): string {
  const values = listText(partition.list ?? [], table.partitionBy);
  return `  PARTITION ${partition.name} VALUES IN ${values}${ownProperties(table, partition)}`;
}

function rangePartitionText(
  table: OlapTable,
  partition: Partition,
  columns: readonly Column[],
): string {
  const { name, range } = partition;
  const key = (of: RangeKey): string => keyText(of, columns);
  const bounds = range === undefined ? '' : `[${key(range.lower)}, ${key(range.upper)})`;
  return `PARTITION ${name} VALUES ${bounds}${ownProperties(table, partition)}`;
}

function ownProperties(table: OlapTable, { replicationNum }: Partition): string {
  const isOwn = String(replicationNum) !== table.properties.get('replication_num');
  return isOwn ? ` ("replication_num" = "${replicationNum}")` : '';
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
