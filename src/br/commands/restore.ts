/** `srbr restore` (BR-REST, BR-CUT). */
import type { Call } from '../cli/command-spec.ts';
import { quoteName } from '../connection/sql-text.ts';
import { EXIT } from '../errors.ts';
import { tableLines } from '../report/table.ts';
import { type Prepared, prepareRestore, type RestoreRequest } from '../restore/prepare-restore.ts';
import { dropText } from '../restore/restore-run.ts';
import { resumeRestore } from '../restore/resume.ts';
import { rollBack } from '../restore/roll-back.ts';
import { type RestoreResult, runRestore } from '../restore/run-restore.ts';
import { confirm } from './confirm.ts';
import { openSession, type Session } from './session.ts';
import { watched } from './watched.ts';

export async function runRestoreCommand(call: Call): Promise<number> {
  const session = await openSession(call);
  const { options, report, config } = session;
  const resume = options.text('resume');
  if (resume !== undefined) return tell(session, await resumeRestore(session, resume));
  const rollback = options.text('rollback');
  if (rollback !== undefined) {
    const tables = await rollBack(session, rollback);
    report.result({ jobId: rollback, tables }, [`as before the restore: ${tables.join(', ')}`]);
    return EXIT.ok;
  }
  const request = requestOf(session);
  const prepared = await prepareRestore(session, request);
  const { plan } = prepared.order;
  if (options.flag('dryRun')) {
    report.result(plan, planLines(prepared, config.repository));
    return EXIT.ok;
  }
  await agree(session, prepared);
  const wish = {
    label: plan.labels.at(-1) ?? '',
    database: plan.database,
    waitMs: options.span('waitForSlot') ?? config.slot.waitMs,
    async orderNow() {
      const now = await prepareRestore(session, request);
      if (planText(now) !== planText(prepared)) {
        report.warn('what is there has changed since the plan was made; now it is:');
        await agree(session, now);
      }
      await clearWay(session, now);
      return now.order;
    },
  };
  const restore = () => runRestore(session, wish);
  return tell(session, await watched(session, 'restore', restore));
}

async function agree(session: Session, prepared: Prepared): Promise<void> {
  const { report, options, config, ports } = session;
  for (const line of planLines(prepared, config.repository)) report.info(line);
  if (!options.flag('yes')) await confirm(ports, 'Restore?');
}

/** What a user has agreed to. */
function planText({ order, leftovers, mustCreateDatabase }: Prepared): string {
  return JSON.stringify([order.plan, leftovers, mustCreateDatabase]);
}

function requestOf({ options }: Session): RestoreRequest {
  const strategy = options.text('strategy');
  return {
    label: options.text('targetLabel'),
    timestamp: options.text('timestamp'),
    group: options.text('group'),
    table: options.text('table')?.trim(),
    base: options.text('base'),
    suffix: options.text('renameSuffix') ?? '_restored',
    toDatabase: options.text('toDatabase'),
    strategy: strategy === 'staged' || strategy === 'in-place' ? strategy : 'auto',
    noCutOver: options.flag('noCutover'),
    dropOld: options.flag('dropOld'),
    overwriteTemporary: options.flag('overwriteTemp'),
    createDatabase: options.flag('createDatabase'),
    ignoreDisks: options.flag('noPrecheck'),
    replicationNum: options.count('replicationNum', 1),
    timeoutSeconds: options.count('timeout', 0),
  };
}

function planLines({ order, leftovers }: Prepared, repository: string): readonly string[] {
  const { plan } = order;
  const rows = plan.tables.map((table) => [
    table.table,
    table.strategy,
    table.parts.map(({ label }) => label).join(' + '),
    String(table.dataBytes),
    table.hasLive ? (order.noCutOver ? 'stays' : 'is replaced') : 'is created',
  ]);
  return [
    `repository ${repository}, chain ${plan.labels.join(' -> ')}`,
    `into database ${plan.database}, temporary tables end in ${plan.suffix}`,
    ...tableLines(['TABLE', 'STRATEGY', 'FROM', 'BYTES', 'LIVE TABLE'], rows),
    ...(order.objects ?? []).map(({ kind, name, label }) => {
      return `${kind.toLowerCase()} ${name} from ${label}, if it is missing`;
    }),
    ...(leftovers.length > 0 ? [`dropped first: ${leftovers.join(', ')}`] : []),
  ];
}

async function clearWay(session: Session, prepared: Prepared): Promise<void> {
  const { database } = prepared.order.plan;
  if (prepared.mustCreateDatabase) {
    await session.connection.query(`CREATE DATABASE IF NOT EXISTS ${quoteName(database)}`);
  }
  for (const name of prepared.leftovers) await session.connection.query(dropText(database, name));
}

function tell({ report }: Session, result: RestoreResult): number {
  const { jobId, database, tables, objects, notRestored, setAside, checksum } = result;
  report.result(result, [
    `${jobId}: ${tables.length} tables of ${database} restored, checksum ${checksum}`,
    ...(objects.length > 0 ? [`also restored: ${objects.join(', ')}`] : []),
    ...(notRestored.length > 0 ? [`not restored: ${notRestored.join(', ')}`] : []),
    ...(setAside.length > 0 ? [`the tables that were live: ${setAside.join(', ')}`] : []),
    ...(setAside.length > 0 ? [`undo: srbr restore --rollback '${jobId}'`] : []),
  ]);
  return notRestored.length === 0 ? EXIT.ok : EXIT.partial;
}
