/** Counts how often each kind of failure has struck each transition of the jobs. */
import type { Fault, FaultSubject } from '../base/fault.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import { isActive, type JobTrack } from './job-track.ts';
import { CATALOGS } from './model.ts';
import type { Site } from './site.ts';
import {
  PAIRS,
  type Pair,
  pairName,
  type StrikeKind,
  TRANSITIONS,
  type Transition,
} from './transitions.ts';

export class Coverage {
  readonly #counts = new Map<string, number>();

  count(pair: Pair): number {
    return this.#counts.get(pairName(pair)) ?? 0;
  }

  add(pair: Pair, count: number): void {
    this.#counts.set(pairName(pair), this.count(pair) + count);
  }

  addAll(other: Coverage): void {
    for (const pair of PAIRS) this.add(pair, other.count(pair));
  }

  /** A fault has struck at a point. */
  struck(site: Site, point: FaultPoint, subject: FaultSubject, fault: Fault['do']): void {
    const kind: StrikeKind = fault === 'crash-backend' ? 'backend-crash' : fault;
    for (const transition of TRANSITIONS) {
      const fits = transition.places.some(
        (place) =>
          place.point === point &&
          place.kinds.includes(fault) &&
          Object.entries(place.match).every(([key, value]) => subject[key] === value),
      );
      if (fits && isUnderWay(site, transition)) this.add({ transition, kind }, 1);
    }
  }

  /** A backend has died, or the clock has jumped. */
  happened(site: Site, kind: StrikeKind): void {
    for (const transition of TRANSITIONS) {
      if (transition.cannot[kind] !== undefined) continue;
      if (isUnderWay(site, transition)) this.add({ transition, kind }, 1);
    }
  }

  /** Pairs that were struck less often than that. */
  below(floor: number): readonly Pair[] {
    return PAIRS.filter((pair) => this.count(pair) < floor);
  }
}

/** Another job in a state of the same name would share the places: then nobody knows whose it was. */
function isUnderWay(site: Site, { job, strikesIn }: Transition): boolean {
  const fits = (track: JobTrack): boolean =>
    isActive(track) && strikesIn.includes(track.state ?? '');
  const running = site.tracks.filter(fits);
  const isOf = ({ kind, db }: JobTrack): boolean => kind === job && db !== CATALOGS;
  if (running.length > 0) return running.every(isOf);
  return strikesIn.includes('NEW') && site.submitting !== undefined && isOf(site.submitting);
}

/** The table that `npm run sim` prints: a row a transition, a column a kind. */
export function coverageTable(coverage: Coverage, kinds: readonly StrikeKind[]): readonly string[] {
  const cell = (transition: Transition, kind: StrikeKind): string =>
    transition.cannot[kind] === undefined ? String(coverage.count({ transition, kind })) : '-';
  const name = ({ job, from, to }: Transition): string => `${job} ${from} -> ${to}`;
  const width = Math.max(...TRANSITIONS.map((transition) => name(transition).length));
  const lines = [`${''.padEnd(width)}  ${kinds.join('  ')}`];
  for (const transition of TRANSITIONS) {
    const cells = kinds.map((kind) => cell(transition, kind).padStart(kind.length));
    lines.push(`${name(transition).padEnd(width)}  ${cells.join('  ')}`);
  }
  return lines;
}
