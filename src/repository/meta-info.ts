/** `BackupMeta`: whole catalog objects of a snapshot, stored in `__meta` (repository.md 3.2). */
import type { Table } from '../catalog/model.ts';

export interface BackupMeta {
  readonly tables: ReadonlyMap<string, Table>;
}
