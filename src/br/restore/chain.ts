/**
 * Which snapshots a restore needs, oldest first (BR-CHAIN). Recorded lineage decides; backups of
 * upstream, which record none, get the one full backup that fits, never a guess among several.
 */
import { BrError } from '../errors.ts';
import { type BackupMeta, RECONSTRUCTED } from '../ops/backup-meta.ts';
import type { HistoryRow } from '../ops/history.ts';
import type { ManifestTable } from '../ops/manifest.ts';

/** What the ops database knows of backups. */
export interface Books {
  readonly history: readonly HistoryRow[];
  readonly metas: ReadonlyMap<string, BackupMeta>;
  /** What each snapshot holds, by table. */
  readonly manifest: readonly ManifestTable[];
}

export interface ChainWish {
  readonly label: string | undefined;
  /** `yyyy-MM-dd HH:mm:ss` on the cluster's wall. */
  readonly timestamp: string | undefined;
  readonly database: string;
  readonly group: string | undefined;
  /** The full backup to stand on, where lineage is not recorded. */
  readonly base: string | undefined;
}

/** Labels from the full backup to the target. */
export function resolveChain(books: Books, wish: ChainWish): readonly string[] {
  const target = wish.label === undefined ? atTime(books, wish) : labelled(books, wish.label);
  if (target.type === 'full' || isItsOwnBase(books, target, wish)) return [target.label];
  const chain: string[] = [target.label];
  for (let at = target.label; ; ) {
    const meta = books.metas.get(at);
    const below: string | undefined = meta?.baselineLabel ?? guessedBase(books, at, wish.base);
    if (chain.includes(below)) throw new BrError('restore', `${below} is its own baseline`);
    chain.unshift(below);
    const row = books.history.find(({ label }) => label === below);
    const type = books.metas.get(below)?.type ?? row?.type;
    if (row === undefined || row.status !== 'FINISHED') {
      throw new BrError(
        'snapshot-missing',
        `${at} stands on ${below}, which is not there any more`,
        {
          advice: ['srbr list shows what can be restored'],
        },
      );
    }
    if (type === 'full') return chain;
    at = below;
  }
}

/** What was found without its lineage may be called a full backup by who knows better. */
function isItsOwnBase({ metas }: Books, { label }: HistoryRow, { base }: ChainWish): boolean {
  return base === label && metas.get(label)?.toolVersion === RECONSTRUCTED;
}

function labelled({ history }: Books, label: string): HistoryRow {
  const row = history.find((each) => each.label === label);
  const advice = [
    'srbr list shows what there is',
    `srbr reconcile --label ${label} if the repository has it and the history has not`,
  ];
  if (row === undefined) {
    throw new BrError('label-unknown', `there is no backup '${label}'`, { advice });
  }
  if (row.status !== 'FINISHED') {
    throw new BrError('label-unknown', `backup '${label}' is ${row.status}, not FINISHED`, {
      advice,
    });
  }
  return row;
}

/** The newest whose snapshot is not younger. */
function atTime(books: Books, { timestamp = '', database, group }: ChainWish): HistoryRow {
  const fits = books.history
    .filter(({ status }) => status === 'FINISHED')
    .filter((row) => databaseOf(books, row.label) === database)
    .filter(
      ({ label }) => group === undefined || (books.metas.get(label)?.group ?? group) === group,
    )
    .map((row) => ({ row, at: snapshotTime(books, row) }))
    .filter(({ at }) => at <= timestamp)
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const last = fits.at(-1);
  if (last !== undefined) return last.row;
  throw new BrError(
    'label-unknown',
    `no finished backup of ${database} at or before ${timestamp}`,
    {
      advice: ['srbr list shows what there is; times are those of the cluster'],
    },
  );
}

/** `2026-01-05-10-00-00-123` is the server's own time of the snapshot. */
export function snapshotTime({ metas }: Books, row: HistoryRow): string {
  const parts = metas.get(row.label)?.snapshotTimestamp?.split('-');
  if (parts === undefined || parts.length < 6) return row.startedAt;
  return `${parts.slice(0, 3).join('-')} ${parts.slice(3, 6).join(':')}`;
}

export function databaseOf({ metas, manifest }: Books, label: string): string | undefined {
  return metas.get(label)?.database ?? manifest.find((row) => row.label === label)?.database;
}

function guessedBase(books: Books, label: string, base: string | undefined): string {
  if (base !== undefined) return base;
  if (books.metas.get(label)?.toolVersion === RECONSTRUCTED) {
    throw new BrError('no-full-backup', `${label} was found without its lineage`, {
      advice: [
        'name the full backup that it stands on: --base <label>',
        `or, if it is a full backup itself: --base ${label}`,
      ],
    });
  }
  const target = books.history.find((row) => row.label === label);
  const tables = tablesOf(books, label);
  const fits = books.history.filter(
    (row) =>
      row.type === 'full' &&
      row.status === 'FINISHED' &&
      databaseOf(books, row.label) === databaseOf(books, label) &&
      (row.finishedAt ?? row.startedAt) <= (target?.startedAt ?? '') &&
      [...tablesOf(books, row.label)].some((table) => tables.has(table)),
  );
  const [only, other] = fits;
  if (only !== undefined && other === undefined) return only.label;
  const names = fits.map((row) => row.label).join(', ');
  throw new BrError(
    'no-full-backup',
    only === undefined
      ? `no full backup that ${label} could stand on`
      : `${label} may stand on several full backups: ${names}`,
    { advice: ['name the right one: --base <label>'], inputs: { label } },
  );
}

function tablesOf({ manifest }: Books, label: string): ReadonlySet<string> {
  return new Set(manifest.filter((row) => row.label === label).map(({ table }) => table));
}
