/** Everything that monitoring looks at, read from the cluster at one time (BR-MON). */
import type { Millis } from '../../base/clock.ts';
import { parseDateTime } from '../../base/time-zone.ts';
import { type Backend, backends, type Frontend, frontends } from '../cluster/nodes.ts';
import { repositories } from '../cluster/repositories.ts';
import { snapshotsOn } from '../cluster/snapshots.ts';
import { clusterZone } from '../cluster/zone.ts';
import type { Session } from '../commands/session.ts';
import type { InventoryEntry } from '../config/config.ts';
import { type Consistency, consistencyOf } from '../history/consistency.ts';
import { finishedBackups } from '../history/lineage.ts';
import { readBooks } from '../history/read-books.ts';
import { countEvents } from '../ops/events.ts';
import { inventoryEntries } from '../ops/inventory.ts';
import { serverNow } from '../ops/ops.ts';
import { DRILL_START, readRestoreHistory } from '../ops/restore-history.ts';
import { type ActiveSlot, activeSlots } from '../ops/run-status.ts';
import type { Books } from '../restore/chain.ts';

/** One row of history. Times are of the epoch; `undefined` where a row has none. */
export interface Run {
  readonly label: string;
  readonly type: string;
  readonly status: string;
  readonly database: string;
  readonly group: string;
  readonly startedMs: Millis | undefined;
  readonly finishedMs: Millis | undefined;
  readonly sizeBytes: number | undefined;
  /** Links up to it; `undefined` for a run that did not finish, or whose chain is not known. */
  readonly chainLength: number | undefined;
  readonly error: string | undefined;
}

export type DrillScope = 'partition' | 'table' | 'database';

export interface Facts {
  readonly nowMs: Millis;
  /** Oldest first. */
  readonly runs: readonly Run[];
  readonly books: Books;
  readonly inventory: readonly InventoryEntry[];
  readonly slots: readonly ActiveSlot[];
  readonly frontends: readonly Frontend[];
  readonly backends: readonly Backend[];
  /** Why the repository cannot be used; `undefined` if it can. */
  readonly repositoryError: string | undefined;
  readonly consistency: Consistency;
  /** When a drill of each scope last succeeded. */
  readonly drills: ReadonlyMap<DrillScope, Millis>;
  readonly metaSnapshotFailures: number;
}

export async function readFacts(session: Session): Promise<Facts> {
  const { connection, ops, config } = session;
  const zone = await clusterZone(connection);
  const toMs = (text: string | undefined): Millis | undefined =>
    text === undefined ? undefined : parseDateTime(text, zone);
  const books = await readBooks(ops);
  const slots = await activeSlots(ops);
  const repositoryError = await errorOfRepository(session);
  const isReadable = repositoryError === undefined;
  const snapshots = isReadable ? await snapshotsOn(connection, config.repository) : [];
  const openLabels = new Set(slots.map(({ label }) => label));
  const now = await serverNow(connection);
  const drills = new Map<DrillScope, Millis>();
  for (const { jobId, type, status, finishedAt } of await readRestoreHistory(ops)) {
    const ms = toMs(finishedAt);
    if (!jobId.startsWith(DRILL_START) || status !== 'FINISHED' || ms === undefined) continue;
    drills.set(type, Math.max(ms, drills.get(type) ?? 0));
  }
  return {
    nowMs: toMs(now) ?? 0,
    runs: runsOf(books, toMs),
    books,
    inventory: await inventoryEntries(ops),
    slots,
    frontends: await frontends(connection),
    backends: await backends(connection),
    repositoryError,
    // What cannot be listed must not look as if it were gone.
    consistency: isReadable
      ? withoutExpired(consistencyOf(books, snapshots, config.repository, openLabels), books, now)
      : { lost: [], orphans: [], unrestorable: [] },
    drills,
    metaSnapshotFailures: await countEvents(ops, 'meta-snapshot.failed'),
  };
}

/** What went at the end of the time that it was given is not lost. */
function withoutExpired(found: Consistency, { metas }: Books, now: string): Consistency {
  const isExpired = (label: string): boolean => (metas.get(label)?.expiresAt ?? '9999') <= now;
  return { ...found, lost: found.lost.filter(({ label }) => !isExpired(label)) };
}

async function errorOfRepository({ connection, config }: Session): Promise<string | undefined> {
  const found = (await repositories(connection)).find(({ name }) => name === config.repository);
  return found === undefined ? `there is no repository ${config.repository}` : found.error;
}

function runsOf(
  books: Books,
  toMs: (text: string | undefined) => Millis | undefined,
): readonly Run[] {
  const chains = new Map(finishedBackups(books).map(({ label, chain }) => [label, chain]));
  return books.history.map((row) => {
    const meta = books.metas.get(row.label);
    const manifest = books.manifest.find(({ label }) => label === row.label);
    return {
      label: row.label,
      type: row.type,
      status: row.status,
      database: meta?.database ?? manifest?.database ?? '',
      group: meta?.group ?? '',
      startedMs: toMs(row.startedAt),
      finishedMs: toMs(row.finishedAt),
      sizeBytes: meta?.sizeBytes,
      chainLength: chains.get(row.label)?.length,
      error: row.error,
    };
  });
}
