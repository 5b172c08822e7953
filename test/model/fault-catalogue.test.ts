/**
 * Every fault of the catalogue strikes once in the life of a small database, and what becomes of
 * the jobs is what the specifications say: they go on to their end, are cancelled with that code,
 * or the process dies and the next one brings them to their end. A point that nothing passes fails
 * here, so it cannot stay in the catalogue.
 */
import { describe, expect, test } from 'vitest';
import { FAULT_POINT_NAMES, FAULT_POINTS, type FaultKind } from '../../src/base/fault-points.ts';
import { BACKEND_FILE_AREAS } from '../../src/be-sim/file-faults.ts';
import { FRONTEND_FILE_AREAS } from '../../src/fe/file-faults.ts';
import { TASK_TYPES } from '../../src/protocol/agent-task.ts';
import { FaultStory, type StoryOutcome, type StoryPlan } from './fault-story.ts';

const NUMBERS: Partial<Record<FaultKind, string>> = {
  delay: '=2000',
  cut: '=5',
  'crash-backend': '=3000',
};

/** An hour on, past the 600 s that the jobs have; the same back. */
const HOUR_MS = 3_600_000;

const FINISHED: StoryOutcome = {
  backup: 'FINISHED',
  restore: 'FINISHED',
  crashes: 0,
  refused: [],
  hits: 1,
};
const CRASHED: StoryOutcome = { ...FINISHED, crashes: 1, refused: ['connection-lost'] };
const refusing = (code: string): StoryOutcome => ({ ...FINISHED, refused: [code] });

/** The frontend's clock is past the job's time at the next tick: CANCELLED, and again is fine. */
const TIMED_OUT: StoryOutcome = {
  ...FINISHED,
  backup: '[TIMEOUT, msg: ]',
  backupAgain: 'FINISHED',
};

/** Nobody checks `__meta` before a restore does, which cannot read it then (restore-jobs.md 9 #8). */
function unreadable(reason: string): StoryOutcome {
  const status: string = expect.stringContaining(
    `[COMMON_ERROR, msg: failed to read backup meta of snapshot first: ${reason}`,
  );
  return { ...FINISHED, restore: status, restoreAgain: status };
}

/** A file with another checksum is fetched again and again (restore-jobs.md 9 #34). */
const OBJECT_DAMAGED: StoryOutcome = {
  ...FINISHED,
  restore: '[TIMEOUT, msg: restore job first timed out]',
  restoreAgain: '[TIMEOUT, msg: restore job first timed out]',
};

/** What is not as `expectationOf` says by kind. */
const EXPECTED: Readonly<Record<string, StoryOutcome>> = {
  // A failed log stops the frontend: nobody knows what is on the disk.
  'fe.edit-log.append:fail': { ...CRASHED, refused: ['injected-fault'] },
  'fe.edit-log.sync:fail': { ...CRASHED, refused: ['injected-fault'] },
  // The only replica was not written.
  'fe.load.stage:fail': refusing('backend-unavailable'),
  'fe.load.stage:crash-backend': refusing('backend-unavailable'),
  'be.load.staged:fail': refusing('backend-unavailable'),
  'be.load.staged:crash-backend': refusing('backend-unavailable'),
  // What brings an abort about.
  'fe.load.abort:fail': refusing('backend-unavailable'),
  'fe.load.abort:delay': refusing('backend-unavailable'),
  'fe.load.abort:crash-backend': refusing('backend-unavailable'),
  // Committed, and read before the next tablet report has it published.
  'fe.load.publish:fail': refusing('tablet-unreadable'),
  'fe.load.publish:crash-backend': refusing('tablet-unreadable'),
  'be.load.published:crash-backend': refusing('tablet-unreadable'),
  'fe.file.read:corrupt': unreadable('file /bucket/'),
  'fe.file.write:corrupt': unreadable('cannot decode __meta of snapshot first: malformed'),
  'fe.file.write:cut': unreadable('cannot decode __meta of snapshot first: __meta announces'),
  'blob.put:corrupt': OBJECT_DAMAGED,
  // The statement looks into the repository before there is a job.
  'blob.get:fail': refusing('common-error'),
  'blob.get:corrupt': refusing('common-error'),
  'blob.get:cut': refusing('common-error'),
  'blob.list:fail': refusing('common-error'),
};

function expectationOf(point: string, kind: FaultKind): StoryOutcome {
  const known = EXPECTED[`${point}:${kind}`];
  if (known !== undefined) return known;
  if (kind === 'crash') return CRASHED;
  return kind === 'clock-jump' && point.startsWith('fe.') ? TIMED_OUT : FINISHED;
}

/** Where the life of the story passes a point, if not in the backup. */
function planOf(point: string, kind: FaultKind): StoryPlan {
  const failpoint = `${point}:${kind}${NUMBERS[kind] ?? ''}`;
  if (point === 'fe.load.abort') return { failpoint, from: 'load', also: 'fe.load.stage:fail' };
  if (point.includes('.load.')) return { failpoint, from: 'load' };
  if (point === 'blob.stat') return { failpoint, from: 'setup' };
  if (point === 'be.report.progress') return { failpoint, from: 'backup', tablets: 6 };
  if (point === 'blob.put' && kind === 'corrupt') return { failpoint, from: 'backup', drops: true };
  // A damaged file of the only replica is lost; one that was fetched is fetched again.
  const isDamage = kind === 'corrupt' || kind === 'cut';
  if (point.startsWith('be.file.') && isDamage) {
    return { failpoint: `${failpoint} area=snapshot`, from: 'restore' };
  }
  return { failpoint, from: 'backup' };
}

describe.each(FAULT_POINT_NAMES)('at %s', (point) => {
  test.each(FAULT_POINTS[point].faults)('%s ends as it should', async (kind) => {
    const outcome = await FaultStory.tell(planOf(point, kind));
    expect(outcome).toEqual(expectationOf(point, kind));
  });
});

const JUMPED = FAULT_POINT_NAMES.filter((name) =>
  FAULT_POINTS[name].faults.some((kind) => kind === 'clock-jump'),
);

test.each(JUMPED)('at %s the clock can be set back by an hour', async (point) => {
  const tablets = point === 'be.report.progress' ? 6 : 2;
  const failpoint = `${point}:clock-jump=${-HOUR_MS}`;
  expect(await FaultStory.tell({ failpoint, from: 'backup', tablets })).toEqual(FINISHED);
});

describe.each(['fe.task.send', 'be.task.begin', 'be.task.report'] as const)('at %s', (point) => {
  test.each(TASK_TYPES)('every kind of task may be lost: %s', async (type) => {
    const from = type === 'CREATE' ? 'setup' : 'backup';
    const drops = type === 'DROP' ? { drops: true as const } : {};
    const outcome = await FaultStory.tell({
      failpoint: `${point}:fail type=${type}`,
      from,
      ...drops,
    });
    expect(outcome).toMatchObject({ backup: 'FINISHED', restore: 'FINISHED', hits: 1 });
  });
});

test.each([
  ...FRONTEND_FILE_AREAS.filter((area) => area !== 'side').map((area) => ['fe', area] as const),
  ...BACKEND_FILE_AREAS.map((area) => ['be', area] as const),
])('every folder has its fault points: %s %s', async (who, area) => {
  const point = area === 'edit-log' || area === 'meta' ? 'delete' : 'sync';
  const config = area === 'meta' ? 'be.meta-log.sync' : `${who}.file.${point}`;
  const outcome = await FaultStory.tell({
    failpoint: `${config}:fail area=${area}`,
    from: 'backup',
  });
  expect(outcome).toMatchObject({ backup: 'FINISHED', restore: 'FINISHED', hits: 1 });
});
