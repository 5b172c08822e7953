/**
 * Faults as text, the way `ADMIN ENABLE FAILPOINT '<text>'` names them:
 * `<point>[:<fault>[=<number>]][ key=value ...]`, e.g. `fe.job.enter:crash state=UPLOADING`,
 * `blob.put:delay=200` or `fe.task.send:clock-jump=-3600000`. Without a fault the point fails.
 */
import { SimError } from './errors.ts';
import type { Fault, FaultSubject } from './fault.ts';
import { checkKind, checkPoint, checkSubjectKey, numberOf } from './fault-check.ts';
import { FAULT_POINTS, type FaultKind, type FaultPoint } from './fault-points.ts';

export interface FaultRequest {
  readonly point: FaultPoint;
  readonly fault: Fault;
  /** Empty: any subject. */
  readonly match: FaultSubject;
}

/** Faults that need a number and were given none. */
export const DELAY_DEFAULT_MS = 1000;
export const BIT_FLIPS_DEFAULT = 1;
export const CUT_DEFAULT_BYTES = 0;
export const CLOCK_JUMP_DEFAULT_MS = 3_600_000;

/** Throws `bad-option`, which names what was meant perhaps. */
export function parseFaultText(text: string): FaultRequest {
  const [head = '', ...pairs] = text.trim().split(/\s+/);
  const [name = '', ...rest] = head.split(':');
  const point = checkPoint(name);
  const [kind = 'fail', number, ...more] = rest.join(':').split('=');
  if (more.length > 0 || rest.length > 1) throw badFault(text, point);
  const known = checkKind(point, rest.length === 0 ? 'fail' : kind);
  const fault = makeFault(known, number, text, point);
  return { point, fault, match: Object.fromEntries(pairs.map((pair) => parsePair(pair, point))) };
}

/** The point of a text that may also hold a fault and a subject; for DISABLE. */
export function parseFaultPoint(text: string): FaultPoint {
  return checkPoint(text.trim().split(/[\s:]/)[0] ?? '');
}

/** What `parseFaultText` reads, without point and subject. */
export function faultText(fault: Fault): string {
  const number = numberOf(fault);
  return number === undefined ? fault.do : `${fault.do}=${number}`;
}

function parsePair(pair: string, point: FaultPoint): [string, string] {
  const at = pair.indexOf('=');
  const key = at < 0 ? pair : pair.slice(0, at);
  checkSubjectKey(point, key);
  if (at > 0) return [key, pair.slice(at + 1)];
  throw new SimError('bad-option', `fault point '${point}': '${pair}' lacks a value`);
}

function makeFault(
  kind: FaultKind,
  number: string | undefined,
  text: string,
  point: FaultPoint,
): Fault {
  const form = kind === 'clock-jump' ? /^-?\d{1,12}$/ : /^\d{1,9}$/;
  if (number !== undefined && !form.test(number)) throw badFault(text, point);
  const count = number === undefined ? undefined : Number(number);
  switch (kind) {
    case 'delay':
      return { do: 'delay', ms: count ?? DELAY_DEFAULT_MS };
    case 'corrupt':
      return { do: 'corrupt', bitFlips: count ?? BIT_FLIPS_DEFAULT };
    case 'cut':
      return { do: 'cut', afterBytes: count ?? CUT_DEFAULT_BYTES };
    case 'clock-jump':
      return { do: 'clock-jump', ms: count ?? CLOCK_JUMP_DEFAULT_MS };
    case 'crash-backend':
      return { do: 'crash-backend', ...(count !== undefined && { restartMs: count }) };
    case 'fail':
    case 'crash':
      if (count !== undefined) throw badFault(text, point);
      return kind === 'fail' ? { do: 'fail', text: `fault injected at ${point}` } : { do: 'crash' };
  }
}

function badFault(text: string, point: FaultPoint): SimError {
  const known = FAULT_POINTS[point].faults.join(', ');
  return new SimError('bad-option', `cannot read the fault '${text}'; '${point}' knows ${known}`);
}
