/** What a run of a backup is asked for, and what it makes of that before anything is sent. */
import type { Dialect } from '../cluster/dialect.ts';
import { livePartitions, schemaSignatures } from '../cluster/partitions.ts';
import type { Session } from '../commands/session.ts';
import { BrError, messageOf, ServerError } from '../errors.ts';
import type { BackupObjects } from '../ops/backup-objects.ts';
import { serverNow } from '../ops/ops.ts';
import type { BaselineChoice } from './baseline.ts';
import { defaultLabel, freeLabel, takenLabels } from './labels.ts';
import type { Members } from './members.ts';
import { haveObjectsChanged, objectsOf } from './plan-objects.ts';
import { type LiveTable, type SelectedTable, selectAll, selectChanged } from './selection.ts';
import { type BackupStatement, backupText } from './statement.ts';

export interface BackupRequest {
  readonly type: 'full' | 'incremental';
  readonly group: string;
  readonly database: string;
  readonly name: string | undefined;
  readonly baseline: string | undefined;
  readonly since: 'last-full' | 'last-backup';
  readonly marginMs: number;
  readonly allowEmpty: boolean;
  readonly skipBrokenTables: boolean;
  readonly timeoutSeconds: number | undefined;
  readonly ttl: string | undefined;
  readonly waitMs: number;
  readonly ignoreDisks: boolean;
  readonly metaSnapshot: boolean;
  readonly countsRows: boolean;
  readonly isDetached: boolean;
  readonly isDryRun: boolean;
  readonly onInterrupt: 'detach' | 'cancel';
}

export interface BackupPlan {
  readonly members: Members;
  readonly baseline: BaselineChoice | undefined;
  readonly tables: readonly LiveTable[];
  readonly selection: readonly SelectedTable[];
  readonly objects: BackupObjects;
  readonly dialect: Dialect;
  /** Nothing has changed since the baseline. */
  readonly isEmpty: boolean;
}

/** Free at this moment; the repository may still refuse it. */
export async function chooseLabel(
  { connection, ops, config }: Session,
  { name, database, type }: BackupRequest,
  refused: ReadonlySet<string>,
): Promise<string> {
  const taken = await takenLabels(connection, ops, config.repository);
  const wanted = name ?? defaultLabel(database, await serverNow(connection), type);
  return freeLabel(wanted, new Set([...taken, ...refused]));
}

export async function planOf(
  session: Session,
  request: BackupRequest,
  { members, baseline, dialect }: Pick<BackupPlan, 'members' | 'baseline' | 'dialect'>,
): Promise<BackupPlan> {
  const tables = await liveTables(session, request, members);
  const selection =
    baseline === undefined ? selectAll(tables) : selectChanged(tables, baseline.baseline);
  for (const { name, why } of selection) {
    if (why === 'schema') session.report.warn(`${name}: its schema has changed, all of it goes in`);
  }
  const objects = await objectsOf(session.connection, members, baseline?.objects);
  const isNew = baseline?.objects !== undefined && haveObjectsChanged(objects, baseline.objects);
  const isEmpty = baseline !== undefined && selection.length === 0 && !isNew;
  return { members, baseline, tables, selection, objects, dialect, isEmpty };
}

/** Read before BACKUP is sent: what changes later is not in these versions, and so comes again. */
export async function liveTables(
  { connection, report }: Session,
  { database, skipBrokenTables }: BackupRequest,
  { tables }: Members,
): Promise<readonly LiveTable[]> {
  const signatures = await schemaSignatures(connection, database);
  const live: LiveTable[] = [];
  for (const name of tables) {
    try {
      const partitions = await livePartitions(connection, database, name);
      live.push({ name, schemaSignature: signatures.get(name) ?? '', partitions });
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      const text = `the partitions of ${database}.${name} cannot be read: ${messageOf(error)}`;
      if (!skipBrokenTables) {
        throw new BrError('failed', text, {
          advice: ['--skip-broken-tables leaves the table out of the backup'],
          cause: error,
        });
      }
      report.warn(`${text}; it is left out`);
    }
  }
  return live;
}

export function statementOf(
  request: BackupRequest,
  { members, selection, tables, objects, dialect }: BackupPlan,
  label: string,
  repository: string,
): string {
  const isComplete = tables.length === members.tables.length;
  const isEverything = request.type === 'full' && members.isWholeDatabase && isComplete;
  const statement: BackupStatement = {
    database: request.database,
    label,
    repository,
    tables: isEverything ? undefined : selection,
    views: members.views,
    materializedViews: objects.heldMaterializedViews,
    functions: members.functions,
    timeoutSeconds: request.timeoutSeconds,
    ttl: request.ttl,
  };
  return backupText(statement, dialect);
}
