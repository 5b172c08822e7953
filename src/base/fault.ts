/**
 * Failure on demand. Code that can fail in the real world passes a named point of
 * `fault-points.ts`; a plan decides whether something happens there. Production passes `noFaults`.
 */
import type { Clock, Millis } from './clock.ts';
import { sleep } from './clock.ts';
import { SimError } from './errors.ts';
import type { FaultPoint } from './fault-points.ts';
import type { CrashFate } from './memory-crash.ts';
import { type Op, suspend } from './op.ts';

export type Fault =
  | { readonly do: 'fail'; readonly text: string }
  | { readonly do: 'delay'; readonly ms: Millis }
  | ByteFault
  | ProcessFault;

/** What is left to whoever has the bytes. */
export type ByteFault =
  | { readonly do: 'corrupt'; readonly bitFlips: number }
  | { readonly do: 'cut'; readonly afterBytes: number };

/** What befalls a process, not an operation. */
export type ProcessFault = { readonly do: 'crash' } | BackendCrash | ClockJump;

export interface BackendCrash {
  readonly do: 'crash-backend';
  /** Starts again so long after; without it, when someone starts it. */
  readonly restartMs?: Millis;
  /** What becomes of what was not synced, on a disk in memory; `lost` without a word. */
  readonly fate?: CrashFate;
}

export interface ClockJump {
  readonly do: 'clock-jump';
  /** Forward, or back if negative. Timers keep their delay. */
  readonly ms: Millis;
}

export type FaultSubject = Readonly<Record<string, string | number>>;

export interface FaultPoints {
  /** What is to happen here, if anything. Counts the visit. */
  at(point: FaultPoint, subject: FaultSubject): Fault | undefined;
  /** Whether nothing will happen here, whatever the subject. Counts no visit; absent: who knows. */
  isQuiet?(point: FaultPoint): boolean;
  /** True only when nothing is planned at any point. */
  readonly isAllQuiet?: boolean;
  /** Counts a visit of a quiet point. */
  visit?(point: FaultPoint): void;
  /**
   * False when nothing is planned here, which counts as the visit; else `at` is to be asked. For
   * those who pass a point too often to say each time what they are about.
   */
  mayStrike(point: FaultPoint): boolean;
  /**
   * Lets it happen to the process at once. The end of a simulated process is marked, and the call
   * returns; `passPoint` then never resumes its caller, so no `finally` of a dead process runs.
   */
  befall(fault: ProcessFault, point: FaultPoint, subject: FaultSubject): void;
}

export const noFaults: FaultPoints = Object.freeze({
  at: () => undefined,
  isQuiet: () => true,
  isAllQuiet: true,
  visit: () => {},
  mayStrike: () => false,
  befall: (fault: ProcessFault, point: FaultPoint): void => {
    throw new SimError('bug', `${fault.do} asked for at ${point} without a plan`);
  },
});

/**
 * Passes a point: fails, waits, crashes or sets a clock as planned. Faults that change bytes are
 * handed back for the caller to carry out, since only it has the bytes.
 */
export function* passPoint(
  faults: FaultPoints,
  clock: Clock,
  point: FaultPoint,
  subject: FaultSubject,
): Op<ByteFault | undefined> {
  const fault = faults.at(point, subject);
  return fault === undefined ? undefined : yield* strike(fault, faults, clock, point, subject);
}

/** Lets a planned fault happen: for callers that pass a point too often to begin an `Op` each time. */
export function* strike(
  fault: Fault,
  faults: FaultPoints,
  clock: Clock,
  point: FaultPoint,
  subject: FaultSubject,
): Op<ByteFault | undefined> {
  switch (fault.do) {
    case 'fail':
      throw new SimError('injected-fault', fault.text);
    case 'delay':
      yield* sleep(clock, fault.ms);
      return undefined;
    case 'crash':
      faults.befall(fault, point, subject);
      return yield* suspend<undefined>(() => {});
    case 'crash-backend':
      faults.befall(fault, point, subject);
      // What the backend did ends here; who spoke with it hears nothing more.
      throw new SimError('backend-unavailable', `backend ${subject['backend']} has crashed`);
    case 'clock-jump':
      faults.befall(fault, point, subject);
      return undefined;
    case 'corrupt':
    case 'cut':
      return fault;
  }
}
