/**
 * SHOW BACKUP and SHOW RESTORE [FROM db]: the last job of each database, if it is of that kind
 * (backup-jobs.md 6.1, restore-jobs.md 6.1, resolutions.md 7).
 */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import { EXTERNAL_CATALOG_SLOT } from '../../jobs/abstract-job.ts';
import type { JobView } from '../../jobs/backup-handler.ts';
import { SHOW_BACKUP_COLUMNS, showBackupRow } from '../../jobs/show-backup-rows.ts';
import { SHOW_RESTORE_COLUMNS, showRestoreRow } from '../../jobs/show-restore-rows.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { mayExportJob } from '../privileges/job-privileges.ts';
import { requirePrivilege, SYSTEM } from '../privileges/privilege-check.ts';
import { databaseNamed } from '../resolve.ts';
import { filterShown } from './show-filter.ts';

export const showJobs: Executor<'show-jobs'> = function* (
  frontend,
  session,
  { job: kind, database, tail },
): Op<StatementResult> {
  const rows: Row[] = [];
  const ofCatalogs = frontend.handler.job(EXTERNAL_CATALOG_SLOT);
  const views = visibleJobs(frontend, database);
  requirePrivilege(frontend, session, 'REPOSITORY', SYSTEM);
  if (kind === 'BACKUP' && views.some((view) => !mayExportJob(frontend, session, view))) {
    return showResult(SHOW_BACKUP_COLUMNS, []);
  }
  // The job of external catalogs comes last, whatever FROM says (resolutions.md 7).
  for (const view of ofCatalogs === undefined ? views : [...views, ofCatalogs]) {
    const row =
      kind === 'BACKUP'
        ? showBackupRow(view, session.timeZone, frontend.options.profile.jobs.longBackupProgress)
        : showRestoreRow(view, session.timeZone);
    if (row !== undefined) rows.push(row);
  }
  const names = kind === 'BACKUP' ? SHOW_BACKUP_COLUMNS : SHOW_RESTORE_COLUMNS;
  const shown = filterShown({ names, rows }, tail, 1);
  return showResult(shown.names, shown.rows);
};

/** A job whose database was dropped is not shown (backup-jobs.md 6.1). */
function visibleJobs(frontend: FrontendContext, database: string | undefined): readonly JobView[] {
  if (database !== undefined) {
    const view = frontend.handler.job(databaseNamed(frontend, database).id);
    return view === undefined ? [] : [view];
  }
  return frontend.handler.jobs().filter(({ job }) => frontend.catalog.databases.has(job.dbId));
}
