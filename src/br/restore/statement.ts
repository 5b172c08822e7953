/** The RESTORE statement (client contract 5.2, restore-jobs.md 3). */
import { quoteName } from '../connection/sql-text.ts';

export interface RestoreItem {
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

export function restoreText(statement: RestoreStatement): string {
  const { label, repository, sourceDatabase, database, items } = statement;
  const as = database === sourceDatabase ? '' : ` AS ${quoteName(database)}`;
  return [
    `RESTORE SNAPSHOT ${quoteName(label)}`,
    `    FROM ${quoteName(repository)}`,
    `    DATABASE ${quoteName(sourceDatabase)}${as}`,
    `    ON (${items.map(itemText).join(',\n        ')})`,
    `    PROPERTIES (${properties(statement).join(', ')})`,
  ].join('\n');
}

function itemText({ table, partitions, alias }: RestoreItem): string {
  const list =
    partitions === undefined ? '' : ` PARTITION (${partitions.map(quoteName).join(', ')})`;
  const as = alias === undefined || alias === table ? '' : ` AS ${quoteName(alias)}`;
  return `TABLE ${quoteName(table)}${list}${as}`;
}

function properties({ timestamp, replicationNum, timeoutSeconds }: RestoreStatement): string[] {
  return [
    `"backup_timestamp" = "${timestamp.replace(/[^0-9-]/g, '')}"`,
    ...(replicationNum === undefined ? [] : [`"replication_num" = "${replicationNum}"`]),
    ...(timeoutSeconds === undefined ? [] : [`"timeout" = "${timeoutSeconds}"`]),
  ];
}
