/** RELEASE_SNAPSHOT, and the sweep of snapshot directories whose time is over (backup-jobs.md 7.2). */
import { SimError } from '../base/errors.ts';
import { attempt, type Op } from '../base/op.ts';
import type { ReleaseSnapshotTask } from '../protocol/agent-task.ts';
import type { Engine } from './engine.ts';
import { expiryOf, isBelowSnapshotRoot } from './snapshot-path.ts';
import { SuccessReport } from './success-report.ts';

/** A path that is not there is fine; one outside of the snapshot directory is refused. */
export function* releaseSnapshot(engine: Engine, { snapshotPath }: ReleaseSnapshotTask): Op<void> {
  if (!isBelowSnapshotRoot(engine.snapshotRoot, snapshotPath)) {
    throw new SimError(
      'file-error',
      `snapshot path ${snapshotPath} is not below a snapshot directory of ${engine.where}`,
    );
  }
  yield* engine.files.remove(snapshotPath);
}

/** The same at once; undefined, and nothing done, where the ordinary way must be taken. */
export function releaseSnapshotNow(
  engine: Engine,
  task: ReleaseSnapshotTask,
): SuccessReport | undefined {
  const { snapshotPath } = task;
  if (!isBelowSnapshotRoot(engine.snapshotRoot, snapshotPath)) return undefined;
  const isGone = engine.files.instant?.()?.uproot(snapshotPath) === true;
  return isGone ? new SuccessReport(engine.backendId, task) : undefined;
}

/** Removes expired snapshot directories and answers how many; other names are left alone. */
export function* sweepSnapshots(engine: Engine): Op<number> {
  const { files, clock, config } = engine;
  const root = engine.snapshotRoot;
  const listed = yield* attempt(files.list(root));
  engine.life.check();
  if (!listed.ok) {
    if (listed.error instanceof SimError && listed.error.code === 'file-not-found') return 0;
    throw listed.error;
  }
  let swept = 0;
  for (const { name } of listed.value) {
    const expiry = expiryOf(name, config.snapshotExpireSec);
    if (expiry === undefined || expiry > clock.now()) continue;
    yield* files.remove(`${root}/${name}`);
    swept += 1;
  }
  return swept;
}
