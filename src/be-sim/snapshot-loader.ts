/**
 * What UPLOAD and DOWNLOAD share: progress reports on every 11th file, and the frontend's answer
 * CANCELLED, which ends the task (backup-jobs.md 7.3, resolutions.md 33).
 */
import { present } from '../base/assert.ts';
import { SimError } from '../base/errors.ts';
import type { JobId, Signature } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import type { Engine } from './engine.ts';
import { attemptInLife } from './life.ts';
import { localTabletPath } from './snapshot-path.ts';

/** More files than this since the last report that arrived bring the next one. */
export const REPORT_FILES_MAX = 10;

export interface LoaderTask {
  readonly type: 'UPLOAD' | 'DOWNLOAD';
  readonly jobId: JobId;
  readonly signature: Signature;
}

export interface LoaderProgress {
  finishedTablets: number;
  /** Counts a file; true when `beforeFile` has nothing to do but that. */
  countsFileOnly(): boolean;
  /** Before each file. Throws when the frontend has given the task up. */
  beforeFile(): Op<void>;
}

export function createLoaderProgress(
  engine: Engine,
  task: LoaderTask,
  totalNum: number,
): LoaderProgress {
  let files = 0;
  const progress: LoaderProgress = {
    finishedTablets: 0,
    countsFileOnly(): boolean {
      if (files >= REPORT_FILES_MAX) return false;
      files += 1;
      return true;
    },
    *beforeFile(): Op<void> {
      if (progress.countsFileOnly()) return;
      const answer = yield* attemptInLife(
        engine.life,
        engine.frontend.reportSnapshotLoader({
          backendId: engine.backendId,
          jobId: task.jobId,
          taskId: task.signature,
          type: task.type,
          finishedNum: progress.finishedTablets,
          totalNum,
        }),
      );
      // An answer that did not come is asked for again at the next file.
      if (!answer.ok) return;
      files = 0;
      if (answer.value.code === 'CANCELLED') {
        throw new SimError('query-cancelled', `${task.type} task ${task.signature} is cancelled`);
      }
    },
  };
  return progress;
}

/** Entries by source path, in the byte order in which tasks work through them. */
export function* inPathOrder(
  srcDest: ReadonlyMap<string, string>,
): Generator<readonly [string, string]> {
  for (const path of [...srcDest.keys()].sort()) {
    yield [path, present(srcDest.get(path), 'where a path leads')];
  }
}

/** Every local directory of a task must be there before anything else happens. */
export function* checkDirectories(engine: Engine, paths: Iterable<string>): Op<void> {
  for (const path of paths) {
    if (isPlanted(engine, path)) continue;
    const stat = yield* engine.files.stat(path);
    if (stat === undefined || stat.isFile) {
      throw new SimError('file-not-found', `snapshot path is not a directory: ${path}`);
    }
  }
}

function isPlanted(engine: Engine, path: string): boolean {
  const instant = engine.files.instant?.();
  if (instant === undefined) return false;
  const place = localTabletPath(path);
  return place !== undefined && instant.planted(place.root, place.below) !== undefined;
}
