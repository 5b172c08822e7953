/** From what the user asked for to an order that can be carried out; changes nothing. */
import { formatDateTime, parseDateTime } from '../../base/time-zone.ts';
import { snapshotOn } from '../cluster/snapshots.ts';
import { clusterZone } from '../cluster/zone.ts';
import type { Session } from '../commands/session.ts';
import { BrError } from '../errors.ts';
import { readBooks } from '../history/read-books.ts';
import { preflight, requireClean } from '../jobs/preflight.ts';
import { inventoryEntries } from '../ops/inventory.ts';
import { manifestOf } from '../ops/manifest.ts';
import { serverNow } from '../ops/ops.ts';
import { statesOf } from '../ops/partition-state.ts';
import { type Books, resolveChain } from './chain.ts';
import { type ChainContents, chainContents } from './contents.ts';
import { planRestore, type RestorePlan } from './plan-restore.ts';
import { type PlannedObject, plannedObjects } from './restore-objects.ts';
import { backupName, existingTables, type RestoreOrder, temporaryNames } from './restore-run.ts';

export interface RestoreRequest {
  readonly label: string | undefined;
  readonly timestamp: string | undefined;
  readonly group: string | undefined;
  readonly table: string | undefined;
  readonly base: string | undefined;
  readonly suffix: string;
  readonly toDatabase: string | undefined;
  readonly strategy: 'auto' | 'staged' | 'in-place';
  readonly noCutOver: boolean;
  readonly dropOld: boolean;
  readonly overwriteTemporary: boolean;
  readonly createDatabase: boolean;
  readonly ignoreDisks: boolean;
  readonly replicationNum: number | undefined;
  readonly timeoutSeconds: number | undefined;
  /** Takes a part of what was live at the target; all of it without. */
  readonly narrow?: (contents: ChainContents) => ChainContents;
}

export interface Prepared {
  readonly order: RestoreOrder;
  /** Left over from earlier runs, to be dropped first. */
  readonly leftovers: readonly string[];
  readonly mustCreateDatabase: boolean;
}

export async function prepareRestore(session: Session, request: RestoreRequest): Promise<Prepared> {
  const { connection, config, ops, report } = session;
  const books = await readBooks(ops);
  const labels = await chainFor(session, request, books);
  const all = chainContents(labels, await statesOf(ops, labels), await manifestOf(ops, labels));
  const contents = request.narrow?.(all) ?? all;
  const timestamps = await snapshotTimestamps(session, labels);
  const database = request.toDatabase ?? contents.database;
  const there = await existingTables(session, database);
  const isThere = (await connection.query('SHOW DATABASES')).some(
    (row) => row['Database'] === database,
  );
  if (!isThere && !request.createDatabase && request.toDatabase === undefined) {
    throw new BrError('preflight', `there is no database '${database}'`, {
      advice: ['--create-database makes it'],
    });
  }
  const isWanted = await tableFilter(session, request, contents);
  const plan = planRestore(contents, {
    labels,
    database,
    suffix: request.suffix,
    isWanted,
    strategy: request.strategy,
    noCutOver: request.noCutOver,
    there: new Set(there),
  });
  const isEverything = request.table === undefined && request.group === undefined;
  const planned = request.noCutOver
    ? []
    : plannedObjects(books.metas, { labels, isWanted, isEverything });
  const objects = database === plan.sourceDatabase ? planned : withoutViews(planned, session);
  if (objects.length === 0) requireTables(plan, request, labels.at(-1) ?? '');
  const findings = await preflight(connection, config, {
    kind: 'restore',
    database: undefined,
    neededBytes: neededBytes(plan, request),
  });
  requireClean(findings, request.ignoreDisks, report);
  const now = await serverNow(connection);
  const order: RestoreOrder = {
    plan,
    objects,
    timestamps,
    stamp: freeStamp(now, plan, new Set(there)),
    startedAt: now,
    replicationNum: request.replicationNum,
    timeoutSeconds: request.timeoutSeconds,
    noCutOver: request.noCutOver,
    dropOld: request.dropOld,
    type: request.table !== undefined || request.group !== undefined ? 'table' : 'database',
  };
  const leftovers = temporaryNames(order).filter((name) => there.includes(name));
  if (leftovers.length > 0 && !request.overwriteTemporary) throw temporaryThere(leftovers);
  return { order, leftovers, mustCreateDatabase: !isThere };
}

async function chainFor(
  session: Session,
  request: RestoreRequest,
  books: Books,
): Promise<readonly string[]> {
  return resolveChain(books, {
    label: request.label,
    timestamp: request.timestamp && (await clusterTime(session, request.timestamp)),
    database: session.config.database,
    group: request.group,
    base: request.base,
  });
}

/** `2026-01-05 10:00:00`, with or without an offset, as the cluster's wall shows it. */
async function clusterTime({ connection }: Session, text: string): Promise<string> {
  const match = /^(.*?)\s*(Z|[+-]\d{2}:\d{2})?$/.exec(text.trim());
  const offset = match?.[2];
  const local = match?.[1] ?? text;
  const zone = await clusterZone(connection);
  const given = offset === undefined ? zone : offset === 'Z' ? 'UTC' : offset;
  const ms = parseDateTime(local, given);
  if (ms === undefined) {
    throw new BrError('usage', `option --timestamp: '${text}' is no time (YYYY-MM-DD HH:MM:SS)`);
  }
  return formatDateTime(ms, zone);
}

/** Before anything is restored, every snapshot of the chain must be whole (AC-CHAIN-6). */
async function snapshotTimestamps(
  { connection, config }: Session,
  labels: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const timestamps: Record<string, string> = {};
  const missing: string[] = [];
  for (const label of labels) {
    const snapshot = await snapshotOn(connection, config.repository, label);
    if (snapshot?.isOk === true) timestamps[label] = snapshot.timestamp;
    else missing.push(`${label} (${snapshot?.status ?? 'not there'})`);
  }
  if (missing.length === 0) return timestamps;
  const names = missing.join(', ');
  throw new BrError('snapshot-missing', `repository ${config.repository} lacks: ${names}`, {
    advice: ['nothing was restored', 'srbr audit finds backups that cannot be restored'],
  });
}

/** A wildcard matches by the database of the backup, so it works when the tables are gone. */
async function tableFilter(
  { ops }: Session,
  { group, table }: RestoreRequest,
  { database }: ChainContents,
): Promise<(table: string) => boolean> {
  if (table !== undefined) return (name) => name === table;
  if (group === undefined) return () => true;
  const entries = (await inventoryEntries(ops)).filter(
    (entry) => entry.group === group && entry.database === database,
  );
  if (entries.length === 0) {
    throw new BrError('group-unknown', `group '${group}' has no table of database '${database}'`, {
      advice: ['srbr inventory list shows the groups'],
    });
  }
  const names = new Set(entries.map((entry) => entry.table));
  return (name) => names.has('*') || names.has(name);
}

/** Their queries name the database that they were made in; elsewhere they would read that one. */
function withoutViews(
  planned: readonly PlannedObject[],
  { report }: Session,
): readonly PlannedObject[] {
  const views = planned.filter(({ kind }) => kind !== 'FUNCTION').map(({ name }) => name);
  if (views.length > 0) {
    report.warn(`views are not restored into another database: ${views.join(', ')}`);
  }
  return planned.filter(({ kind }) => kind === 'FUNCTION');
}

function requireTables(plan: RestorePlan, { table, group }: RestoreRequest, label: string): void {
  if (plan.tables.length > 0) return;
  const what = table === undefined ? `no table of group '${group}'` : `no table '${table}'`;
  throw new BrError('table-unknown', `backup ${label} has ${what}`, {
    advice: [`srbr show ${label} lists its tables`],
  });
}

function neededBytes(plan: RestorePlan, { replicationNum }: RestoreRequest): number {
  return plan.tables.reduce((sum, table) => {
    return sum + table.dataBytes * (replicationNum ?? table.replicationNum ?? 1);
  }, 0);
}

/** Two restores in one second do not share names. */
function freeStamp(now: string, plan: RestorePlan, there: ReadonlySet<string>): string {
  const stem = now.slice(0, 19).replace(/[-:]/g, '').replace(' ', '_');
  for (let count = 0; ; count += 1) {
    const stamp = count === 0 ? stem : `${stem}_${count}`;
    const names = plan.tables.map(({ table }) => backupName({ stamp }, table));
    if (!names.some((name) => there.has(name))) return stamp;
  }
}

function temporaryThere(names: readonly string[]): BrError {
  return new BrError('temporary-table', `left over from an earlier run: ${names.join(', ')}`, {
    advice: [
      '--overwrite-temp drops them first',
      'or choose another --rename-suffix, or drop them yourself',
    ],
  });
}
