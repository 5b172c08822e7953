/**
 * Paths of snapshot directories: `<store>/snapshot/<yyyyMMddHHmmss>.<seq>.<timeout s>/<tablet>/
 * <schema hash>` (backup-jobs.md 7.1, 7.2). Times are UTC.
 */

import type { Millis } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import { asId, type TabletId } from '../base/ids.ts';
import { snapshotRoot } from './engine.ts';

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
  readonly tabletId: TabletId;
  readonly schemaHash: number;
}

/** Tablet and schema hash of a local tablet directory: its last two segments. */
export function parseLocalTabletPath(path: string): LocalTabletPath {
  const match = /\/(\d+)\/(-?\d+)$/.exec(path);
  if (match === null) {
    throw new SimError('file-error', `${path} is not a tablet directory of a snapshot`);
  }
  return { tabletId: asId<TabletId>(Number(match[1])), schemaHash: Number(match[2]) };
}

/** Whether a path lies below the snapshot directory of a store, without steps out of it. */
export function isBelowSnapshotRoot(dataDir: string, path: string): boolean {
  const root = `${snapshotRoot(dataDir)}/`;
  if (!path.startsWith(root)) return false;
  const parts = path.slice(root.length).split('/');
  return parts.every((part) => part !== '' && part !== '.' && part !== '..');
}
