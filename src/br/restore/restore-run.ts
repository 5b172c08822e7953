/** What the parts of a restore share while it runs. */
import { tableNames } from '../cluster/names.ts';
import type { Session } from '../commands/session.ts';
import { quoteName, quotePath } from '../connection/sql-text.ts';
import type { Slot } from '../jobs/slot.ts';
import type { Journal } from './journal.ts';
import { partName, type RestorePlan } from './plan-restore.ts';
import type { PlannedObject } from './restore-objects.ts';

/** Everything that a later run must know to go on or to undo; stands in the journal as JSON. */
export interface RestoreOrder {
  readonly plan: RestorePlan;
  /** Views and the like; orders of earlier releases have none. */
  readonly objects?: readonly PlannedObject[];
  /** The server's timestamp of each snapshot, by label. */
  readonly timestamps: Readonly<Record<string, string>>;
  /** `YYYYMMDD_HHMMSS` on the cluster's wall: what tables set aside are called after. */
  readonly stamp: string;
  readonly startedAt: string;
  readonly replicationNum: number | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly noCutOver: boolean;
  readonly dropOld: boolean;
  readonly type: 'database' | 'table' | 'partition';
}

export interface RestoreRun {
  readonly session: Session;
  readonly journal: Journal;
  readonly order: RestoreOrder;
  readonly slot: Slot;
}

/** Tables that the restore makes on its way and that must be gone when it ends. */
export function temporaryNames({ plan }: Pick<RestoreOrder, 'plan'>): readonly string[] {
  return plan.tables.flatMap((table) => [
    ...(table.assembly === table.table ? [] : [table.assembly]),
    ...table.parts.slice(1).map((_, index) => partName(table, plan, index + 1)),
  ]);
}

export function dropText(database: string, table: string): string {
  return `DROP TABLE ${quotePath(database, table)} FORCE`;
}

export function renameText(database: string, from: string, to: string): string {
  return `ALTER TABLE ${quotePath(database, from)} RENAME ${quoteName(to)}`;
}

/** None if there is no such database. */
export async function existingTables(
  { connection }: Pick<Session, 'connection'>,
  database: string,
): Promise<readonly string[]> {
  const rows = await connection.query('SHOW DATABASES');
  const isThere = rows.some((row) => row['Database'] === database);
  return isThere ? await tableNames(connection, database) : [];
}

/** What a live table is called once it has been set aside. */
export function backupName({ stamp }: Pick<RestoreOrder, 'stamp'>, table: string): string {
  return `${table}_backup_${stamp}`;
}
