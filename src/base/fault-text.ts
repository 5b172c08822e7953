/**
 * Faults as text, the way `ADMIN ENABLE FAILPOINT '<text>'` names them:
 * `<point>[:<fault>[=<number>]][ key=value ...]`, e.g. `fe.job.enter:crash state=UPLOADING` or
 * `blob.put:delay=200`. Without a fault the point fails.
 */
import { SimError } from './errors.ts';
import {
  FAULT_KINDS,
  FAULT_POINT_NAMES,
  FAULT_POINTS,
  type Fault,
  type FaultKind,
  type FaultPoint,
  type FaultSubject,
} from './fault.ts';
import { nearestNames } from './nearest-names.ts';

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

const NEAREST_MAX = 3;

/** Throws `bad-option`, which names what was meant perhaps. */
export function parseFaultText(text: string): FaultRequest {
  const [head = '', ...pairs] = text.trim().split(/\s+/);
  const [name = '', ...rest] = head.split(':');
  const point = parsePoint(name);
  const [kind = 'fail', number, ...more] = rest.join(':').split('=');
  if (more.length > 0 || rest.length > 1) throw badFault(text, point);
  const fault = makeFault(kind === '' && rest.length === 0 ? 'fail' : kind, number, text, point);
  return { point, fault, match: Object.fromEntries(pairs.map((pair) => parsePair(pair, point))) };
}

/** The point of a text that may also hold a fault and a subject; for DISABLE. */
export function parseFaultPoint(text: string): FaultPoint {
  return parsePoint(text.trim().split(/[\s:]/)[0] ?? '');
}

function parsePoint(name: string): FaultPoint {
  const point = FAULT_POINT_NAMES.find((each) => each === name);
  if (point !== undefined) return point;
  const near = nearestNames(name, FAULT_POINT_NAMES, NEAREST_MAX).join(', ');
  throw new SimError('bad-option', `unknown fault point '${name}'; the nearest are ${near}`);
}

function parsePair(pair: string, point: FaultPoint): [string, string] {
  const at = pair.indexOf('=');
  const key = pair.slice(0, at);
  const known = FAULT_POINTS[point].subject;
  if (at > 0 && known.includes(key)) return [key, pair.slice(at + 1)];
  const text = `fault point '${point}' is narrowed by ${known.join('=, ')}=, not by '${pair}'`;
  throw new SimError('bad-option', text);
}

function makeFault(
  kind: string,
  number: string | undefined,
  text: string,
  point: FaultPoint,
): Fault {
  const known: FaultKind | undefined = FAULT_KINDS.find((each) => each === kind);
  if (known === undefined || !FAULT_POINTS[point].faults.includes(known)) {
    throw badFault(text, point);
  }
  if (number !== undefined && !/^\d{1,9}$/.test(number)) throw badFault(text, point);
  const count = number === undefined ? undefined : Number(number);
  switch (known) {
    case 'delay':
      return { do: 'delay', ms: count ?? DELAY_DEFAULT_MS };
    case 'corrupt':
      return { do: 'corrupt', bitFlips: count ?? BIT_FLIPS_DEFAULT };
    case 'cut':
      return { do: 'cut', afterBytes: count ?? CUT_DEFAULT_BYTES };
    case 'fail':
    case 'crash':
      if (count !== undefined) throw badFault(text, point);
      return known === 'fail'
        ? { do: 'fail', text: `fault injected at ${point}` }
        : { do: 'crash' };
  }
}

function badFault(text: string, point: FaultPoint): SimError {
  const known = FAULT_POINTS[point].faults.join(', ');
  return new SimError('bad-option', `cannot read the fault '${text}'; '${point}' knows ${known}`);
}
