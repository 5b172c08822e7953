/** What surrounds the deed of a command that monitoring wants to hear of (BR-MON). */
import { raiseAlert } from '../alerts/raise.ts';
import { BrError, type BrErrorCode, messageOf } from '../errors.ts';
import { refreshTextfile } from '../monitor/textfile.ts';
import { serverNow } from '../ops/ops.ts';
import type { Session } from './session.ts';

/** Failures before anything is begun: no run is there whose end would be told. */
const REFUSALS: ReadonlySet<BrErrorCode> = new Set([
  'unhealthy',
  'preflight',
  'unsupported',
  'repository-missing',
  'group-unknown',
  'tables-missing',
  'no-full-backup',
  'label-unknown',
  'snapshot-missing',
  'snapshot-exists',
  'temporary-table',
]);

/** Tells refusals to the alerts and brings the metrics' file up to date, whatever comes out. */
export async function watched<T>(
  session: Session,
  what: string,
  deed: () => Promise<T>,
): Promise<T> {
  if (session.options.flag('dryRun')) return await deed();
  try {
    return await deed();
  } catch (error) {
    if (error instanceof BrError && REFUSALS.has(error.code))
      await tellRefusal(session, what, error);
    throw error;
  } finally {
    await refreshTextfile(session);
  }
}

/** Each is a matter of its own: the next night's refusal is told again. */
async function tellRefusal(session: Session, what: string, { message }: BrError): Promise<void> {
  const { config, connection, report } = session;
  if (config.alerts.length === 0) return;
  const text = `${what} was refused: ${message}`;
  try {
    const subject = `${what} at ${await serverNow(connection)}`;
    await raiseAlert({ kind: 'run-refused', level: 'critical', subject, text }, session);
  } catch (error) {
    report.warn(`no alert went out (${text}): ${messageOf(error)}`);
  }
}
