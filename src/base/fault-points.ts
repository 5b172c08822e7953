/**
 * The catalogue of fault points: where something can be made to go wrong, how, and what a point can
 * be narrowed to. The only list: docs/faults.md and `SHOW FAILPOINTS` are made from it, and a test
 * walks it, so that a point that nothing passes cannot stay here.
 */

/**
 * `crash` ends the whole process. `crash-backend` ends one backend, with its memory and what it had
 * not synced. `clock-jump` sets the clock that the frontend, or the backend passing, goes by.
 */
export const FAULT_KINDS = [
  'fail',
  'delay',
  'corrupt',
  'cut',
  'crash',
  'crash-backend',
  'clock-jump',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface FaultPointRow {
  readonly about: string;
  readonly faults: readonly FaultKind[];
  /** What the point can be narrowed to; keys of `FaultSubject`. */
  readonly subject: readonly string[];
}

export const FAULT_POINT_NAMES = [
  'fe.edit-log.append',
  'fe.edit-log.sync',
  'fe.edit-log.applied',
  'fe.job.enter',
  'fe.job.leave',
  'fe.task.send',
  'fe.task.answer',
  'fe.heartbeat.send',
  'fe.load.stage',
  'fe.load.publish',
  'fe.load.abort',
  'fe.file.read',
  'fe.file.write',
  'fe.file.rename',
  'fe.file.delete',
  'fe.file.list',
  'fe.file.sync',
  'be.task.begin',
  'be.task.report',
  'be.report.tasks',
  'be.report.tablets',
  'be.report.progress',
  'be.load.staged',
  'be.load.published',
  'be.meta-log.append',
  'be.meta-log.sync',
  'be.file.read',
  'be.file.write',
  'be.file.link',
  'be.file.rename',
  'be.file.delete',
  'be.file.list',
  'be.file.sync',
  'blob.put',
  'blob.get',
  'blob.stat',
  'blob.list',
  'blob.rename',
  'blob.delete',
] as const;
export type FaultPoint = (typeof FAULT_POINT_NAMES)[number];

const row = (
  about: string,
  faults: readonly FaultKind[],
  subject: readonly string[],
): FaultPointRow => ({ about, faults, subject });

/** Of an operation that a process does for itself. */
const OPERATION = ['fail', 'delay', 'crash'] as const;
/** Of one that a backend does, or that goes to one or comes from one. */
const OF_BACKEND = [...OPERATION, 'crash-backend'] as const;
const MESSAGE = [...OF_BACKEND, 'clock-jump'] as const;

const OP = ['op'];
const STATE = ['kind', 'state'];
const TASK = ['type', 'backend'];
const BACKEND = ['backend'];
const FE_FILE = ['area', 'path'];
const BE_FILE = ['backend', 'area', 'path'];
const OBJECT = ['backend', 'key'];

export const FAULT_POINTS: Readonly<Record<FaultPoint, FaultPointRow>> = {
  'fe.edit-log.append': row(
    'before a record is written to the edit log',
    [...OPERATION, 'clock-jump'],
    OP,
  ),
  'fe.edit-log.sync': row('after a record is written, before it is synced', OPERATION, OP),
  'fe.edit-log.applied': row('after a record is synced and applied', ['crash'], OP),
  'fe.job.enter': row('a job has just entered a state', ['crash', 'clock-jump'], STATE),
  'fe.job.leave': row('a job is about to leave a state', ['crash', 'clock-jump'], STATE),
  'fe.task.send': row('an agent task goes to a backend', MESSAGE, TASK),
  'fe.task.answer': row('the answer to a finish report goes back', OF_BACKEND, TASK),
  'fe.heartbeat.send': row('a backend is asked how it is', MESSAGE, BACKEND),
  'fe.load.stage': row('rows of a load go to a backend', OF_BACKEND, BACKEND),
  'fe.load.publish': row('a backend is told to publish a commit', OF_BACKEND, BACKEND),
  'fe.load.abort': row('a backend is told to give a load up', OF_BACKEND, BACKEND),
  'fe.file.read': row(
    'the frontend reads a file of a job, an image or the log',
    [...OPERATION, 'corrupt'],
    FE_FILE,
  ),
  'fe.file.write': row(
    'the frontend writes to a file of a job, an image, or a side file of the log',
    [...OPERATION, 'corrupt', 'cut'],
    FE_FILE,
  ),
  'fe.file.rename': row('the frontend renames a file', OPERATION, FE_FILE),
  'fe.file.delete': row('the frontend deletes a file or a directory', OPERATION, FE_FILE),
  'fe.file.list': row('the frontend lists a directory', OPERATION, FE_FILE),
  'fe.file.sync': row('the frontend syncs a file or a directory', OPERATION, FE_FILE),
  'be.task.begin': row('a backend begins an agent task', MESSAGE, TASK),
  'be.task.report': row('a backend reports the end of an agent task', MESSAGE, TASK),
  'be.report.tasks': row('a backend reports the tasks it has', MESSAGE, BACKEND),
  'be.report.tablets': row('a backend reports the tablets it has', MESSAGE, BACKEND),
  'be.report.progress': row('a backend reports how far an upload or download is', MESSAGE, TASK),
  'be.load.staged': row('a backend has staged rows and answers', OF_BACKEND, BACKEND),
  'be.load.published': row('a backend has published a commit and answers', OF_BACKEND, BACKEND),
  'be.meta-log.append': row('a backend writes to its meta log', OF_BACKEND, BE_FILE),
  'be.meta-log.sync': row('a backend syncs its meta log', OF_BACKEND, BE_FILE),
  'be.file.read': row('a backend reads or hashes a file', [...OF_BACKEND, 'corrupt'], BE_FILE),
  'be.file.write': row(
    'a backend writes to a file of a tablet or a snapshot',
    [...OF_BACKEND, 'corrupt', 'cut'],
    BE_FILE,
  ),
  'be.file.link': row('a backend makes a hard link', OF_BACKEND, BE_FILE),
  'be.file.rename': row('a backend renames a file', OF_BACKEND, BE_FILE),
  'be.file.delete': row('a backend deletes a file or a directory', OF_BACKEND, BE_FILE),
  'be.file.list': row('a backend lists a directory', OF_BACKEND, BE_FILE),
  'be.file.sync': row('a backend syncs a file or a directory', OF_BACKEND, BE_FILE),
  'blob.put': row(
    'an object is written to a repository',
    [...OF_BACKEND, 'corrupt', 'cut'],
    OBJECT,
  ),
  'blob.get': row('an object is read from a repository', [...OF_BACKEND, 'corrupt', 'cut'], OBJECT),
  'blob.stat': row('it is asked whether an object is there', OPERATION, OBJECT),
  'blob.list': row('a repository is listed', OF_BACKEND, OBJECT),
  'blob.rename': row('an object is renamed', OPERATION, OBJECT),
  'blob.delete': row('an object is deleted', OPERATION, OBJECT),
};
