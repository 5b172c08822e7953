/** Deletes a snapshot from its repository, in whichever words the frontend knows (BR-PRUNE). */
import { snapshotOn } from '../cluster/snapshots.ts';
import type { Connection } from '../connection/connection.ts';
import { quoteName, quoteValue } from '../connection/sql-text.ts';
import { BrError, messageOf, ServerError } from '../errors.ts';
import type { SnapshotStore } from './store-snapshots.ts';

/**
 * Returns when the repository no longer has it; a snapshot that is not there is fine. `store` is
 * for what no frontend deletes; without it that is an error.
 */
export async function dropSnapshot(
  connection: Connection,
  repository: string,
  label: string,
  store?: SnapshotStore,
): Promise<void> {
  const isGone = async (): Promise<boolean> =>
    (await snapshotOn(connection, repository, label)) === undefined;
  if (await isGone()) return;
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
  if (await isGone()) return;
  const why = [...new Set(refusals)].join('; ');
  if (store === undefined) {
    throw new BrError(
      'failed',
      `it is still in ${repository} (DROP SNAPSHOT needs StarRocks 4.2, ` +
        `or --storage-delete): ${why}`,
    );
  }
  await store.remove(label);
  if (await isGone()) return;
  throw new BrError('failed', `it was deleted in the store, and ${repository} still shows it`, {
    advice: ['storage of the configuration must name the place of the repository'],
  });
}
