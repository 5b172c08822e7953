/** `srbr verify` and `srbr doctor`: looking without changing anything that was backed up. */
import type { Call } from '../cli/command-spec.ts';
import { runningJob } from '../cluster/jobs.ts';
import { snapshotDetails, snapshotOn } from '../cluster/snapshots.ts';
import type { Connection } from '../connection/connection.ts';
import { readOnly } from '../connection/guards.ts';
import { BrError, EXIT } from '../errors.ts';
import { readBooks } from '../history/read-books.ts';
import { type Finding, preflight } from '../jobs/preflight.ts';
import { updateMeta } from '../ops/backup-meta.ts';
import { NO_OBJECTS } from '../ops/backup-objects.ts';
import { manifestOf } from '../ops/manifest.ts';
import { SERVER_NOW } from '../ops/ops.ts';
import { type Books, resolveChain } from '../restore/chain.ts';
import { openSession, type Session, sessionOf } from './session.ts';

/** It can be restored if its chain is whole and each snapshot holds what its manifest says. */
export async function runVerify(call: Call): Promise<number> {
  const session = await openSession(call);
  const { ops, report } = session;
  const label = call.words[0] ?? '';
  const books = await readBooks(ops);
  const chain = resolveChain(books, {
    label,
    timestamp: undefined,
    database: session.config.database,
    group: undefined,
    base: session.options.text('base'),
  });
  const faults: string[] = [];
  for (const link of chain) {
    faults.push(...(await faultsOf(session, link, books)));
  }
  if (faults.length > 0) {
    throw new BrError('mismatch', `${label} cannot be restored: ${faults.join('; ')}`);
  }
  await updateMeta(ops, label, { verified_at: SERVER_NOW });
  report.result({ label, chain, faults }, [`${label} can be restored: ${chain.join(' -> ')}`]);
  return EXIT.ok;
}

async function faultsOf(
  { connection, config, ops }: Session,
  label: string,
  { metas }: Books,
): Promise<readonly string[]> {
  const snapshot = await snapshotOn(connection, config.repository, label);
  if (snapshot === undefined || !snapshot.isOk) {
    return [`snapshot ${label}: ${snapshot?.status ?? 'not in the repository'}`];
  }
  const details = await snapshotDetails(connection, config.repository, snapshot);
  if (details === undefined) return [`snapshot ${label}: the server does not tell what it holds`];
  const there = new Map([...details.tables].map(([name, names]) => [name, new Set(names)]));
  const lacking = (await manifestOf(ops, [label]))
    .filter(({ table, partition }) => there.get(table)?.has(partition) !== true)
    .map(({ table, partition }) => `${table}.${partition}`);
  const objects = metas.get(label)?.objects ?? NO_OBJECTS;
  const views = [...Object.keys(objects.views), ...objects.heldMaterializedViews];
  const lost = views.filter((name) => !details.tables.has(name));
  return [...lacking, ...lost].map((name) => `snapshot ${label} lacks ${name}`);
}

/** Every precheck, one line each; sends nothing that changes anything. */
export async function runDoctor(call: Call): Promise<number> {
  const { connection, config, report } = sessionOf(call, readOnly(call.connection));
  const { database } = config;
  const findings = [
    ...(await preflight(connection, config, { kind: 'backup', database, neededBytes: 0 })),
    await jobFinding(connection, database),
  ];
  report.result(
    findings,
    findings.map(({ isOk, what, text }) => `${isOk ? 'ok  ' : 'FAIL'} ${what}: ${text}`),
  );
  return findings.every(({ isOk }) => isOk) ? EXIT.ok : EXIT.preflight;
}

/** For a backup it is a conflict, which can be waited for; here it is one line more. */
async function jobFinding(connection: Connection, database: string): Promise<Finding> {
  const job = await runningJob(connection, database);
  const text =
    job === undefined
      ? `no job runs in '${database}'`
      : `${job.kind} ${job.label} runs in '${database}': ${job.state} ${job.progress}`.trim();
  return { what: 'jobs', isOk: job === undefined, text, isAboutDisks: false, code: 'conflict' };
}
