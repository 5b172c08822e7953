/** Everything that the ops database knows of backups, in three statements. */
import { readMeta } from '../ops/backup-meta.ts';
import { readHistory } from '../ops/history.ts';
import { manifestTables } from '../ops/manifest.ts';
import type { Ops } from '../ops/ops.ts';
import type { Books } from '../restore/chain.ts';

export async function readBooks(ops: Ops): Promise<Books> {
  return {
    history: await readHistory(ops),
    metas: await readMeta(ops),
    manifest: await manifestTables(ops),
  };
}
