/**
 * Failure on demand. Code that can fail in the real world passes a named point; a plan decides
 * whether something happens there. Production passes `noFaults`. The catalogue below is the only
 * list: docs/faults.md and `SHOW FAILPOINTS` are made from it.
 */
import type { Clock } from './clock.ts';
import { sleep } from './clock.ts';
import { SimError } from './errors.ts';
import { type Op, suspend } from './op.ts';

export const FAULT_KINDS = ['fail', 'delay', 'corrupt', 'cut', 'crash'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export type Fault =
  | { readonly do: 'fail'; readonly text: string }
  | { readonly do: 'delay'; readonly ms: number }
  | { readonly do: 'corrupt'; readonly bitFlips: number }
  | { readonly do: 'cut'; readonly afterBytes: number }
  | { readonly do: 'crash' };

/** What is left to whoever has the bytes. */
export type ByteFault = Extract<Fault, { do: 'corrupt' | 'cut' }>;

export interface FaultPointRow {
  readonly about: string;
  readonly faults: readonly FaultKind[];
  /** What the point can be narrowed to; keys of `FaultSubject`. */
  readonly subject: readonly string[];
}

const row = (
  about: string,
  faults: readonly FaultKind[],
  subject: readonly string[],
): FaultPointRow => ({ about, faults, subject });

export const FAULT_POINT_NAMES = [
  'fe.edit-log.append',
  'fe.edit-log.sync',
  'fe.edit-log.applied',
  'fe.job.enter',
  'fe.job.leave',
  'fe.task.send',
  'be.task.begin',
  'be.task.report',
  'be.file.write',
  'blob.put',
  'blob.get',
  'blob.list',
  'blob.rename',
  'blob.delete',
] as const;
export type FaultPoint = (typeof FAULT_POINT_NAMES)[number];

export const FAULT_POINTS: Readonly<Record<FaultPoint, FaultPointRow>> = {
  'fe.edit-log.append': row(
    'before a record is written to the edit log',
    ['fail', 'delay', 'crash'],
    ['op'],
  ),
  'fe.edit-log.sync': row(
    'after a record is written, before it is synced',
    ['fail', 'delay', 'crash'],
    ['op'],
  ),
  'fe.edit-log.applied': row('after a record is synced and applied', ['crash'], ['op']),
  'fe.job.enter': row('a job has just entered a state', ['crash'], ['kind', 'state']),
  'fe.job.leave': row('a job is about to leave a state', ['crash'], ['kind', 'state']),
  'fe.task.send': row('an agent task goes to a backend', ['fail', 'delay'], ['type', 'backend']),
  'be.task.begin': row(
    'a backend begins an agent task',
    ['fail', 'delay', 'crash'],
    ['type', 'backend'],
  ),
  'be.task.report': row(
    'a backend reports the end of an agent task',
    ['fail', 'delay', 'crash'],
    ['type', 'backend'],
  ),
  'be.file.write': row(
    'a backend writes a file of a tablet',
    ['fail', 'delay', 'corrupt', 'cut', 'crash'],
    ['backend', 'path'],
  ),
  'blob.put': row(
    'an object is written to a repository',
    ['fail', 'delay', 'corrupt', 'cut', 'crash'],
    ['key'],
  ),
  'blob.get': row(
    'an object is read from a repository',
    ['fail', 'delay', 'corrupt', 'cut', 'crash'],
    ['key'],
  ),
  'blob.list': row('a repository is listed', ['fail', 'delay', 'crash'], ['key']),
  'blob.rename': row('an object is renamed', ['fail', 'delay', 'crash'], ['key']),
  'blob.delete': row('an object is deleted', ['fail', 'delay', 'crash'], ['key']),
};

export type FaultSubject = Readonly<Record<string, string | number>>;

export interface FaultPoints {
  /** What is to happen here, if anything. Counts the visit. */
  at(point: FaultPoint, subject: FaultSubject): Fault | undefined;
  /** Whether nothing will happen here, whatever the subject. Counts no visit; absent: who knows. */
  isQuiet?(point: FaultPoint): boolean;
  /** Counts a visit of a quiet point. */
  visit?(point: FaultPoint): void;
  /**
   * Ends the process at once. Of a simulated process it marks the end and returns; `passPoint`
   * then never resumes its caller, so no `finally` of a dead process runs.
   */
  crash(point: FaultPoint, subject: FaultSubject): void;
}

export const noFaults: FaultPoints = Object.freeze({
  at: () => undefined,
  isQuiet: () => true,
  visit: () => {},
  crash: (point: FaultPoint): void => {
    throw new SimError('bug', `crash asked for at ${point} without a plan`);
  },
});

/**
 * Passes a point: fails, waits or crashes as planned. Faults that change bytes are handed back
 * for the caller to carry out, since only it has the bytes.
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
      faults.crash(point, subject);
      return yield* suspend<undefined>(() => {});
    default:
      return fault;
  }
}
