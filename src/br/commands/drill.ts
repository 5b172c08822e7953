/** `srbr drill`: restores a sample of a backup, compares it, drops it (BR-DRILL). */
import type { Call } from '../cli/command-spec.ts';
import { type DrillResult, runDrill } from '../drill/run-drill.ts';
import { sampleOf } from '../drill/sample.ts';
import { BrError, EXIT } from '../errors.ts';
import { readBooks } from '../history/read-books.ts';
import type { DrillScope } from '../monitor/facts.ts';
import { readHistory } from '../ops/history.ts';
import { serverNow } from '../ops/ops.ts';
import { tableLines } from '../report/table.ts';
import { databaseOf } from '../restore/chain.ts';
import { prepareRestore } from '../restore/prepare-restore.ts';
import { openSession, type Session } from './session.ts';
import { watched } from './watched.ts';

export async function runDrillCommand(call: Call): Promise<number> {
  const session = await openSession(call);
  const { options, config, report } = session;
  const result = await watched(session, 'drill', async () => {
    const scope = (options.text('scope') ?? 'table') as DrillScope;
    const id = (await serverNow(session.connection)).replace(/\D/g, '');
    const label = await labelOf(session, options.text('label') ?? 'latest');
    const database = databaseOf(await readBooks(session.ops), label) ?? config.database;
    const scratch = `${database}__drill_${id}`;
    const prepared = await prepareRestore(session, {
      label,
      timestamp: undefined,
      group: undefined,
      table: undefined,
      base: options.text('base'),
      suffix: `__drill_${id}`,
      toDatabase: scope === 'database' ? scratch : undefined,
      strategy: 'auto',
      noCutOver: true,
      dropOld: false,
      overwriteTemporary: false,
      createDatabase: true,
      ignoreDisks: options.flag('noPrecheck'),
      replicationNum: undefined,
      timeoutSeconds: undefined,
      narrow: (contents) =>
        sampleOf(contents, scope, options.count('sample', 1) ?? 1, session.ports.random),
    });
    const waitMs = options.span('waitForSlot') ?? config.slot.waitMs;
    return await runDrill(session, { id, scope, prepared, waitMs });
  });
  report.result(result, linesOf(result));
  return EXIT.ok;
}

/** The newest that finished, of the configured database where it has any. */
async function labelOf({ ops, config }: Session, wanted: string): Promise<string> {
  if (wanted !== 'latest') return wanted;
  const books = await readBooks(ops);
  const good = (await readHistory(ops)).filter(({ status }) => status === 'FINISHED');
  const ours = good.filter(({ label }) => databaseOf(books, label) === config.database);
  const last = ours.at(-1);
  if (last !== undefined) return last.label;
  throw new BrError('label-unknown', `there is no finished backup of ${config.database}`, {
    advice: ['srbr list shows what there is', 'srbr drill --label <label> names another one'],
  });
}

function linesOf({ jobId, label, scope, checksum, tables }: DrillResult): readonly string[] {
  const rows = tables.map(({ table, restored, expected, with: what }) => [
    table,
    restored.checksum,
    expected === null ? '-' : (expected.checksum ?? `${expected.rows} rows`),
    what,
  ]);
  return [
    ...tableLines(['TABLE', 'RESTORED', 'EXPECTED', 'COMPARED WITH'], rows),
    `${jobId}: ${scope} drill of ${label} passed, checksum ${checksum}`,
  ];
}
