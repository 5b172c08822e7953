/** `srbr prune`: deletes backups that a rule no longer wants (BR-PRUNE). */
import { formatDateTime, parseDateTime } from '../../base/time-zone.ts';
import type { Call } from '../cli/command-spec.ts';
import type { Options } from '../cli/options.ts';
import { requireRepository } from '../cluster/repositories.ts';
import { snapshotOn, snapshotsOn } from '../cluster/snapshots.ts';
import { parseDuration } from '../config/duration.ts';
import { BrError, EXIT, messageOf } from '../errors.ts';
import { consistencyOf } from '../history/consistency.ts';
import { isOfGroup } from '../history/groups.ts';
import { type Backup, finishedBackups, openBackups } from '../history/lineage.ts';
import { readBooks } from '../history/read-books.ts';
import { deleteMeta, metaOfLabel } from '../ops/backup-meta.ts';
import { recordEvent } from '../ops/events.ts';
import { deleteHistory } from '../ops/history.ts';
import { inventoryEntries } from '../ops/inventory.ts';
import { deleteManifest } from '../ops/manifest.ts';
import { serverNow } from '../ops/ops.ts';
import { deleteStates } from '../ops/partition-state.ts';
import { activeSlots } from '../ops/run-status.ts';
import type { Books } from '../restore/chain.ts';
import { leaveCompanion, sweepCompanions } from '../retention/companions.ts';
import { dropSnapshot } from '../retention/drop-snapshot.ts';
import { choosePrune, type PruneChoice, type PruneRule } from '../retention/select.ts';
import { openSnapshotStore, type SnapshotStore } from '../retention/store-snapshots.ts';
import { confirm } from './confirm.ts';
import { openSession, type Session } from './session.ts';
import { watched } from './watched.ts';

export async function runPrune(call: Call): Promise<number> {
  const session = await openSession(call);
  const { ops, config, options, report } = session;
  const books = await readBooks(ops);
  const ofRepository = books.history.filter(({ repository }) => repository === config.repository);
  const all = finishedBackups({ ...books, history: ofRepository });
  const backups = await ofGroup(session, all, books);
  const rule = ruleOf(options, session, await serverNow(session.connection));
  requireLabels(rule, all);
  const labels = options.flag('reverseOrphans')
    ? await lostLabels(session, books, backups)
    : await chosenLabels(session, { books, all, backups }, rule);
  if (labels.length === 0 || options.flag('dryRun')) {
    const what = labels.length === 0 ? 'nothing to delete' : `would delete: ${labels.join(', ')}`;
    report.result({ deleted: [], wouldDelete: labels }, [what]);
    return EXIT.ok;
  }
  if (!options.flag('yes')) await confirm(session.ports, `Delete ${labels.join(', ')}?`);
  return await watched(session, 'prune', () => deleteAll(session, labels));
}

interface Known {
  readonly books: Books;
  readonly all: readonly Backup[];
  /** Those that the rule is about. */
  readonly backups: readonly Backup[];
}

async function chosenLabels(
  session: Session,
  { books, all, backups }: Known,
  rule: PruneRule,
): Promise<readonly string[]> {
  const active = (await activeSlots(session.ops)).map(({ label }) => label);
  const choice = choosePrune(backups, rule, {
    cascade: session.options.flag('cascade'),
    all: [...all, ...openBackups(books, active)],
  });
  tellSpared(session, choice, rule);
  return choice.remove.map(({ label }) => label).filter((label) => !active.includes(label));
}

/** Backups of which records are all that is left: the repository says that it has no snapshot. */
async function lostLabels(
  { connection, config }: Session,
  books: Books,
  backups: readonly Backup[],
): Promise<readonly string[]> {
  await requireRepository(connection, config.repository);
  const snapshots = await snapshotsOn(connection, config.repository);
  const { lost } = consistencyOf(books, snapshots, config.repository, new Set());
  const labels: string[] = [];
  for (const { label } of lost) {
    const isMine = backups.some((each) => each.label === label);
    const snapshot = await snapshotOn(connection, config.repository, label);
    if (isMine && snapshot === undefined) labels.push(label);
  }
  return labels;
}

async function ofGroup(
  { ops, options }: Session,
  backups: readonly Backup[],
  books: Books,
): Promise<readonly Backup[]> {
  const group = options.text('group');
  if (group === undefined) return backups;
  const inventory = await inventoryEntries(ops);
  return backups.filter(({ label }) => isOfGroup(books, label, group, inventory));
}

function ruleOf(options: Options, { config }: Session, now: string): PruneRule {
  const count = options.count('keepLast', 1);
  if (count !== undefined) return { kind: 'keep-last', count };
  const older = options.text('olderThan');
  if (older !== undefined) return { kind: 'older-than', time: timeOf(older, now) };
  const labels = options.text('snapshot') ?? options.text('snapshots');
  if (labels !== undefined) {
    return { kind: 'labels', labels: labels.split(',').map((label) => label.trim()) };
  }
  const retention = {
    ...config.retention,
    keepDaily: options.count('keepDaily', 0) ?? config.retention.keepDaily,
    keepWeekly: options.count('keepWeekly', 0) ?? config.retention.keepWeekly,
    keepMonthly: options.count('keepMonthly', 0) ?? config.retention.keepMonthly,
    keepWithinMs: options.span('keepWithin') ?? config.retention.keepWithinMs,
  };
  return { kind: 'policy', retention, now };
}

/** A time of the cluster, or a span back from its now. */
function timeOf(text: string, now: string): string {
  const nowMs = parseDateTime(now, 'UTC');
  const spanMs = parseDuration(text);
  if (spanMs !== undefined && nowMs !== undefined) return formatDateTime(nowMs - spanMs, 'UTC');
  const ms = parseDateTime(text, 'UTC');
  if (ms !== undefined) return formatDateTime(ms, 'UTC');
  throw new BrError('usage', `option --older-than: '${text}' is neither a time nor a span`);
}

function requireLabels(rule: PruneRule, backups: readonly Backup[]): void {
  if (rule.kind !== 'labels') return;
  const missing = rule.labels.filter((label) => !backups.some((each) => each.label === label));
  if (missing.length === 0) return;
  throw new BrError('label-unknown', `there is no backup ${missing.join(', ')}`, {
    advice: ['srbr list shows what there is'],
  });
}

/** A rule may spare what others need; who names a backup is told why it cannot go. */
function tellSpared({ report }: Session, { spared, undated }: PruneChoice, rule: PruneRule): void {
  for (const { label } of undated) report.warn(`${label}: when it finished is not known; skipped`);
  const [first] = spared;
  if (first !== undefined && rule.kind === 'labels') {
    const backups = spared.map(({ backup, why }) => `${backup.label} (${why})`).join(', ');
    throw new BrError('dependents', `cannot be deleted: ${backups}`, {
      advice: ['--cascade deletes what stands on it too'],
    });
  }
  for (const { backup, why } of spared) report.info(`${backup.label} stays: ${why}`);
}

/** Goes on after a failure; what failed keeps its records. */
async function deleteAll(session: Session, labels: readonly string[]): Promise<number> {
  const { connection, config, options, ports } = session;
  if (!options.flag('storageDelete')) return await deleteEach(session, labels, undefined);
  const store = await openSnapshotStore(connection, config, ports);
  try {
    return await deleteEach(session, labels, store);
  } finally {
    await store.close();
  }
}

async function deleteEach(
  session: Session,
  labels: readonly string[],
  store: SnapshotStore | undefined,
): Promise<number> {
  const { ops, connection, config, report } = session;
  const deleted: string[] = [];
  const failed: string[] = [];
  const drop = (label: string): Promise<void> =>
    dropSnapshot(connection, config.repository, label, store);
  for (const label of labels) {
    try {
      const meta = await metaOfLabel(ops, label);
      const companion = meta?.metaSnapshotLabel;
      await drop(label);
      if (companion !== undefined) await leaveCompanion(session, companion);
      await deleteManifest(ops, label);
      await deleteStates(ops, label);
      // The lineage goes last: a prune that is killed here still knows what stands on what.
      await deleteHistory(ops, label);
      await deleteMeta(ops, label);
      await recordEvent(ops, { level: 'info', event: 'pruned', label, detail: '' });
      deleted.push(label);
      report.good(`${label} deleted`);
    } catch (error) {
      failed.push(label);
      report.warn(`${label} was not deleted: ${messageOf(error)}`);
      if (!(error instanceof BrError)) throw error;
    }
  }
  failed.push(...(await sweepCompanions(session, drop)));
  report.result({ deleted, failed }, [`${deleted.length} deleted, ${failed.length} failed`]);
  return failed.length === 0 ? EXIT.ok : deleted.length > 0 ? EXIT.partial : EXIT.failed;
}
