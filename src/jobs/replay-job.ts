/**
 * What a job record does, on the leader once it is on disk and at replay alike (backup-jobs.md 2.6,
 * restore-jobs.md 2.7).
 */

import { isCatalogJob, isExpired, isTerminal } from './abstract-job.ts';
import { changeCatalog } from './change-catalog.ts';
import type { CatalogChange } from './effects.ts';
import { type Job, rowOf } from './job-machine.ts';
import { JobSlot, type JobSlots } from './job-slots.ts';
import type { MvRestores } from './mv/mv-restores.ts';
import type { JobPorts } from './ports.ts';
import { createdCatalogs, withdrawnCatalogs } from './restore-catalogs.ts';
import { cancelledChanges, finishedChanges, preparedChanges } from './restore-commit.ts';
import type { RestoreJob } from './restore-job.ts';

type ReplayPorts = Pick<
  JobPorts,
  'catalog' | 'logger' | 'clock' | 'config' | 'traits' | 'machines'
>;

/**
 * Puts a logged job in its slot and makes the catalog follow. Only PENDING may take a slot that is
 * free or done; any other record without a live job is dropped with an error line. Where a release
 * does not replay expired jobs, an ended one that is as old as that leaves its slot empty. Throws
 * `metadata-unreadable` for a state that the transition table lacks.
 */
export function applyJob(
  ports: ReplayPorts,
  slots: JobSlots,
  views: Pick<MvRestores, 'note' | 'discard'>,
  job: Job,
): void {
  rowOf(ports.machines, job);
  const slot = slots.get(job.dbId);
  if (job.state === 'PENDING') {
    if (slot === undefined) slots.set(job.dbId, new JobSlot(job));
    else slot.putLogged(job);
    views.note(job);
    return;
  }
  if (slot === undefined || isTerminal(slot.job.state)) {
    ports.logger.log('error', 'a job record does not follow a live job and is dropped', {
      dbId: job.dbId,
      label: job.label,
      state: job.state,
    });
    return;
  }
  if (job.type === 'RESTORE') changeForRestore(ports, slot.job, job);
  slot.putLogged(job);
  views.note(job);
  if (ports.traits.replaysExpiredJobs || !isExpiredNow(ports, job)) return;
  slots.delete(job.dbId);
  views.discard(job);
}

function isExpiredNow({ clock, config }: ReplayPorts, job: Job): boolean {
  return isExpired(job, clock.now(), config.historyJobKeepMaxSecond);
}

function changeForRestore(ports: ReplayPorts, before: Job, job: RestoreJob): void {
  if (isCatalogJob(job)) {
    changeForCatalogs(ports, before, job);
    return;
  }
  const database = ports.catalog.database(job.dbId);
  if (database === undefined) return;
  let changes: readonly CatalogChange[] = [];
  if (job.state === 'DOWNLOAD') changes = preparedChanges(job, database);
  else if (job.state === 'FINISHED') changes = finishedChanges(job, database);
  else if (job.state === 'CANCELLED' && before.type === 'RESTORE') {
    changes = cancelledChanges(before, database, ports.traits);
  }
  changeCatalog(ports.catalog.unlogged, job.dbId, changes);
}

function changeForCatalogs({ catalog }: ReplayPorts, before: Job, job: RestoreJob): void {
  const here = catalog.externalCatalogs();
  if (job.state === 'COMMITTING') {
    changeCatalog(catalog.unlogged, job.dbId, createdCatalogs(job, here));
  } else if (job.state === 'CANCELLED' && before.type === 'RESTORE') {
    changeCatalog(catalog.unlogged, job.dbId, withdrawnCatalogs(before, here));
  }
}
