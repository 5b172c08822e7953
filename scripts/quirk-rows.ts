/**
 * Every numbered quirk of backup-jobs.md 9 (Q) and restore-jobs.md 9 (#): what of it the emulator
 * has, and the test that shows it. Those that are options stand in src/base/quirks.ts.
 */
export interface QuirkNote {
  readonly number: string;
  readonly what: string;
  /** `option`: see the list of names. */
  readonly has: 'yes' | 'no' | 'option';
  /** A file below test/; absent where no test is about it. */
  readonly test?: string;
  readonly note?: string;
}

const yes = (number: string, what: string, test: string, note?: string): QuirkNote => ({
  number,
  what,
  has: 'yes',
  test,
  ...(note !== undefined && { note }),
});
const no = (number: string, what: string, note: string, test?: string): QuirkNote => ({
  number,
  what,
  has: 'no',
  note,
  ...(test !== undefined && { test }),
});
const option = (number: string, what: string, test: string, note?: string): QuirkNote => ({
  number,
  what,
  has: 'option',
  test,
  ...(note !== undefined && { note }),
});

const ALWAYS = 'model/quirks-always.test.ts';
const HANDLER = 'unit/jobs/quirks.test.ts';
const ODDITIES = 'unit/jobs/oddities.test.ts';

export const QUIRK_NOTES: readonly QuirkNote[] = [
  option('Q1', 'a job reloaded in PENDING loops until its timeout', HANDLER),
  option(
    'Q2',
    'a late report of an earlier attempt satisfies the new task',
    HANDLER,
    'to be seen where a frontend restarts without its backends: not in a cluster of ours',
  ),
  yes('Q3', 'a successful upload leaves its error in TaskErrMsg', 'unit/jobs/backup.test.ts'),
  yes('Q4', 'after a move of the leader UPLOAD_INFO never ends', 'unit/jobs/backup.test.ts'),
  yes('Q5', "the job's local directory stays", 'unit/jobs/backup-cancel.test.ts'),
  yes('Q6', 'two databases may write one label', ALWAYS),
  yes(
    'Q7',
    'a cancelled backup leaves files that block its label',
    'unit/jobs/backup-cancel.test.ts',
  ),
  yes('Q8', '`type` = `incremental` runs as full', 'unit/jobs/submit-backup.test.ts'),
  no('Q9', 'one job that is not allowed empties SHOW BACKUP', 'root is the only user'),
  yes('Q10', 'the job of external catalogs is shown whatever FROM says', ALWAYS),
  yes('Q11', 'the replica is chosen without a look at its backend', ALWAYS),
  yes('Q12', 'progress on every eleventh file', 'unit/be-sim/backend-snapshots.test.ts'),
  yes('Q13', 'labels are not checked', ALWAYS, 'but path separators'),
  option('Q14', 'an upload of several tablets may never match again', HANDLER),
  yes('Q15', 'an upload report may leave tablets out', 'unit/jobs/backup.test.ts'),
  no('Q16', 'the metric of unfinished backups leaks', 'there are no metrics'),
  no('Q17', 'the texts of CANCEL differ in a word', 'they do here too, see #6'),
  yes(
    'Q18',
    '`__info` has the meta versions of the running frontend',
    'unit/repository/job-info.test.ts',
  ),
  no('Q19', 'the size of the task queue is counted wrongly', 'not to be seen'),
  yes('Q20', 'times and snapshot timestamps are in two zones', 'model/profiles.test.ts'),
  no('Q21', 'an ended job that has expired leaves the one before at replay', 'mended later'),
  yes('Q22', 'a dropped database does not stop the job after PENDING', ALWAYS),
  yes('Q23', 'a report with other files leaves no message', 'unit/jobs/backup.test.ts'),
  option('Q24', 'progress of tasks that nobody waits for', 'unit/jobs/backup.test.ts'),
  no('Q25', 'a task left in the queue blocks the next', 'tasks of a job leave with it'),
  yes('Q26', 'errors of UPLOAD_INFO show in Status', 'unit/jobs/backup.test.ts'),
  yes('#1', '`allow_load` has no effect', ALWAYS),
  yes('#2', 'the state is called SNAPSHOTING', ALWAYS),
  yes('#3', 'the default of `replication_num` makes some overwrites fail', ALWAYS),
  yes(
    '#4',
    'an alias that is the name of a table always fails',
    'unit/jobs/restore-cancel.test.ts',
  ),
  yes('#5', 'a bad `replication_num` speaks of the meta version', ALWAYS),
  yes('#6', 'a word is missing when there is nothing to cancel', ALWAYS),
  yes('#7', 'a database made by a restore stays', 'unit/jobs/submit-restore.test.ts'),
  yes('#8', 'an unreadable `__meta` only shows later', 'unit/jobs/restore-cancel.test.ts'),
  yes('#9', 'errors of tasks never cancel', ODDITIES),
  yes('#10', 'JobId is -1 before the first pass', ALWAYS),
  yes('#11', 'a missing table is named by a tablet', ODDITIES),
  yes('#12', 'the last batch takes the rest', 'unit/jobs/restore.test.ts'),
  yes('#13', 'values of list partitions are not compared', 'model/table-kinds.test.ts'),
  yes('#14', 'AUTO_INCREMENT is set before the checks', 'unit/fe/auto-increment.test.ts'),
  option('#15', 'signatures of tables collide', HANDLER),
  option('#16', 'a failed CREATE counts as a success', 'model/quirks.test.ts'),
  option('#17', 'a cancel in PENDING drops by name', HANDLER),
  option('#18', 'the cancel of a replaced view', 'unit/jobs/views.test.ts'),
  option('#19', 'the cancel of a replaced function', 'unit/jobs/functions.test.ts'),
  option('#20', 'active materialized views that are skipped', 'unit/jobs/mv/restore-views.test.ts'),
  no('#21', 'the metric of unfinished restores leaks', 'there are no metrics'),
  option('#22', 'a repeated move of a primary-key tablet', 'model/quirks.test.ts'),
  yes('#23', 'a query that still works is not rewritten', 'unit/jobs/mv/restore-views.test.ts'),
  option('#24', 'names are replaced one after the other', 'unit/jobs/mv/restore-views.test.ts'),
  no('#25', 'an action on a materialized view may run twice', 'it runs once'),
  option('#26', 'actions that a restart forgets', 'unit/jobs/mv/restore-views.test.ts'),
  no('#27', 'a cancel races with the handler', 'they take turns'),
  no(
    '#28',
    'restored data is created on HDD',
    'backends have no media; the frontend keeps what the snapshot says',
    ODDITIES,
  ),
  yes('#29', '`success` is never checked', ODDITIES),
  yes('#30', 'the visible version may go down', ALWAYS),
  no('#31', "a follower's visible time differs", 'there is one frontend'),
  yes(
    '#32',
    'a job info written again has the versions of the frontend',
    'unit/repository/job-info.test.ts',
  ),
  no('#33', 'a download erases what is not there', 'undefined behaviour'),
  yes('#34', 'a wrong checksum is tried for ever', 'model/fault-catalogue.test.ts'),
  yes('#35', 'several physical partitions only as new ones', 'unit/jobs/restore-cancel.test.ts'),
  no(
    '#36',
    'a local view of the name of a table breaks the job',
    'BAD_REPLACE',
    'unit/fe/objects/views.test.ts',
  ),
  option('#37', "one job's exception skips the jobs after it", HANDLER),
  yes('#38', 'a bad `replication_num` shows late', 'unit/jobs/restore.test.ts'),
  option('#39', 'a leftover `.part` counts as a file', 'model/quirks.test.ts'),
];
