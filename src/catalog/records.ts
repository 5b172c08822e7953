/**
 * Changes of the catalog as they stand in the edit log, named after StarRocks' operation types.
 * A record carries the outcome, never the statement: applying it decides nothing.
 */
import type { DbId, PhysicalPartitionId, ReplicaId, TableId, TxnId } from '../base/ids.ts';
import type { ExternalCatalog, Partition, Table, UserFunction, View } from './model.ts';

export type CatalogRecord =
  | { readonly op: 'OP_CREATE_DB_V2'; readonly dbId: DbId; readonly name: string }
  | { readonly op: 'OP_DROP_DB'; readonly dbId: DbId }
  | { readonly op: 'OP_CREATE_TABLE_V2'; readonly dbId: DbId; readonly table: Table }
  | { readonly op: 'OP_DROP_TABLE'; readonly dbId: DbId; readonly tableId: TableId }
  | {
      readonly op: 'OP_RENAME_TABLE_V2';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly newName: string;
    }
  | {
      readonly op: 'OP_ADD_PARTITIONS_V2';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly partitions: readonly Partition[];
    }
  | {
      readonly op: 'OP_DROP_PARTITION';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly partitionName: string;
    }
  | {
      /** New partitions take the place of those with the same names. */
      readonly op: 'OP_TRUNCATE_TABLE';
      readonly dbId: DbId;
      readonly tableId: TableId;
      readonly partitions: readonly Partition[];
    }
  /** In the place of a view of that name, if there is one. */
  | { readonly op: 'OP_CREATE_VIEW'; readonly dbId: DbId; readonly view: View }
  | { readonly op: 'OP_DROP_VIEW'; readonly dbId: DbId; readonly name: string }
  /** In the place of a function of that signature, if there is one. */
  | { readonly op: 'OP_ADD_FUNCTION_V2'; readonly dbId: DbId; readonly function: UserFunction }
  | { readonly op: 'OP_DROP_FUNCTION_V2'; readonly dbId: DbId; readonly signature: string }
  | { readonly op: 'OP_CREATE_CATALOG'; readonly catalog: ExternalCatalog }
  | { readonly op: 'OP_DROP_CATALOG'; readonly name: string }
  | CommitRecord;

/**
 * A load is committed and visible: every physical partition it touched goes to `version`.
 * Backends publish it before or after a restart, as often as needed (design.md 6).
 */
export interface CommitRecord {
  readonly op: 'OP_UPSERT_TRANSACTION_STATE_V2';
  readonly txnId: TxnId;
  readonly label: string;
  readonly dbId: DbId;
  readonly tableId: TableId;
  readonly commitTimeMs: number;
  readonly partitions: readonly {
    readonly physicalPartitionId: PhysicalPartitionId;
    readonly version: number;
    /** Replicas that could not write: they stay behind with this as their last failed version. */
    readonly failedReplicas: readonly ReplicaId[];
  }[];
}
