/**
 * A plan of failures: which fault points do what, how often, and for whom. Statements, HTTP and
 * tests fill it; code under test sees it as `FaultPoints`.
 */
import { SimError } from './errors.ts';
import type {
  BackendCrash,
  ClockJump,
  Fault,
  FaultPoints,
  FaultSubject,
  ProcessFault,
} from './fault.ts';
import { checkFault, checkMatch, checkPoint, type SubjectValues } from './fault-check.ts';
import { FAULT_POINT_NAMES, FAULT_POINTS, type FaultPoint } from './fault-points.ts';
import { faultText } from './fault-text.ts';
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
  /**
   * Adds a rule; one for the same point and match takes the place of the one before. Throws
   * `bad-option`, which names the nearest, for a point, fault or subject that there is not.
   */
  enable(point: FaultPoint, fault: Fault, when?: FaultWhen): void;
  /** Drops all rules of a point. */
  disable(point: FaultPoint): void;
  disableAll(): void;
  /** All points, in the order of the catalogue. */
  list(): readonly FaultPointState[];
  visits(point: FaultPoint): number;
  hits(point: FaultPoint): number;
  /** Says what there is to break; before that no backend can crash and no clock jump. */
  attach(target: FaultTarget): void;
}

/** Parts of a cluster that faults befall. */
export interface FaultTarget {
  crashBackend(backendId: number, fault: BackendCrash): void;
  /** Sets the clock of whoever passes the point. */
  jumpClock(point: FaultPoint, subject: FaultSubject, fault: ClockJump): void;
  /** What there is to narrow by; a key that is not here takes any value. */
  readonly subjectValues: SubjectValues;
}

export interface FaultPlanOptions {
  readonly random: Random;
  /** Ends the process, or marks the end of a simulated one and returns. */
  readonly onCrash: (point: FaultPoint, subject: FaultSubject) => void;
}

interface Rule {
  readonly fault: Fault;
  readonly when: FaultWhen;
  readonly match: readonly (readonly [string, string])[];
  readonly key: string;
  timesLeft: number;
}

interface PointState {
  rules: readonly Rule[];
  visits: number;
  hits: number;
}

/** Rules per point; more is a mistake of whoever fills the plan. */
export const FAULT_RULES_MAX = 100;

export function createFaultPlan(options: FaultPlanOptions): FaultPlan {
  const states = Object.fromEntries(
    FAULT_POINT_NAMES.map((name): [FaultPoint, PointState] => [
      name,
      { rules: [], visits: 0, hits: 0 },
    ]),
  ) as Readonly<Record<FaultPoint, PointState>>;
  let target: FaultTarget | undefined;
  let isAllQuiet = true;
  const setRules = (point: FaultPoint, rules: readonly Rule[]): void => {
    states[point].rules = rules;
    isAllQuiet = FAULT_POINT_NAMES.every((name) => states[name].rules.length === 0);
  };
  return Object.freeze({
    at(point: FaultPoint, subject: FaultSubject): Fault | undefined {
      const state = states[point];
      state.visits += 1;
      const rule = state.rules.find((each) => strikes(each, subject, options.random));
      if (rule === undefined) return undefined;
      rule.timesLeft -= 1;
      state.hits += 1;
      return rule.fault;
    },
    visit(point: FaultPoint): void {
      states[point].visits += 1;
    },
    isQuiet: (point: FaultPoint): boolean => isAllQuiet || states[point].rules.length === 0,
    get isAllQuiet(): boolean {
      return isAllQuiet;
    },
    mayStrike(point: FaultPoint): boolean {
      const state = states[point];
      if (state.rules.length > 0) return true;
      state.visits += 1;
      return false;
    },
    befall(fault: ProcessFault, point: FaultPoint, subject: FaultSubject): void {
      if (fault.do === 'crash') options.onCrash(point, subject);
      else if (fault.do === 'clock-jump') target?.jumpClock(point, subject, fault);
      else target?.crashBackend(Number(subject['backend']), fault);
    },
    attach(found: FaultTarget): void {
      target = found;
    },
    enable(point: FaultPoint, fault: Fault, when: FaultWhen = {}): void {
      checkPoint(point);
      checkFault(point, fault);
      checkMatch(point, when.match ?? {}, target?.subjectValues ?? {});
      checkWhen(when);
      if (target === undefined) checkNeedsNone(fault);
      const state = states[point];
      const rule = ruleOf(fault, when);
      const others = state.rules.filter(({ key }) => key !== rule.key);
      if (others.length >= FAULT_RULES_MAX) {
        throw new SimError('limit-reached', `more than ${FAULT_RULES_MAX} faults at '${point}'`);
      }
      setRules(point, [...others, rule]);
    },
    disable(point: FaultPoint): void {
      setRules(checkPoint(point), []);
    },
    disableAll(): void {
      for (const name of FAULT_POINT_NAMES) setRules(name, []);
    },
    list(): readonly FaultPointState[] {
      return FAULT_POINT_NAMES.map((name) => {
        const { rules, visits, hits } = states[name];
        const active = rules.filter((rule) => rule.timesLeft > 0);
        const isEnabled = active.length > 0;
        const state = isEnabled ? active.map(stateText).join('; ') : 'DISABLE';
        return { name, about: FAULT_POINTS[name].about, isEnabled, state, visits, hits };
      });
    },
    visits: (point: FaultPoint): number => states[point].visits,
    hits: (point: FaultPoint): number => states[point].hits,
  });
}

function ruleOf(fault: Fault, when: FaultWhen): Rule {
  const match = Object.entries(when.match ?? {}).map(
    ([key, value]) => [key, String(value)] as const,
  );
  const key = match
    .map((pair) => pair.join('='))
    .sort()
    .join(' ');
  return { fault, when, match, key, timesLeft: when.times ?? Number.POSITIVE_INFINITY };
}

function strikes(rule: Rule, subject: FaultSubject, random: Random): boolean {
  if (rule.timesLeft <= 0) return false;
  for (const [key, value] of rule.match) {
    if (String(subject[key]) !== value) return false;
  }
  // Of a store that the frontend uses no backend can crash.
  const isOfBackend = rule.fault.do !== 'crash-backend' || typeof subject['backend'] === 'number';
  if (!isOfBackend) return false;
  const { probability } = rule.when;
  return probability === undefined || fraction(random) < probability;
}

function checkWhen({ times = 1, probability = 1 }: FaultWhen): void {
  if (!(Number.isInteger(times) && times > 0)) {
    throw new SimError('bad-option', `a fault happens a whole number of times, not ${times}`);
  }
  if (!(probability > 0 && probability <= 1)) {
    throw new SimError('bad-option', `a probability is above 0 and at most 1, not ${probability}`);
  }
}

function checkNeedsNone(fault: Fault): void {
  if (fault.do !== 'crash-backend' && fault.do !== 'clock-jump') return;
  throw new SimError('bad-option', `there is nothing here yet for '${fault.do}' to befall`);
}

function stateText(rule: Rule): string {
  const { times, probability } = rule.when;
  let text = 'ENABLE';
  if (times !== undefined) text = `ENABLE_N_TIMES(${rule.timesLeft})`;
  else if (probability !== undefined) text = `PROBABILITY_ENABLE(${probability})`;
  const what = [faultText(rule.fault), rule.key].filter((part) => part !== '').join(' ');
  return `${text} ${what}`;
}
