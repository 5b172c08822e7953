/**
 * The jobs there are: one slot per database, holding its last backup or restore (backup-jobs.md
 * 1.5). A slot is also the mailbox of its job: steps, cancels and reports take turns there.
 */
import type { DbId } from '../base/ids.ts';
import { Mutex } from '../base/lock.ts';
import { type Op, suspend } from '../base/op.ts';
import type { Job } from './job-machine.ts';
import { type JobRuntime, runtimeOf } from './job-runtime.ts';

export class JobSlot {
  /** The job as it is now. */
  job: Job;
  /** The job as the log has it: what an image holds and a restart finds. */
  loggedJob: Job;
  runtime: JobRuntime;
  /** The job of a record that this process is appending: it keeps the runtime. */
  #entering: Job | undefined;
  readonly #mutex = new Mutex();
  #waiting: (() => void)[] = [];

  constructor(job: Job) {
    this.job = job;
    this.loggedJob = job;
    this.runtime = runtimeOf(job.taskErrMsg);
  }

  /** Runs a step or a cancel alone. Reports that came meanwhile are let in after it. */
  *hold<T>(body: () => Op<T>): Op<T> {
    try {
      return yield* this.#mutex.hold(body);
    } finally {
      if (!this.#mutex.isHeld) this.#admit();
    }
  }

  get isIdle(): boolean {
    return !this.#mutex.isHeld;
  }

  /** Waits until no step is in flight. Any number may wait; each costs the same. */
  *whenIdle(): Op<void> {
    while (this.#mutex.isHeld) {
      yield* suspend<void>((resume) => {
        this.#waiting.push(() => resume({ ok: true, value: undefined }));
      });
    }
  }

  /** A record of this job is on its way to the log by this process's own step. */
  beginEntering(job: Job): void {
    this.#entering = job;
  }

  /** A record is on disk: its job is the one of this slot now, live and logged. */
  putLogged(job: Job): void {
    if (this.#entering !== job) this.runtime = runtimeOf(job.taskErrMsg);
    this.#entering = undefined;
    this.job = job;
    this.loggedJob = job;
  }

  /** A change that is not logged: waiting states, the status of a retried step. */
  putUnlogged(job: Job): void {
    this.job = job;
  }

  #admit(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const admit of waiting) admit();
  }
}

export type JobSlots = Map<DbId, JobSlot>;

/** Slots in the order in which a tick visits them. */
export function slotsInOrder(slots: JobSlots): readonly JobSlot[] {
  return [...slots].sort(([a], [b]) => a - b).map(([, slot]) => slot);
}
