/** Looks at the restored rows before anything is put in place (BR-REST 7.2). */
import { createHash } from 'node:crypto';
import { BrError } from '../errors.ts';
import { tableDigest } from './checksum.ts';
import type { RestoreRun } from './restore-run.ts';

/** The step whose object is the checksum, for a run that goes on after the cut-over has begun. */
export const VERIFIED = 'verified';

/** Answers one checksum over all tables; `mismatch` if a recorded count differs. */
export async function verifyTables({ session, order, journal }: RestoreRun): Promise<string> {
  const { plan } = order;
  const checksum = await journal.step('verify', plan.database, {}, async () => {
    const lines: string[] = [];
    const faults: string[] = [];
    for (const { table, assembly, rowCount } of plan.tables) {
      const { rows, checksum } = await tableDigest(session.connection, plan.database, assembly);
      lines.push(`${table} ${checksum}`);
      session.report.info(`${table}: ${rows} rows, checksum ${checksum}`);
      if (rowCount !== undefined && rowCount !== rows) {
        faults.push(`${table} has ${rows} rows, the backup had ${rowCount}`);
      }
    }
    if (faults.length > 0) {
      throw new BrError('mismatch', faults.join('; '), {
        advice: ['nothing was put in place; the live tables are as they were'],
      });
    }
    return createHash('md5').update(lines.join('\n')).digest('hex');
  });
  await journal.step(VERIFIED, checksum, {}, async () => undefined);
  return checksum;
}
