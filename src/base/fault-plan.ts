/**
 * A plan of failures: which fault points do what, how often, and for whom. Statements, HTTP and
 * tests fill it; code under test sees it as `FaultPoints`.
 */
import { SimError } from './errors.ts';
import {
  FAULT_POINT_NAMES,
  FAULT_POINTS,
  type Fault,
  type FaultPoint,
  type FaultPoints,
  type FaultSubject,
} from './fault.ts';
import { fraction, type Random } from './random.ts';

/** When an enabled fault strikes; without a word, at every visit. */
export interface FaultWhen {
  /** At so many visits, then no more. */
  readonly times?: number;
  /** At this share of visits, 0 to 1. */
  readonly probability?: number;
  /** Only where the subject has all of these, compared as text. */
  readonly match?: FaultSubject;
}

/** One line of SHOW FAILPOINTS. */
export interface FaultPointState {
  readonly name: FaultPoint;
  readonly about: string;
  readonly isEnabled: boolean;
  /** `DISABLE`, `ENABLE`, `ENABLE_N_TIMES(2)`, `PROBABILITY_ENABLE(0.5)`; several with `; `. */
  readonly state: string;
  /** How often the point was passed, and how often something happened there. */
  readonly visits: number;
  readonly hits: number;
}

export interface FaultPlan extends FaultPoints {
  /** Adds a rule; one for the same point and match takes the place of the one before. */
  enable(point: FaultPoint, fault: Fault, when?: FaultWhen): void;
  /** Drops all rules of a point. */
  disable(point: FaultPoint): void;
  disableAll(): void;
  /** All points, in the order of the catalogue. */
  list(): readonly FaultPointState[];
  visits(point: FaultPoint): number;
}

export interface FaultPlanOptions {
  readonly random: Random;
  /** Ends the process, or marks the end of a simulated one and returns. */
  readonly onCrash: (point: FaultPoint, subject: FaultSubject) => void;
}

interface Rule {
  readonly fault: Fault;
  readonly when: FaultWhen;
  readonly key: string;
  timesLeft: number;
}

/** Rules per point; more is a mistake of whoever fills the plan. */
export const FAULT_RULES_MAX = 100;

export function createFaultPlan(options: FaultPlanOptions): FaultPlan {
  const rules = new Map<FaultPoint, Rule[]>();
  const visits = new Map<FaultPoint, number>();
  const hits = new Map<FaultPoint, number>();
  const countIn = (counts: Map<FaultPoint, number>, point: FaultPoint): void => {
    counts.set(point, (counts.get(point) ?? 0) + 1);
  };
  return Object.freeze({
    at(point: FaultPoint, subject: FaultSubject): Fault | undefined {
      countIn(visits, point);
      const rule = rules.get(point)?.find((each) => strikes(each, subject, options.random));
      if (rule === undefined) return undefined;
      rule.timesLeft -= 1;
      countIn(hits, point);
      return rule.fault;
    },
    visit: (point: FaultPoint): void => countIn(visits, point),
    isQuiet: (point: FaultPoint): boolean => !rules.has(point),
    crash(point: FaultPoint, subject: FaultSubject): void {
      options.onCrash(point, subject);
    },
    enable(point: FaultPoint, fault: Fault, when: FaultWhen = {}): void {
      assertUsable(point, fault, when);
      const key = matchKey(when.match ?? {});
      const others = (rules.get(point) ?? []).filter((rule) => rule.key !== key);
      if (others.length >= FAULT_RULES_MAX) {
        throw new SimError('limit-reached', `more than ${FAULT_RULES_MAX} faults at '${point}'`);
      }
      const timesLeft = when.times ?? Number.POSITIVE_INFINITY;
      rules.set(point, [...others, { fault, when, key, timesLeft }]);
    },
    disable(point: FaultPoint): void {
      rules.delete(point);
    },
    disableAll(): void {
      rules.clear();
    },
    list(): readonly FaultPointState[] {
      return FAULT_POINT_NAMES.map((name) => {
        const active = (rules.get(name) ?? []).filter((rule) => rule.timesLeft > 0);
        return {
          name,
          about: FAULT_POINTS[name].about,
          isEnabled: active.length > 0,
          state: active.length === 0 ? 'DISABLE' : active.map(stateText).join('; '),
          visits: visits.get(name) ?? 0,
          hits: hits.get(name) ?? 0,
        };
      });
    },
    visits: (point: FaultPoint): number => visits.get(point) ?? 0,
  });
}

function strikes(rule: Rule, subject: FaultSubject, random: Random): boolean {
  if (rule.timesLeft <= 0) return false;
  for (const [key, value] of Object.entries(rule.when.match ?? {})) {
    if (String(subject[key]) !== String(value)) return false;
  }
  const { probability } = rule.when;
  return probability === undefined || fraction(random) < probability;
}

function assertUsable(point: FaultPoint, fault: Fault, when: FaultWhen): void {
  const row = FAULT_POINTS[point];
  if (!row.faults.includes(fault.do)) {
    const known = row.faults.join(', ');
    throw new SimError('bad-option', `fault point '${point}' knows ${known}, not '${fault.do}'`);
  }
  for (const key of Object.keys(when.match ?? {})) {
    if (row.subject.includes(key)) continue;
    const known = row.subject.join(', ');
    throw new SimError('bad-option', `fault point '${point}' has ${known}, not '${key}'`);
  }
  const { times = 1, probability = 1 } = when;
  if (!(Number.isInteger(times) && times > 0)) {
    throw new SimError('bad-option', `a fault happens a whole number of times, not ${times}`);
  }
  if (!(probability > 0 && probability <= 1)) {
    throw new SimError('bad-option', `a probability is above 0 and at most 1, not ${probability}`);
  }
}

function matchKey(match: FaultSubject): string {
  return Object.entries(match)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(' ');
}

function stateText(rule: Rule): string {
  const { times, probability } = rule.when;
  let text = 'ENABLE';
  if (times !== undefined) text = `ENABLE_N_TIMES(${rule.timesLeft})`;
  else if (probability !== undefined) text = `PROBABILITY_ENABLE(${probability})`;
  const what = [faultText(rule.fault), rule.key].filter((part) => part !== '').join(' ');
  return `${text} ${what}`;
}

function faultText(fault: Fault): string {
  switch (fault.do) {
    case 'delay':
      return `delay=${fault.ms}`;
    case 'corrupt':
      return `corrupt=${fault.bitFlips}`;
    case 'cut':
      return `cut=${fault.afterBytes}`;
    default:
      return fault.do;
  }
}
