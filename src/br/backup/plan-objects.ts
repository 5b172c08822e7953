/** Which views, materialized views and functions go into a snapshot beside its tables (BR-INV). */
import {
  type Definitions,
  materializedViewDefinitions,
  viewDefinitions,
} from '../cluster/objects.ts';
import type { Connection } from '../connection/connection.ts';
import { type BackupObjects, NO_OBJECTS } from '../ops/backup-objects.ts';
import type { Members } from './members.ts';

/** `baseline` is `undefined` for a full backup and where nothing was recorded of it. */
export async function objectsOf(
  connection: Connection,
  { database, views, materializedViews, functions }: Members,
  baseline: BackupObjects | undefined,
): Promise<BackupObjects> {
  const ofViews = views.length === 0 ? {} : await viewDefinitions(connection, database);
  const ofMvs =
    materializedViews.length === 0 ? {} : await materializedViewDefinitions(connection, database);
  const known = baseline?.materializedViews ?? {};
  const wanted = picked(ofMvs, materializedViews);
  return {
    views: picked(ofViews, views),
    materializedViews: wanted,
    heldMaterializedViews: materializedViews.filter((name) => known[name] !== wanted[name]),
    functions,
  };
}

/** Whether there is something new, or another query under an old name. */
export function haveObjectsChanged(
  now: BackupObjects,
  before: BackupObjects = NO_OBJECTS,
): boolean {
  return (
    now.heldMaterializedViews.length > 0 ||
    Object.entries(now.views).some(([name, digest]) => before.views[name] !== digest) ||
    now.functions.some((name) => !before.functions.includes(name))
  );
}

function picked(all: Definitions, names: readonly string[]): Definitions {
  return Object.fromEntries(names.map((name) => [name, all[name] ?? '']));
}
