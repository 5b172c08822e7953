/** The BACKUP statement (client contract 4.1). */
import { quoteName } from '../connection/sql-text.ts';
import type { SelectedTable } from './selection.ts';

export interface BackupStatement {
  readonly database: string;
  readonly label: string;
  readonly repository: string;
  /** `undefined`: everything in the database, without ON. */
  readonly tables: readonly SelectedTable[] | undefined;
  readonly views: readonly string[];
  readonly materializedViews: readonly string[];
  readonly timeoutSeconds: number | undefined;
  readonly ttl: string | undefined;
}

export function backupText(statement: BackupStatement): string {
  const { database, label, repository } = statement;
  const head = `BACKUP DATABASE ${quoteName(database)} SNAPSHOT ${quoteName(label)}`;
  const on = statement.tables === undefined ? '' : `\n    ON (${objects(statement)})`;
  return `${head}\n    TO ${quoteName(repository)}${on}${properties(statement)}`;
}

function objects({ tables = [], views, materializedViews }: BackupStatement): string {
  return [
    ...tables.map(tableText),
    ...views.map((name) => `VIEW ${quoteName(name)}`),
    ...materializedViews.map((name) => `MATERIALIZED VIEW ${quoteName(name)}`),
  ].join(',\n        ');
}

export function tableText(table: Pick<SelectedTable, 'name' | 'isWhole' | 'partitions'>): string {
  const name = `TABLE ${quoteName(table.name)}`;
  if (table.isWhole) return name;
  return `${name} PARTITION (${table.partitions.map(quoteName).join(', ')})`;
}

function properties({ timeoutSeconds, ttl }: BackupStatement): string {
  const pairs: string[] = [];
  if (timeoutSeconds !== undefined) pairs.push(`"timeout" = "${timeoutSeconds}"`);
  if (ttl !== undefined) pairs.push(`"ttl" = "${ttl.replace(/["\\]/g, '')}"`);
  return pairs.length === 0 ? '' : `\n    PROPERTIES (${pairs.join(', ')})`;
}
