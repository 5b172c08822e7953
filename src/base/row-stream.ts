/** Rows of a result on their way to a client, pulled in batches: a slow client holds back. */
import type { Op } from './op.ts';
import type { Cell, SqlType } from './sql-type.ts';

export interface ResultColumn {
  readonly name: string;
  readonly type: SqlType;
}

export type Row = readonly Cell[];

export interface RowStream {
  readonly columns: readonly ResultColumn[];
  /** The next batch of rows; `undefined` is the end. */
  next(): Op<readonly Row[] | undefined>;
  /** Called once by the consumer, also after an error or when the client went away. */
  close(): Op<void>;
}

/** A stream of rows that are there already. */
export function rowStreamOf(columns: readonly ResultColumn[], rows: readonly Row[]): RowStream {
  let given = rows.length === 0;
  return {
    columns,
    *next(): Op<readonly Row[] | undefined> {
      if (given) return undefined;
      given = true;
      return rows;
    },
    *close(): Op<void> {},
  };
}
