/**
 * Which failures can strike which transition of the jobs, and how a run brings them about. The
 * coverage of a set of runs is counted against this list: each pair of transition and kind is
 * either here with its recipes, or is listed with the reason why it cannot happen.
 */
import type { Fault, FaultSubject } from '../base/fault.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import type { JobKind } from '../jobs/abstract-job.ts';

export const STRIKE_KINDS = [
  'fail',
  'delay',
  'corrupt',
  'cut',
  'crash',
  'backend-crash',
  'clock-jump',
] as const;
export type StrikeKind = (typeof STRIKE_KINDS)[number];

/** A point that a job passes on this transition. */
export interface Place {
  readonly point: FaultPoint;
  readonly match: FaultSubject;
  readonly kinds: readonly Fault['do'][];
}

export interface Transition {
  readonly job: JobKind;
  /** `NEW`: the statement that submits the job. */
  readonly from: string;
  readonly to: string;
  readonly places: readonly Place[];
  /** On entering this state a run arms what is to strike; `NEW`: before the statement. */
  readonly armedAt: string;
  /** A strike counts while the job is in one of these; `NEW`: while it is being submitted. */
  readonly strikesIn: readonly string[];
  readonly cannot: Readonly<Partial<Record<StrikeKind, string>>>;
}

const NO_BYTES = 'no bytes of a tablet or of the repository are moved here';
const FE_FILES = 'the frontend writes its own files without a fault point';
const NO_TASKS = 'no backend is asked for anything here';
const NO_TIME = 'the statement takes no time of the clock';

const place = (
  point: FaultPoint,
  kinds: readonly Fault['do'][],
  match: FaultSubject = {},
): Place => ({ point, kinds, match });

const FAIL_DELAY = ['fail', 'delay'] as const;
const TASK = ['fail', 'delay', 'crash'] as const;
const BYTES = ['fail', 'delay', 'corrupt', 'cut', 'crash'] as const;

const logOf = (op: string): Place[] => [
  place('fe.edit-log.append', TASK, { op }),
  place('fe.edit-log.sync', TASK, { op }),
  place('fe.edit-log.applied', ['crash'], { op }),
];
const leaving = (kind: string, state: string): Place =>
  place('fe.job.leave', ['crash'], { kind, state });
const tasksOf = (type: string): Place[] => [
  place('be.task.begin', TASK, { type }),
  place('be.task.report', TASK, { type }),
];
const sending = (type: string): Place => place('fe.task.send', FAIL_DELAY, { type });

const BACKUP_LOG = 'OP_BACKUP_JOB_V2';
const RESTORE_LOG = 'OP_RESTORE_JOB_V2';

export const TRANSITIONS: readonly Transition[] = Object.freeze([
  {
    job: 'BACKUP',
    from: 'NEW',
    to: 'PENDING',
    places: [
      ...logOf(BACKUP_LOG),
      place('fe.job.enter', ['crash'], { kind: 'backup', state: 'PENDING' }),
      place('blob.list', TASK),
    ],
    armedAt: 'NEW',
    strikesIn: ['NEW', 'PENDING'],
    cannot: {
      corrupt: NO_BYTES,
      cut: NO_BYTES,
      'backend-crash': NO_TASKS,
      'clock-jump': NO_TIME,
    },
  },
  {
    job: 'BACKUP',
    from: 'PENDING',
    to: 'SNAPSHOTING',
    places: [sending('MAKE_SNAPSHOT'), leaving('backup', 'PENDING')],
    armedAt: 'PENDING',
    strikesIn: ['PENDING'],
    cannot: { corrupt: NO_BYTES, cut: NO_BYTES },
  },
  {
    job: 'BACKUP',
    from: 'SNAPSHOTING',
    to: 'UPLOAD_SNAPSHOT',
    places: [
      ...tasksOf('MAKE_SNAPSHOT'),
      place('be.file.write', BYTES),
      leaving('backup', 'SNAPSHOTING'),
    ],
    armedAt: 'PENDING',
    strikesIn: ['PENDING', 'SNAPSHOTING'],
    cannot: {},
  },
  {
    job: 'BACKUP',
    from: 'UPLOAD_SNAPSHOT',
    to: 'UPLOADING',
    places: [sending('UPLOAD'), leaving('backup', 'UPLOAD_SNAPSHOT')],
    armedAt: 'UPLOAD_SNAPSHOT',
    strikesIn: ['UPLOAD_SNAPSHOT'],
    cannot: { corrupt: NO_BYTES, cut: NO_BYTES },
  },
  {
    job: 'BACKUP',
    from: 'UPLOADING',
    to: 'SAVE_META',
    places: [
      ...tasksOf('UPLOAD'),
      place('blob.list', TASK),
      place('blob.put', BYTES),
      leaving('backup', 'UPLOADING'),
    ],
    armedAt: 'UPLOAD_SNAPSHOT',
    strikesIn: ['UPLOAD_SNAPSHOT', 'UPLOADING'],
    cannot: {},
  },
  {
    job: 'BACKUP',
    from: 'SAVE_META',
    to: 'UPLOAD_INFO',
    places: [...logOf(BACKUP_LOG), leaving('backup', 'SAVE_META')],
    armedAt: 'SAVE_META',
    strikesIn: ['SAVE_META', 'UPLOAD_INFO'],
    cannot: { corrupt: FE_FILES, cut: FE_FILES },
  },
  {
    job: 'BACKUP',
    from: 'UPLOAD_INFO',
    to: 'FINISHED',
    places: [place('blob.list', TASK), place('blob.put', BYTES), leaving('backup', 'UPLOAD_INFO')],
    armedAt: 'UPLOAD_INFO',
    strikesIn: ['UPLOAD_INFO'],
    cannot: {},
  },
  {
    job: 'RESTORE',
    from: 'NEW',
    to: 'PENDING',
    places: [...logOf(RESTORE_LOG), place('blob.get', BYTES), place('blob.list', TASK)],
    armedAt: 'NEW',
    strikesIn: ['NEW', 'PENDING'],
    cannot: { 'backend-crash': NO_TASKS, 'clock-jump': NO_TIME },
  },
  {
    job: 'RESTORE',
    from: 'PENDING',
    to: 'SNAPSHOTING',
    places: [
      ...tasksOf('CREATE'),
      sending('CREATE'),
      sending('MAKE_SNAPSHOT'),
      leaving('restore', 'PENDING'),
    ],
    armedAt: 'PENDING',
    strikesIn: ['PENDING'],
    cannot: { corrupt: NO_BYTES, cut: NO_BYTES },
  },
  {
    job: 'RESTORE',
    from: 'SNAPSHOTING',
    to: 'DOWNLOAD',
    places: [
      ...tasksOf('MAKE_SNAPSHOT'),
      place('be.file.write', BYTES),
      ...logOf(RESTORE_LOG),
      leaving('restore', 'SNAPSHOTING'),
    ],
    armedAt: 'PENDING',
    strikesIn: ['PENDING', 'SNAPSHOTING'],
    cannot: {},
  },
  {
    job: 'RESTORE',
    from: 'DOWNLOAD',
    to: 'DOWNLOADING',
    places: [sending('DOWNLOAD'), leaving('restore', 'DOWNLOAD')],
    armedAt: 'DOWNLOAD',
    strikesIn: ['DOWNLOAD'],
    cannot: { corrupt: NO_BYTES, cut: NO_BYTES },
  },
  {
    job: 'RESTORE',
    from: 'DOWNLOADING',
    to: 'COMMIT',
    places: [
      ...tasksOf('DOWNLOAD'),
      place('blob.list', TASK),
      place('blob.get', BYTES),
      place('be.file.write', BYTES),
      leaving('restore', 'DOWNLOADING'),
    ],
    armedAt: 'DOWNLOAD',
    strikesIn: ['DOWNLOAD', 'DOWNLOADING'],
    cannot: {},
  },
  {
    job: 'RESTORE',
    from: 'COMMIT',
    to: 'COMMITTING',
    places: [sending('MOVE'), leaving('restore', 'COMMIT')],
    armedAt: 'COMMIT',
    strikesIn: ['COMMIT'],
    cannot: { corrupt: NO_BYTES, cut: NO_BYTES },
  },
  {
    job: 'RESTORE',
    from: 'COMMITTING',
    to: 'FINISHED',
    places: [...tasksOf('MOVE'), ...logOf(RESTORE_LOG), leaving('restore', 'COMMITTING')],
    armedAt: 'COMMIT',
    strikesIn: ['COMMIT', 'COMMITTING'],
    cannot: { corrupt: 'a move links files, it writes none', cut: 'a move links files' },
  },
] satisfies readonly Transition[]);

/** A transition and a kind of failure that can strike it. */
export interface Pair {
  readonly transition: Transition;
  readonly kind: StrikeKind;
}

export const PAIRS: readonly Pair[] = Object.freeze(
  TRANSITIONS.flatMap((transition) =>
    STRIKE_KINDS.filter((kind) => transition.cannot[kind] === undefined).map((kind) => ({
      transition,
      kind,
    })),
  ),
);

export function pairName({ transition, kind }: Pair): string {
  return `${transition.job} ${transition.from} -> ${transition.to}: ${kind}`;
}
