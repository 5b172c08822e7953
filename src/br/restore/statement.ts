/** The RESTORE statement (client contract 5.2, restore-jobs.md 3). */
import type { Dialect } from '../cluster/dialect.ts';
import { quoteName, quotePath } from '../connection/sql-text.ts';

export interface RestoreItem {
  /** Without: a table. */
  readonly kind?: 'VIEW' | 'MATERIALIZED VIEW' | 'FUNCTION';
  /** Its name in the snapshot. */
  readonly table: string;
  readonly partitions: readonly string[] | undefined;
  /** `undefined`: under its own name. */
  readonly alias: string | undefined;
}

export interface RestoreStatement {
  readonly label: string;
  readonly repository: string;
  readonly sourceDatabase: string;
  readonly database: string;
  readonly items: readonly RestoreItem[];
  readonly timestamp: string;
  readonly replicationNum: number | undefined;
  readonly timeoutSeconds: number | undefined;
}

export function restoreText(statement: RestoreStatement, dialect: Dialect): string {
  const objects = statement.items.map((item) => itemText(item, dialect));
  return [
    ...headOf(statement, dialect),
    `    ON (${objects.join(',\n        ')})`,
    `    PROPERTIES (${properties(statement).join(', ')})`,
  ].join('\n');
}

/** Before 3.4 the label's prefix is the database to restore into, whatever the snapshot's is. */
function headOf(
  { label, repository, sourceDatabase, database }: RestoreStatement,
  { hasDatabaseClause }: Dialect,
): readonly string[] {
  const from = `    FROM ${quoteName(repository)}`;
  if (!hasDatabaseClause) return [`RESTORE SNAPSHOT ${quotePath(database, label)}`, from];
  const as = database === sourceDatabase ? '' : ` AS ${quoteName(database)}`;
  const source = `    DATABASE ${quoteName(sourceDatabase)}${as}`;
  return [`RESTORE SNAPSHOT ${quoteName(label)}`, from, source];
}

function itemText(
  { kind, table, partitions, alias }: RestoreItem,
  { hasObjectKinds }: Dialect,
): string {
  const list =
    partitions === undefined ? '' : ` PARTITION (${partitions.map(quoteName).join(', ')})`;
  const as = alias === undefined || alias === table ? '' : ` AS ${quoteName(alias)}`;
  return `${hasObjectKinds ? `${kind ?? 'TABLE'} ` : ''}${quoteName(table)}${list}${as}`;
}

function properties({ timestamp, replicationNum, timeoutSeconds }: RestoreStatement): string[] {
  return [
    `"backup_timestamp" = "${timestamp.replace(/[^0-9-]/g, '')}"`,
    ...(replicationNum === undefined ? [] : [`"replication_num" = "${replicationNum}"`]),
    ...(timeoutSeconds === undefined ? [] : [`"timeout" = "${timeoutSeconds}"`]),
  ];
}
