/** `srbr backup full` and `srbr backup incremental`. */
import { databasesOfGroup } from '../backup/members.ts';
import type { BackupRequest } from '../backup/plan-backup.ts';
import { type BackupResult, runBackup } from '../backup/run-backup.ts';
import type { Call, CommandRun } from '../cli/command-spec.ts';
import { EXIT } from '../errors.ts';
import { openSession, type Session } from './session.ts';
import { watched } from './watched.ts';

/** Upstream's times have whole seconds and were taken late: this much earlier counts as after. */
const MARGIN_MS_DEFAULT = 300_000;

export function backupCommand(type: BackupRequest['type']): CommandRun {
  return async (call) => {
    const session = await openSession(call);
    const databases = await databasesOf(session, call);
    const results: BackupResult[] = [];
    for (const database of databases) {
      const request = requestOf(session, type, database);
      const what = `${type} backup of ${database}, group ${request.group},`;
      results.push(await watched(session, what, () => runBackup(session, request)));
    }
    for (const result of results) tell(session, result);
    return results.some(({ outcome }) => outcome === 'DETACHED') ? EXIT.unfinished : EXIT.ok;
  };
}

async function databasesOf(
  session: Session,
  { options, config }: Call,
): Promise<readonly string[]> {
  const named = options.text('database') ?? config.database;
  if (named !== 'all') return [named];
  return await databasesOfGroup(session.ops, options.text('group') ?? '');
}

export function requestOf(
  { options, config }: Session,
  type: BackupRequest['type'],
  database: string,
): BackupRequest {
  return {
    type,
    group: options.text('group') ?? '',
    database,
    name: options.text('name'),
    baseline: options.text('baselineBackup'),
    since: options.text('since') === 'last-backup' ? 'last-backup' : 'last-full',
    marginMs: options.span('margin') ?? MARGIN_MS_DEFAULT,
    allowEmpty: options.flag('allowEmpty'),
    skipBrokenTables: options.flag('skipBrokenTables'),
    timeoutSeconds: options.count('timeout', 0) ?? config.backup.timeoutSeconds,
    ttl: options.text('ttl'),
    waitMs: options.span('waitForSlot') ?? config.slot.waitMs,
    ignoreDisks: options.flag('noPrecheck'),
    metaSnapshot: config.backup.metaSnapshot && !options.flag('noMetaSnapshot'),
    countsRows: config.backup.countRows,
    isDetached: options.flag('detach'),
    isDryRun: options.flag('dryRun'),
    onInterrupt: options.text('onInterrupt') === 'cancel' ? 'cancel' : 'detach',
  };
}

export function tell({ report }: Session, result: BackupResult): void {
  const { outcome, label, type, baseline, tables, statement } = result;
  const partitions = tables.reduce((sum, table) => sum + table.partitions.length, 0);
  const document = { ...result, partitionCount: partitions };
  if (outcome === 'EMPTY') report.result(document, ['nothing to back up']);
  else if (outcome === 'DRY-RUN') report.result(document, [statement ?? 'nothing to back up']);
  else {
    const what = `${tables.length} tables, ${partitions} partitions`;
    const on = baseline === undefined ? '' : ` on ${baseline}`;
    report.result(document, [`${label} ${outcome}: ${type}${on}, ${what}`]);
  }
}
