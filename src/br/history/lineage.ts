/** Which backups stand on which (BR-CHAIN, BR-PRUNE). */

import { BrError } from '../errors.ts';
import type { Books } from '../restore/chain.ts';
import { resolveChain } from '../restore/chain.ts';

export interface Backup {
  readonly label: string;
  readonly type: string;
  readonly group: string | undefined;
  readonly database: string | undefined;
  readonly startedAt: string;
  readonly finishedAt: string | undefined;
  readonly isPinned: boolean;
  /** Its run, or its job, may still be at work. */
  readonly isOpen?: boolean;
  /** Labels from the full backup to this one; `undefined` if it cannot be told. */
  readonly chain: readonly string[] | undefined;
}

/** Every finished backup, oldest first. */
export function finishedBackups(books: Books): readonly Backup[] {
  return books.history
    .filter(({ status }) => status === 'FINISHED')
    .map((row) => {
      const meta = books.metas.get(row.label);
      return {
        label: row.label,
        type: row.type,
        group: meta?.group,
        database:
          meta?.database ?? books.manifest.find(({ label }) => label === row.label)?.database,
        startedAt: row.startedAt,
        finishedAt: row.finishedAt,
        isPinned: meta?.isPinned ?? false,
        chain: chainOf(books, row.label),
      };
    });
}

/** Runs that have no row of history yet, by the labels of their slots: they may finish. */
export function openBackups(books: Books, labels: readonly string[]): readonly Backup[] {
  return labels.flatMap((label): Backup[] => {
    const meta = books.metas.get(label);
    if (meta === undefined || books.history.some((row) => row.label === label)) return [];
    const below = meta.baselineLabel === undefined ? [] : chainOf(books, meta.baselineLabel);
    return [
      {
        label,
        type: meta.type,
        group: meta.group,
        database: meta.database,
        startedAt: meta.submittedAt ?? '',
        finishedAt: undefined,
        isPinned: meta.isPinned,
        isOpen: true,
        chain: [...(below ?? []), label],
      },
    ];
  });
}

function chainOf(books: Books, label: string): readonly string[] | undefined {
  try {
    const wish = { label, timestamp: undefined, group: undefined, base: undefined };
    return resolveChain(books, { ...wish, database: '' });
  } catch (error) {
    if (error instanceof BrError) return undefined;
    throw error;
  }
}

/** Backups that cannot be restored without this one, nearest first. */
export function dependentsOf(backups: readonly Backup[], label: string): readonly Backup[] {
  return backups.filter((each) => each.label !== label && each.chain?.includes(label) === true);
}
