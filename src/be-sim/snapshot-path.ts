/**
 * Paths of snapshot directories: `<store>/snapshot/<yyyyMMddHHmmss>.<seq>.<timeout s>/<tablet>/
 * <schema hash>` (backup-jobs.md 7.1, 7.2). Times are UTC.
 */

import type { Millis } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import { asId, type TabletId } from '../base/ids.ts';
import { isKey } from '../blob/blob-key.ts';

export function snapshotName(nowMs: Millis, sequence: number, timeoutSec: number): string {
  if (lastTime.ms !== nowMs) {
    const text = new Date(nowMs).toISOString().replace(/[-:T]/g, '').slice(0, 14);
    lastTime = { ms: nowMs, text };
  }
  return `${lastTime.text}.${sequence}.${timeoutSec}`;
}

/** Snapshots come by the thousand at one time. */
let lastTime = { ms: Number.NaN, text: '' };

const NAME = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.\d+(?:\.(\d+))?)?$/;

/** When a snapshot directory of that name may go; undefined for a name of another form. */
export function expiryOf(name: string, defaultExpireSec: number): Millis | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const part = (index: number): number => Number(match[index]);
  const madeMs = Date.UTC(part(1), part(2) - 1, part(3), part(4), part(5), part(6));
  const timeoutSec = match[7] === undefined ? defaultExpireSec : Number(match[7]);
  return madeMs + timeoutSec * 1000;
}

export interface LocalTabletPath {
  /** The directory of the snapshot, and the rest of the path. */
  readonly root: string;
  readonly below: string;
  readonly tabletId: TabletId;
  readonly schemaHash: number;
}

/** Tablet and schema hash of a local tablet directory: its last two segments. */
export function parseLocalTabletPath(path: string): LocalTabletPath {
  const parsed = localTabletPath(path);
  if (parsed !== undefined) return parsed;
  throw new SimError('file-error', `${path} is not a tablet directory of a snapshot`);
}

/** The same; undefined for any other path. */
export function localTabletPath(path: string): LocalTabletPath | undefined {
  const hashAt = path.lastIndexOf('/') + 1;
  const tabletAt = path.lastIndexOf('/', hashAt - 2) + 1;
  const isNegative = path.charAt(hashAt) === '-';
  const tabletId = digits(path, tabletAt, hashAt - 1);
  const schemaHash = digits(path, hashAt + (isNegative ? 1 : 0), path.length);
  if (tabletAt === 0 || tabletId === undefined || schemaHash === undefined) return undefined;
  return {
    root: path.slice(0, tabletAt - 1),
    below: path.slice(tabletAt),
    tabletId: asId<TabletId>(tabletId),
    schemaHash: isNegative ? -schemaHash : schemaHash,
  };
}

/** A number of digits alone. By hand: simulations ask for every tablet of millions. */
function digits(text: string, from: number, to: number): number | undefined {
  if (from >= to) return undefined;
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - DIGIT_ZERO;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return value;
}

const DIGIT_ZERO = 48;

/** Whether a path lies below the snapshot directory of a store, without steps out of it. */
export function isBelowSnapshotRoot(root: string, path: string): boolean {
  const isBelow = path.startsWith(root) && path.length > root.length + 1;
  return isBelow && isKey(path.slice(root.length));
}
