/**
 * The fault points that the disk of a backend passes. Its meta log has points of its own, as what
 * is damaged there is beyond repair, while a damaged file of a tablet is found and made good.
 */
import type { Clock } from '../base/clock.ts';
import type { FaultPoints } from '../base/fault.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import type { Files } from '../base/files.ts';
import type { BackendId } from '../base/ids.ts';
import { type FileOperation, withFaults } from '../base/with-faults.ts';

const FILE_POINTS: Readonly<Record<FileOperation, FaultPoint>> = Object.freeze({
  read: 'be.file.read',
  write: 'be.file.write',
  link: 'be.file.link',
  rename: 'be.file.rename',
  delete: 'be.file.delete',
  list: 'be.file.list',
  sync: 'be.file.sync',
});

const META_POINTS: Readonly<Record<FileOperation, FaultPoint>> = Object.freeze({
  ...FILE_POINTS,
  write: 'be.meta-log.append',
  sync: 'be.meta-log.sync',
});

const POINTS = [...new Set([...Object.values(FILE_POINTS), ...Object.values(META_POINTS)])];

/** Values of `area=`, after the folders of a backend. */
export const BACKEND_FILE_AREAS = ['data', 'snapshot', 'meta'] as const;

export interface BackendFaultOptions {
  readonly backendId: BackendId;
  readonly files: Files;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly faults: FaultPoints;
}

export function filesWithFaults(options: BackendFaultOptions): Files {
  const { backendId, files, dataDir, clock, faults } = options;
  const metaPrefix = `${dataDir}/meta/`;
  return withFaults(files, {
    faults,
    clock,
    points: POINTS,
    pointOf: (operation, path) =>
      (path.startsWith(metaPrefix) ? META_POINTS : FILE_POINTS)[operation],
    subjectOf: (path) => ({ backend: backendId, area: areaOf(dataDir, path), path }),
  });
}

function areaOf(dataDir: string, path: string): string {
  const [first = ''] = path.slice(dataDir.length + 1).split('/', 1);
  return BACKEND_FILE_AREAS.find((area) => area === first) ?? 'other';
}
