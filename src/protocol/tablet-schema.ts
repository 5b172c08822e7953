/** What a backend knows of a table: the columns of one index and how rows of one key combine. */
import type { SqlType } from '../base/sql-type.ts';

export const KEYS_TYPES = ['DUP_KEYS', 'AGG_KEYS', 'UNIQUE_KEYS', 'PRIMARY_KEYS'] as const;
export type KeysType = (typeof KEYS_TYPES)[number];

export interface TabletColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly isKey: boolean;
  readonly isNullable: boolean;
  /** AGG_KEYS value columns: SUM, MAX, ... */
  readonly aggregation?: string;
}

export interface TabletSchema {
  readonly keysType: KeysType;
  readonly schemaHash: number;
  readonly columns: readonly TabletColumn[];
}
