/** The BACKUP statement (client contract 4.1). */
import type { Dialect } from '../cluster/dialect.ts';
import { quoteName, quotePath } from '../connection/sql-text.ts';
import type { SelectedTable } from './selection.ts';

export interface BackupStatement {
  readonly database: string;
  readonly label: string;
  readonly repository: string;
  /** `undefined`: everything in the database, without ON. */
  readonly tables: readonly SelectedTable[] | undefined;
  readonly views: readonly string[];
  readonly materializedViews: readonly string[];
  readonly functions: readonly string[];
  readonly timeoutSeconds: number | undefined;
  readonly ttl: string | undefined;
}

export function backupText(statement: BackupStatement, dialect: Dialect): string {
  const { database, label, repository } = statement;
  const head = dialect.hasDatabaseClause
    ? `BACKUP DATABASE ${quoteName(database)} SNAPSHOT ${quoteName(label)}`
    : `BACKUP SNAPSHOT ${quotePath(database, label)}`;
  const on = statement.tables === undefined ? '' : `\n    ON (${objects(statement, dialect)})`;
  return `${head}\n    TO ${quoteName(repository)}${on}${properties(statement)}`;
}

function objects(statement: BackupStatement, { hasObjectKinds }: Dialect): string {
  const { tables = [], views, materializedViews, functions } = statement;
  const kind = (word: string): string => (hasObjectKinds ? `${word} ` : '');
  return [
    ...tables.map((table) => `${kind('TABLE')}${tableText(table)}`),
    ...views.map((name) => `${kind('VIEW')}${quoteName(name)}`),
    ...materializedViews.map((name) => `${kind('MATERIALIZED VIEW')}${quoteName(name)}`),
    ...functions.map((name) => `${kind('FUNCTION')}${quoteName(name)}`),
  ].join(',\n        ');
}

function tableText(table: Pick<SelectedTable, 'name' | 'isWhole' | 'partitions'>): string {
  const name = quoteName(table.name);
  if (table.isWhole) return name;
  return `${name} PARTITION (${table.partitions.map(quoteName).join(', ')})`;
}

function properties({ timeoutSeconds, ttl }: BackupStatement): string {
  const pairs: string[] = [];
  if (timeoutSeconds !== undefined) pairs.push(`"timeout" = "${timeoutSeconds}"`);
  if (ttl !== undefined) pairs.push(`"ttl" = "${ttl.replace(/["\\]/g, '')}"`);
  return pairs.length === 0 ? '' : `\n    PROPERTIES (${pairs.join(', ')})`;
}
