/**
 * Materialized views beside the restore jobs of a handler: what the jobs have brought, and the
 * actions that follow the end of each one exactly once in a life of the frontend.
 */
import type { Op } from '../../base/op.ts';
import { SECOND_MS } from '../../base/units.ts';
import { isCatalogJob } from '../abstract-job.ts';
import type { Job } from '../job-machine.ts';
import type { JobPorts } from '../ports.ts';
import { afterRestore } from './mv-post-actions.ts';
import { MvRestoreContext } from './mv-restore-context.ts';

export class MvRestores {
  readonly #ports: JobPorts;
  readonly #context = new MvRestoreContext();
  readonly #done = new WeakSet<Job>();

  constructor(ports: JobPorts) {
    this.#ports = ports;
  }

  /** A job as a record or an image has it. */
  note(job: Job): void {
    if (job.type === 'RESTORE' && !isCatalogJob(job)) this.#context.note(job);
  }

  /** A job is forgotten. */
  discard(job: Job): void {
    if (job.type === 'RESTORE' && !isCatalogJob(job)) this.#context.discard(job);
  }

  /** Forgets what is older than the retention, but for what these jobs have brought. */
  discardOld(jobs: Iterable<Job>): void {
    const { clock, config } = this.#ports;
    this.#context.discardBefore(clock.now() - config.historyJobKeepMaxSecond * SECOND_MS);
    for (const job of jobs) this.note(job);
  }

  /**
   * After the handler has visited a job that was `before`. The actions of a job that ended in an
   * earlier life are done again, unless StarRocks' way is wanted (restore-jobs.md 9 #26).
   */
  *afterVisit(before: Job, job: Job): Op<void> {
    if (job.type !== 'RESTORE' || job.state !== 'FINISHED' || this.#done.has(job)) return;
    this.#done.add(job);
    const isAgain = before === job;
    if (isAgain && this.#ports.traits.quirks.restartForgetsMvActions) return;
    yield* afterRestore(this.#ports, this.#context, job, isAgain);
  }
}
