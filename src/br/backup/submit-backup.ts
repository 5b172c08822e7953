/** Sends BACKUP and finds out what became of it (BR-FULL, BR-SLOT). */
import { currentJob } from '../cluster/jobs.ts';
import type { Session } from '../commands/session.ts';
import { BrError, LostConnection, messageOf, ServerError } from '../errors.ts';
import { persist } from '../jobs/persist.ts';
import { settleBackup } from '../jobs/settle.ts';
import { asConflict, type Slot, untilFree } from '../jobs/slot.ts';
import { recordEvent } from '../ops/events.ts';
import { type BackupPlan, type BackupRequest, statementOf } from './plan-backup.ts';
import { deleteRecords } from './records.ts';

export interface Submitted {
  readonly label: string;
  readonly statement: string;
  readonly plan: BackupPlan;
}

/** A refusal for good is written into the history; one about the label or the slot is not. */
export async function submitBackup(
  session: Session,
  request: BackupRequest,
  plan: BackupPlan,
  label: string,
  slot: Slot,
): Promise<Submitted | 'label-taken'> {
  const statement = statementOf(request, plan, label, session.config.repository);
  try {
    await untilFree(request.waitMs, session, () =>
      send(session, request.database, label, statement),
    );
    return { label, statement, plan };
  } catch (error) {
    const isTaken =
      error instanceof ServerError && /snapshot with name .* already exist/i.test(error.message);
    if (isTaken) {
      await persist(session, `the slot of ${label}`, async () => {
        await deleteRecords(session.ops, label);
        await slot.abandon();
      });
      return 'label-taken';
    }
    if (!(error instanceof ServerError)) throw error;
    const reason = messageOf(error);
    await persist(session, `the books of ${label}`, async () => {
      await settleBackup({ label, state: 'FAILED', reason, job: undefined }, session);
      await slot.release('FAILED');
      const event = { level: 'error', event: 'backup.failed', label, detail: reason } as const;
      await recordEvent(session.ops, event);
    });
    throw new BrError('job-failed', `the server refused the backup ${label}: ${reason}`, {
      inputs: { label, statement },
      cause: error,
    });
  }
}

/** A connection that is lost here leaves open whether there is a job: the database tells. */
async function send(
  session: Session,
  database: string,
  label: string,
  statement: string,
): Promise<void> {
  try {
    await session.connection.query(statement);
  } catch (error) {
    if (!(error instanceof LostConnection)) throw asConflict(error, database);
    if (!(await isBegun(session, database, label))) throw error;
  }
}

/** `unfinished` if nobody can tell: then the job may run, and what is recorded must stay. */
async function isBegun(session: Session, database: string, label: string): Promise<boolean> {
  try {
    const ask = () => currentJob(session.connection, 'backup', database);
    return (await persist(session, `whether ${label} has begun`, ask))?.label === label;
  } catch (error) {
    if (!(error instanceof LostConnection)) throw error;
    throw new BrError('unfinished', `whether ${label} has begun is not known: ${error.message}`, {
      advice: [`srbr reconcile --label ${label} once the frontend answers`],
      cause: error,
    });
  }
}
