/** `BackupMeta`: whole catalog objects of a snapshot, stored in `__meta` (repository.md 3.2). */
import type { ExternalCatalog, Table, UserFunction, View } from '../catalog/model.ts';

export interface BackupMeta {
  readonly tables: ReadonlyMap<string, Table>;
  readonly views: ReadonlyMap<string, View>;
  readonly functions: readonly UserFunction[];
  readonly catalogs: readonly ExternalCatalog[];
}

export const EMPTY_META: BackupMeta = Object.freeze({
  tables: new Map(),
  views: new Map(),
  functions: [],
  catalogs: [],
});
