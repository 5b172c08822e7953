/**
 * What a backup has besides tables, as `br_backup_meta.objects_json` keeps it. Views are in every
 * snapshot, being small; materialized views where they were new or another query.
 */
import type { Definitions } from '../cluster/objects.ts';

export interface BackupObjects {
  readonly views: Definitions;
  readonly materializedViews: Definitions;
  /** Those in this snapshot; the others are in one that it stands on. */
  readonly heldMaterializedViews: readonly string[];
  readonly functions: readonly string[];
}

export const NO_OBJECTS: BackupObjects = Object.freeze({
  views: {},
  materializedViews: {},
  heldMaterializedViews: [],
  functions: [],
});

export function objectsText(objects: BackupObjects): string {
  return JSON.stringify(objects);
}

/** `undefined` for a backup whose objects nobody has recorded. */
export function parseObjects(text: string | undefined): BackupObjects | undefined {
  if (text === undefined || text === '') return undefined;
  return { ...NO_OBJECTS, ...(JSON.parse(text) as Partial<BackupObjects>) };
}
