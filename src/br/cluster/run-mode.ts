/** Refuses clusters that cannot be backed up (BR-CONN). */
import { type Connection, cell } from '../connection/connection.ts';
import { BrError } from '../errors.ts';

/** BACKUP is for shared-nothing clusters; releases without the setting have no other mode. */
export async function requireSharedNothing(connection: Connection): Promise<void> {
  const rows = await connection.query("ADMIN SHOW FRONTEND CONFIG LIKE 'run_mode'");
  const mode = rows.find((row) => row['Key'] === 'run_mode');
  if (mode === undefined || cell(mode, 'Value') === 'shared_nothing') return;
  throw new BrError('unsupported', `this is a ${cell(mode, 'Value')} cluster`, {
    advice: ['BACKUP and RESTORE work in shared-nothing clusters only'],
  });
}
