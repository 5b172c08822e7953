/** Looks at the restored rows before anything is put in place (BR-REST 7.2). */
import { createHash } from 'node:crypto';
import type { Connection } from '../connection/connection.ts';
import { rowCount } from '../connection/row-count.ts';
import { BrError } from '../errors.ts';
import { tableDigest } from './checksum.ts';
import type { PlannedTable } from './plan-restore.ts';
import type { RestoreRun } from './restore-run.ts';

/** The step whose object is the checksum, for a run that goes on after the cut-over has begun. */
export const VERIFIED = 'verified';

/** Answers one checksum over all tables; `mismatch` if a recorded count differs. */
export async function verifyTables({ session, order, journal }: RestoreRun): Promise<string> {
  const { plan } = order;
  const checksum = await journal.step('verify', plan.database, {}, async () => {
    const lines: string[] = [];
    const faults: string[] = [];
    for (const planned of plan.tables) {
      const { table, assembly } = planned;
      const { rows, checksum } = await tableDigest(session.connection, plan.database, assembly);
      lines.push(`${table} ${checksum}`);
      session.report.info(`${table}: ${rows} rows, checksum ${checksum}`);
      const fault = await countFault(session.connection, plan.database, planned, rows);
      if (fault !== undefined) faults.push(fault);
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

/** Exact for what was counted at the snapshot; of the rest the figures are only told. */
async function countFault(
  connection: Connection,
  database: string,
  { table, assembly, counted }: PlannedTable,
  rows: number,
): Promise<string | undefined> {
  if (counted === undefined) return undefined;
  const found =
    counted.partitions === undefined
      ? rows
      : await rowCount(connection, database, assembly, counted.partitions);
  if (found === counted.rows) return undefined;
  const where = counted.partitions === undefined ? '' : ` in ${counted.partitions.join(', ')}`;
  return `${table} has ${found} rows${where}, the backup had ${counted.rows}`;
}
