/** Refuses faults that there are not, by name and with what was meant perhaps: `bad-option`. */
import { SimError } from './errors.ts';
import type { Fault, FaultSubject } from './fault.ts';
import {
  FAULT_KINDS,
  FAULT_POINT_NAMES,
  FAULT_POINTS,
  type FaultKind,
  type FaultPoint,
} from './fault-points.ts';
import { nearestNames } from './nearest-names.ts';

/** For a key of subjects, the values there are. */
export type SubjectValues = Readonly<Record<string, readonly string[]>>;

const NEAREST_MAX = 3;

export function checkPoint(name: string): FaultPoint {
  const point = FAULT_POINT_NAMES.find((each) => each === name);
  if (point !== undefined) return point;
  throw new SimError(
    'bad-option',
    `unknown fault point '${name}'; the nearest are ${nearest(name, FAULT_POINT_NAMES)}`,
  );
}

/** The kind of that name, if the point has it. */
export function checkKind(point: FaultPoint, name: string): FaultKind {
  const known = FAULT_POINTS[point].faults;
  const kind = known.find((each) => each === name);
  if (kind !== undefined) return kind;
  const what = FAULT_KINDS.some((each) => each === name)
    ? `knows ${known.join(', ')}, not '${name}'`
    : `knows ${known.join(', ')}; the nearest to '${name}' is ${nearest(name, known, 1)}`;
  throw new SimError('bad-option', `fault point '${point}' ${what}`);
}

export function checkFault(point: FaultPoint, fault: Fault): void {
  checkKind(point, fault.do);
  const number = numberOf(fault);
  if (number === undefined) return;
  const isGood = Number.isSafeInteger(number) && (number >= 0 || fault.do === 'clock-jump');
  if (isGood) return;
  throw new SimError('bad-option', `'${fault.do}' takes a whole number, not ${number}`);
}

/** The number that a fault carries, if it does. */
export function numberOf(fault: Fault): number | undefined {
  switch (fault.do) {
    case 'delay':
    case 'clock-jump':
      return fault.ms;
    case 'corrupt':
      return fault.bitFlips;
    case 'cut':
      return fault.afterBytes;
    case 'crash-backend':
      return fault.restartMs;
    case 'fail':
    case 'crash':
      return undefined;
  }
}

export function checkMatch(point: FaultPoint, match: FaultSubject, values: SubjectValues): void {
  for (const [key, value] of Object.entries(match)) {
    checkSubjectKey(point, key);
    const known = values[key];
    if (known === undefined || known.includes(String(value))) continue;
    throw new SimError(
      'bad-option',
      `fault point '${point}': there is no ${key} '${value}'; ` +
        `the nearest are ${nearest(String(value), known)}`,
    );
  }
}

export function checkSubjectKey(point: FaultPoint, key: string): void {
  const known = FAULT_POINTS[point].subject;
  if (known.includes(key)) return;
  throw new SimError(
    'bad-option',
    `fault point '${point}' is narrowed by ${known.join('=, ')}=, not by '${key}'; ` +
      `the nearest is ${nearest(key, known, 1)}`,
  );
}

function nearest(name: string, known: readonly string[], countMax: number = NEAREST_MAX): string {
  return nearestNames(name, known, countMax).join(', ');
}
