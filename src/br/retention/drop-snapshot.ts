/** Deletes a snapshot from its repository, in whichever words the frontend knows (BR-PRUNE). */
import { snapshotOn } from '../cluster/snapshots.ts';
import type { Connection } from '../connection/connection.ts';
import { quoteName, quoteValue } from '../connection/sql-text.ts';
import { BrError, messageOf, ServerError } from '../errors.ts';

/** Returns when the repository no longer has it; a snapshot that is not there is fine. */
export async function dropSnapshot(
  connection: Connection,
  repository: string,
  label: string,
): Promise<void> {
  if ((await snapshotOn(connection, repository, label)) === undefined) return;
  const forms = [
    `DROP SNAPSHOT ${quoteName(label)} ON ${quoteName(repository)}`,
    `DROP SNAPSHOT ON ${quoteName(repository)} WHERE SNAPSHOT = ${quoteValue(label)}`,
  ];
  const refusals: string[] = [];
  for (const form of forms) {
    try {
      await connection.query(form);
      break;
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      refusals.push(messageOf(error));
    }
  }
  if ((await snapshotOn(connection, repository, label)) === undefined) return;
  const why = [...new Set(refusals)].join('; ');
  throw new BrError(
    'failed',
    `it is still in ${repository} (DROP SNAPSHOT needs StarRocks 4.2): ${why}`,
  );
}
