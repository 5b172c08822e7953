/**
 * Follows a job to its end: asks at once, then less and less often, through lost connections, and
 * decides from the repository when the frontend no longer shows it (BR-POLL).
 */
import { MINUTE_MS, SECOND_MS } from '../../base/units.ts';
import { currentJob, isDone, type Job, type JobKind, tasksText } from '../cluster/jobs.ts';
import { snapshotOn } from '../cluster/snapshots.ts';
import type { Config } from '../config/config.ts';
import { durationText } from '../config/duration.ts';
import type { Connection } from '../connection/connection.ts';
import { BrError, LostConnection, messageOf, ServerError } from '../errors.ts';
import type { FinalState } from '../ops/history.ts';
import { type Ports, sleep } from '../ports.ts';
import type { Report } from '../report/report.ts';

/** What a job may take beyond its own timeout before nobody waits any longer. */
const DEADLINE_GRACE_MS: number = 10 * MINUTE_MS;

/** A job in one state tells its progress at least so often. */
const PROGRESS_MS_MAX: number = 60 * SECOND_MS;

const TIMEOUT_SECONDS_DEFAULT = 86_400;

export interface Tracked {
  readonly kind: JobKind;
  readonly database: string;
  readonly label: string;
}

export interface Tracking {
  readonly connection: Connection;
  readonly config: Config;
  readonly ports: Ports;
  readonly report: Report;
  /** Called at each look, so that others see that somebody follows the job. */
  readonly beat: () => Promise<void>;
}

export interface TrackEnd {
  readonly state: FinalState | 'INTERRUPTED';
  readonly reason: string | undefined;
  /** The last that the frontend showed of it. */
  readonly job: Job | undefined;
}

export async function trackJob(tracked: Tracked, tracking: Tracking): Promise<TrackEnd> {
  const { config, ports, report } = tracking;
  const startMs = ports.clock.now();
  let delayMs = config.polling.initialMs;
  let errors = 0;
  let last: Job | undefined;
  const tell = createTeller(tracked, tracking);
  for (;;) {
    const look = await lookAt(tracked, tracking, last);
    if ('failure' in look) {
      errors += 1;
      report.warn(`asking for ${tracked.label} failed (${errors}): ${look.failure}`);
      if (errors > config.polling.maxConsecutiveErrors)
        return await fromRepository(tracked, tracking, last);
    } else {
      errors = 0;
      if (look.job === undefined) return await fromRepository(tracked, tracking, last);
      last = look.job;
      tell(last);
      if (isDone(last)) return endOf(last);
    }
    const timeoutMs = (last?.timeoutSeconds ?? TIMEOUT_SECONDS_DEFAULT) * SECOND_MS;
    if (ports.clock.now() - startMs > timeoutMs + DEADLINE_GRACE_MS) {
      const reason = `no end after ${durationText(timeoutMs + DEADLINE_GRACE_MS)}`;
      return { state: 'TIMEOUT', reason, job: last };
    }
    await sleep(ports, delayMs);
    if (ports.interruption.signal !== undefined) {
      return { state: 'INTERRUPTED', reason: ports.interruption.signal, job: last };
    }
    delayMs = Math.min(delayMs * 2, config.polling.maxMs);
  }
}

type Look = { readonly job: Job | undefined } | { readonly failure: string };

/** `job: undefined` when the database shows another job, or none. */
async function lookAt(
  { kind, database, label }: Tracked,
  { connection, beat }: Tracking,
  last: Job | undefined,
): Promise<Look> {
  try {
    const job = await currentJob(connection, kind, database);
    await beat();
    const isOurs = job?.label === label && (last?.id === undefined || job.id === last.id);
    return { job: isOurs ? job : undefined };
  } catch (error) {
    if (error instanceof LostConnection || error instanceof ServerError) {
      return { failure: messageOf(error) };
    }
    throw error;
  }
}

function endOf(job: Job): TrackEnd {
  if (job.state === 'FINISHED') return { state: 'FINISHED', reason: undefined, job };
  const reason = job.reason === '' ? `the server says ${job.state}` : job.reason;
  return { state: job.state === 'FAILED' ? 'FAILED' : 'CANCELLED', reason, job };
}

/** A complete snapshot is a backup that finished; of a restore the repository knows nothing. */
async function fromRepository(
  { kind, label }: Tracked,
  { connection, config, report }: Tracking,
  job: Job | undefined,
): Promise<TrackEnd> {
  const gone = 'the frontend no longer shows the job';
  if (kind === 'restore') return { state: 'LOST', reason: gone, job };
  try {
    const snapshot = await snapshotOn(connection, config.repository, label);
    if (snapshot?.isOk === true) {
      report.info(`${gone}; the repository has the whole snapshot`);
      return { state: 'FINISHED', reason: undefined, job };
    }
    return { state: 'LOST', reason: `${gone}, and the repository has no snapshot ${label}`, job };
  } catch (error) {
    throw new BrError('unfinished', `lost track of ${label}: ${messageOf(error)}`, {
      advice: [`srbr reconcile --label ${label}`, 'the slot stays taken until then'],
      cause: error,
    });
  }
}

function createTeller({ label }: Tracked, { report, ports }: Tracking): (job: Job) => void {
  let toldState: string | undefined;
  let toldMs = 0;
  return (job) => {
    const isNews = job.state !== toldState || ports.clock.now() - toldMs >= PROGRESS_MS_MAX;
    if (!isNews) return;
    toldState = job.state;
    toldMs = ports.clock.now();
    const tasks = tasksText(job.unfinishedTasks);
    const progress = [job.progress, tasks].filter((each) => each !== '').join(' ');
    report.wait(`${label}: ${job.state}${progress === '' ? '' : ` ${progress}`}`);
  };
}
