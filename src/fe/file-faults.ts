/**
 * The fault points that the disk of the frontend passes. Records of the edit log pass
 * `fe.edit-log.*` instead, where it is known which record they are.
 */
import type { Clock } from '../base/clock.ts';
import type { FaultPoints } from '../base/fault.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import type { Files } from '../base/files.ts';
import { type FileOperation, withFaults } from '../base/with-faults.ts';
import type { DataDir } from './data-dir.ts';
import { seqOfSideName } from './edit-log-side.ts';

/** The frontend makes no links. */
const FILE_POINTS: Readonly<Record<FileOperation, FaultPoint | undefined>> = Object.freeze({
  read: 'fe.file.read',
  write: 'fe.file.write',
  link: undefined,
  rename: 'fe.file.rename',
  delete: 'fe.file.delete',
  list: 'fe.file.list',
  sync: 'fe.file.sync',
});

const POINTS = Object.values(FILE_POINTS).filter((point) => point !== undefined);

/** Values of `area=`: files of jobs and repositories, images, side files, the rest of the log. */
export const FRONTEND_FILE_AREAS = ['job', 'image', 'side', 'edit-log'] as const;
type Area = (typeof FRONTEND_FILE_AREAS)[number];

export interface FrontendFaultOptions {
  readonly files: Files;
  readonly dataDir: Pick<DataDir, 'editLogDir' | 'imageDir' | 'tmpDir'>;
  readonly clock: Clock;
  readonly faults: FaultPoints;
}

export function filesWithFaults({ files, dataDir, clock, faults }: FrontendFaultOptions): Files {
  const segmentPrefix = `${dataDir.editLogDir}/`;
  return withFaults(files, {
    faults,
    clock,
    points: POINTS,
    pointOf(operation, path) {
      const isRecord = operation === 'write' || operation === 'sync';
      if (isRecord && path.startsWith(segmentPrefix) && areaOf(dataDir, path) === 'edit-log') {
        return undefined;
      }
      return FILE_POINTS[operation];
    },
    subjectOf: (path) => ({ area: areaOf(dataDir, path), path }),
  });
}

function areaOf(dataDir: FrontendFaultOptions['dataDir'], path: string): Area {
  if (path.startsWith(dataDir.imageDir)) return 'image';
  if (!path.startsWith(dataDir.editLogDir)) return 'job';
  const name = path.slice(path.lastIndexOf('/') + 1);
  return seqOfSideName(name) === undefined ? 'edit-log' : 'side';
}
