/** An index of a table as backends know it: structurally the `TabletSchema` of the protocol. */
import type { SqlType } from '../base/sql-type.ts';
import type { KeysType, MaterializedIndexMeta } from './model.ts';

export interface IndexTabletSchema {
  readonly keysType: KeysType;
  readonly schemaHash: number;
  readonly columns: readonly {
    readonly name: string;
    readonly type: SqlType;
    readonly isKey: boolean;
    readonly isNullable: boolean;
    readonly aggregation?: string;
  }[];
}

export function tabletSchemaOf(meta: MaterializedIndexMeta): IndexTabletSchema {
  return {
    keysType: meta.keysType,
    schemaHash: meta.schemaHash,
    columns: meta.schema.map((column) => ({
      name: column.name,
      type: column.type,
      isKey: column.isKey,
      isNullable: column.isAllowNull,
      ...(column.aggregationType === undefined ? {} : { aggregation: column.aggregationType }),
    })),
  };
}
