/** Which backups go, decided from facts alone (BR-PRUNE). */
import type { Millis } from '../../base/clock.ts';
import { parseDateTime } from '../../base/time-zone.ts';
import { DAY_MS } from '../../base/units.ts';
import type { RetentionConfig } from '../config/config.ts';
import { type Backup, dependentsOf } from '../history/lineage.ts';

export type PruneRule =
  /** The newest so many chains: what a kept backup stands on is not counted. */
  | { readonly kind: 'keep-last'; readonly count: number }
  /** What ended before this time, on the cluster's wall. */
  | { readonly kind: 'older-than'; readonly time: string }
  | { readonly kind: 'labels'; readonly labels: readonly string[] }
  | { readonly kind: 'policy'; readonly retention: RetentionConfig; readonly now: string };

export interface PruneChoice {
  /** Dependents before what they stand on. */
  readonly remove: readonly Backup[];
  /** Wanted by the rule, but a kept backup stands on them, or they are pinned. */
  readonly spared: readonly { readonly backup: Backup; readonly why: string }[];
  /** Not judged, since the time that the rule goes by is not known. */
  readonly undated: readonly Backup[];
}

/**
 * `backups` oldest first: those that the rule judges. `all` are those that may stand on them. With
 * `cascade`, what stands on a removed backup goes with it.
 */
export function choosePrune(
  backups: readonly Backup[],
  rule: PruneRule,
  { cascade, all = backups }: { readonly cascade: boolean; readonly all?: readonly Backup[] },
): PruneChoice {
  const byTime = rule.kind === 'older-than' || rule.kind === 'policy';
  const undated = byTime ? backups.filter(({ finishedAt }) => finishedAt === undefined) : [];
  const judged = backups.filter((each) => !undated.includes(each));
  const wanted = new Set(wantedBy(judged, rule));
  if (cascade) {
    for (const backup of [...wanted]) {
      for (const dependent of dependentsOf(all, backup.label)) wanted.add(dependent);
    }
  }
  const spared: { backup: Backup; why: string }[] = [];
  for (const backup of wanted) {
    if (backup.isPinned) spared.push({ backup, why: 'pinned' });
    else if (backup.isOpen === true) spared.push({ backup, why: 'its books are open' });
  }
  for (const { backup } of spared) wanted.delete(backup);
  const kept = all.filter((backup) => !wanted.has(backup));
  for (const backup of [...wanted]) {
    const needed = kept.find(({ chain }) => chain?.includes(backup.label) === true);
    if (needed === undefined) continue;
    wanted.delete(backup);
    spared.push({ backup, why: `${needed.label} stands on it` });
  }
  const depth = ({ chain }: Backup): number => chain?.length ?? 0;
  return { remove: [...wanted].sort((a, b) => depth(b) - depth(a)), spared, undated };
}

function wantedBy(backups: readonly Backup[], rule: PruneRule): readonly Backup[] {
  switch (rule.kind) {
    case 'keep-last':
      return backups.slice(0, Math.max(0, backups.length - rule.count));
    case 'older-than':
      return backups.filter(({ finishedAt = '' }) => finishedAt < rule.time);
    case 'labels':
      return backups.filter(({ label }) => rule.labels.includes(label));
    case 'policy':
      return beyondPolicy(backups, rule.retention, wallMs(rule.now));
  }
}

/**
 * Incrementals, weekly and monthly fulls each have their age. A full is monthly if it is the first
 * of its month, weekly if it is the first of its week; others age like incrementals. Whatever a
 * `keep_...` count or span names stays.
 */
function beyondPolicy(
  backups: readonly Backup[],
  retention: RetentionConfig,
  nowMs: Millis,
): readonly Backup[] {
  const fulls = backups.filter(({ type }) => type === 'full');
  const monthly = firstsOf(fulls, monthOf);
  const weekly = firstsOf(fulls, weekOf);
  const kept = new Set([
    ...lastsOf(backups, dayOf, retention.keepDaily ?? 0),
    ...lastsOf(backups, weekOf, retention.keepWeekly ?? 0),
    ...lastsOf(backups, monthOf, retention.keepMonthly ?? 0),
  ]);
  const ageMax = (backup: Backup): Millis => {
    if (monthly.has(backup)) return retention.monthlyFullMs;
    if (weekly.has(backup)) return retention.weeklyFullMs;
    return retention.incrementalMs;
  };
  return backups.filter((backup) => {
    const ageMs = nowMs - timeOf(backup);
    if (kept.has(backup) || ageMs <= (retention.keepWithinMs ?? 0)) return false;
    return ageMs > ageMax(backup);
  });
}

function firstsOf(
  backups: readonly Backup[],
  periodOf: (backup: Backup) => string,
): ReadonlySet<Backup> {
  const firsts = new Map<string, Backup>();
  for (const backup of backups) {
    const period = periodOf(backup);
    if (!firsts.has(period)) firsts.set(period, backup);
  }
  return new Set(firsts.values());
}

/** The last of each of the newest so many periods. */
function lastsOf(
  backups: readonly Backup[],
  periodOf: (backup: Backup) => string,
  count: number,
): readonly Backup[] {
  const lasts = new Map(backups.map((backup) => [periodOf(backup), backup]));
  return count === 0 ? [] : [...lasts.values()].slice(-count);
}

function timeOf({ finishedAt, startedAt }: Backup): Millis {
  return wallMs(finishedAt ?? startedAt);
}

/** All times are of one wall, so any zone serves to measure along it. */
function wallMs(time: string): Millis {
  return parseDateTime(time, 'UTC') ?? Number.NaN;
}

const dayOf = ({ startedAt }: Backup): string => startedAt.slice(0, 10);
const monthOf = ({ startedAt }: Backup): string => startedAt.slice(0, 7);
/** 1970 began on a Thursday; weeks begin on Mondays. */
const weekOf = ({ startedAt }: Backup): string =>
  String(Math.floor((Math.floor(wallMs(startedAt) / DAY_MS) + 3) / 7));
