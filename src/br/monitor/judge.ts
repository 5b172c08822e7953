/** What is wrong with the backups of some groups, from facts alone (BR-MON). */
import type { Millis } from '../../base/clock.ts';
import { DAY_MS, SECOND_MS } from '../../base/units.ts';
import type { AlertKind } from '../alerts/raise.ts';
import { durationText } from '../config/duration.ts';
import { isOfGroup } from '../history/groups.ts';
import type { DrillScope, Facts, Run } from './facts.ts';

/** Codes of monitoring plugins. */
export const STATES = { OK: 0, WARNING: 1, CRITICAL: 2, UNKNOWN: 3 } as const;

export interface Finding {
  readonly kind: AlertKind;
  readonly subject: string;
  readonly state: 'WARNING' | 'CRITICAL';
  readonly text: string;
}

export interface Limits {
  readonly maxAgeMs: Millis;
  readonly maxFullAgeMs: Millis | undefined;
  readonly maxDurationMs: Millis | undefined;
  readonly drills: boolean;
  readonly minFreeDiskRatio: number;
  readonly graceMs: Millis;
}

/** How long a drill of each scope counts: a month, a quarter, half a year. */
export const DRILL_EVERY_MS: Readonly<Record<DrillScope, Millis>> = {
  partition: 31 * DAY_MS,
  table: 92 * DAY_MS,
  database: 184 * DAY_MS,
};

export function judge(facts: Facts, groups: readonly string[], limits: Limits): readonly Finding[] {
  return [
    ...groups.flatMap((group) => ofGroup(facts, group, limits)),
    ...ofCluster(facts, limits),
    ...ofSnapshots(facts, groups),
    ...(limits.drills ? ofDrills(facts) : []),
  ];
}

/** The runs of a group, oldest first. */
export function runsOfGroup({ runs, books, inventory }: Facts, group: string): readonly Run[] {
  return runs.filter(({ label }) => isOfGroup(books, label, group, inventory));
}

function ofGroup(facts: Facts, group: string, limits: Limits): readonly Finding[] {
  const runs = runsOfGroup(facts, group);
  const last = runs.at(-1);
  const good = runs.filter(({ status }) => status === 'FINISHED');
  const found: Finding[] = [];
  if (last !== undefined && last.status !== 'FINISHED') {
    const text = `${last.label} ended ${last.status}: ${last.error ?? 'no reason recorded'}`;
    found.push({ kind: 'run-failed', subject: last.label, state: 'CRITICAL', text });
  }
  const age = ageOf(good, facts);
  if (age === undefined || age > limits.maxAgeMs) {
    const text =
      age === undefined
        ? `group ${group} has no backup`
        : `group ${group}: the newest backup is ${overText(age, limits.maxAgeMs)}`;
    found.push({ kind: 'missing-backup', subject: group, state: 'CRITICAL', text });
  }
  const fullAge = ageOf(
    good.filter(({ type }) => type === 'full'),
    facts,
  );
  if (limits.maxFullAgeMs !== undefined && (fullAge ?? Infinity) > limits.maxFullAgeMs) {
    const text =
      fullAge === undefined
        ? `group ${group} has no full backup`
        : `group ${group}: the newest full backup is ${overText(fullAge, limits.maxFullAgeMs)}`;
    found.push({ kind: 'full-too-old', subject: group, state: 'WARNING', text });
  }
  return [...found, ...tooLong(facts, group, good.at(-1), limits.maxDurationMs)];
}

function overText(ageMs: Millis, maxMs: Millis): string {
  return `${durationText(ageMs)} old, at most ${durationText(maxMs)}`;
}

function ageOf(runs: readonly Run[], { nowMs }: Facts): Millis | undefined {
  const ends = runs.flatMap(({ finishedMs }) => finishedMs ?? []);
  return ends.length === 0 ? undefined : nowMs - Math.max(...ends);
}

/** The last run, or one that is not over yet. */
function tooLong(
  { slots, books, inventory }: Facts,
  group: string,
  last: Run | undefined,
  maxMs: Millis | undefined,
): readonly Finding[] {
  if (maxMs === undefined) return [];
  const spans = slots
    .filter(({ scope, label }) => scope === 'backup' && isOfGroup(books, label, group, inventory))
    .map(({ label, ageSeconds }) => ({ label, ms: ageSeconds * SECOND_MS }));
  if (last?.startedMs !== undefined && last.finishedMs !== undefined) {
    spans.push({ label: last.label, ms: last.finishedMs - last.startedMs });
  }
  return spans
    .filter(({ ms }) => ms > maxMs)
    .map(({ label, ms }) => ({
      kind: 'run-too-long',
      subject: label,
      state: 'WARNING',
      text: `${label} takes ${durationText(ms)}, at most ${durationText(maxMs)}`,
    }));
}

function ofCluster(facts: Facts, limits: Limits): readonly Finding[] {
  const { repositoryError } = facts;
  const found: Finding[] = [];
  const add = (kind: AlertKind, subject: string, state: Finding['state'], text: string): void => {
    found.push({ kind, subject, state, text });
  };
  if (repositoryError !== undefined) {
    add('repository-error', 'repository', 'CRITICAL', `repository: ${repositoryError}`);
  }
  const dead = [
    ...facts.frontends.filter(({ isAlive }) => !isAlive).map(({ name }) => `frontend ${name}`),
    ...facts.backends.filter(({ isAlive }) => !isAlive).map(({ id }) => `backend ${id}`),
  ];
  for (const name of dead) add('node-dead', name, 'CRITICAL', `${name} is dead`);
  for (const { id, freeRatio = 1 } of facts.backends.filter(({ isAlive }) => isAlive)) {
    if (freeRatio >= limits.minFreeDiskRatio) continue;
    const percents = `${(freeRatio * 100).toFixed(1)} %`;
    add('disk-low', id, 'WARNING', `backend ${id} has ${percents} of a disk free`);
  }
  for (const { label, scope, ageSeconds } of facts.slots) {
    if (scope !== 'backup' || !facts.books.history.some((row) => row.label === label)) continue;
    if (ageSeconds * SECOND_MS <= limits.graceMs) continue;
    add('slot-stuck', label, 'WARNING', `slot ${scope}:${label} is taken, its run is over`);
  }
  return found;
}

/** That the newest backup of a group cannot be restored is worse than that an older one cannot. */
function ofSnapshots(facts: Facts, groups: readonly string[]): readonly Finding[] {
  const { lost, unrestorable, orphans } = facts.consistency;
  const newest = new Set(
    groups.map((group) => {
      const good = runsOfGroup(facts, group).filter(({ status }) => status === 'FINISHED');
      return good.at(-1)?.label;
    }),
  );
  const broken = (label: string, text: string): Finding => ({
    kind: 'unrestorable-backup',
    subject: label,
    state: newest.has(label) ? 'CRITICAL' : 'WARNING',
    text,
  });
  return [
    ...lost.map(({ label }) => broken(label, `the repository has no snapshot ${label}`)),
    ...unrestorable.map(({ label }) => broken(label, `what ${label} stands on is not there`)),
    ...orphans.map(({ label }): Finding => {
      const text = `no history knows snapshot ${label}`;
      return { kind: 'orphan-snapshot', subject: label, state: 'WARNING', text };
    }),
  ];
}

/** A wider drill counts for the narrower ones too; before the first backup none is due. */
function ofDrills({ nowMs, runs, drills }: Facts): readonly Finding[] {
  const first = runs.find(({ status }) => status === 'FINISHED')?.finishedMs;
  if (first === undefined) return [];
  const wider: readonly DrillScope[] = ['partition', 'table', 'database'];
  return wider.flatMap((scope, index): Finding[] => {
    const last = Math.max(first, ...wider.slice(index).map((each) => drills.get(each) ?? 0));
    if (nowMs - last <= DRILL_EVERY_MS[scope]) return [];
    const since = last === first ? 'the first backup' : 'the last one';
    const text = `a drill of a ${scope} is due: ${durationText(nowMs - last)} since ${since}`;
    return [{ kind: 'drill-overdue', subject: scope, state: 'WARNING', text }];
  });
}
