/** `srbr backup auto`: decides between full and incremental, says why, and runs it (BR-AUTO). */
import { chooseType } from '../backup/auto.ts';
import { type BaselineChoice, findBaseline } from '../backup/baseline.ts';
import { membersOf } from '../backup/members.ts';
import { liveTables } from '../backup/plan-backup.ts';
import { type BackupResult, runBackup } from '../backup/run-backup.ts';
import { selectChanged } from '../backup/selection.ts';
import type { Call } from '../cli/command-spec.ts';
import { dialectOf } from '../cluster/dialect.ts';
import { BrError, EXIT } from '../errors.ts';
import { historyOf } from '../ops/history.ts';
import { serverNow } from '../ops/ops.ts';
import { requestOf, tell } from './backup.ts';
import { openSession, type Session } from './session.ts';
import { watched } from './watched.ts';

export async function runBackupAuto(call: Call): Promise<number> {
  const session = await openSession(call);
  const database = session.options.text('database') ?? session.config.database;
  const what = `automatic backup of ${database}, group ${session.options.text('group')},`;
  tell(session, await watched(session, what, () => decideAndRun(session, database)));
  return EXIT.ok;
}

async function decideAndRun(session: Session, database: string): Promise<BackupResult> {
  const { connection, config, ops, report, options } = session;
  const { auto } = config.backup;
  const request = {
    ...requestOf(session, 'incremental', database),
    since: auto.since,
    allowEmpty: options.flag('allowEmpty') || auto.allowEmpty,
  };
  const members = await membersOf(connection, ops, config, request, await dialectOf(connection));
  const baseline = await baselineOf(session, { ...request, label: undefined });
  const tables = await liveTables(session, request, members);
  const root = baseline === undefined ? undefined : await historyOf(ops, baseline.rootLabel);
  const choice = chooseType(
    {
      baseline,
      fullStartedAt: root?.startedAt,
      now: await serverNow(connection),
      tables,
      changed: baseline === undefined ? [] : selectChanged(tables, baseline.baseline),
    },
    auto,
  );
  report.info(`${choice.type}: ${choice.reason}`);
  return await runBackup(session, { ...request, type: choice.type });
}

/** Without a full backup there is nothing to measure against, which is no failure here. */
async function baselineOf(
  session: Session,
  wish: Parameters<typeof findBaseline>[1],
): Promise<BaselineChoice | undefined> {
  try {
    return await findBaseline(session, wish);
  } catch (error) {
    if (error instanceof BrError && error.code === 'no-full-backup') return undefined;
    throw error;
  }
}
