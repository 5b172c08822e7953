/** Files as a plan holds them: where they are, and what of them each column of the table is. */
import type { ResultColumn } from '../../base/row-stream.ts';
import type { SqlType } from '../../base/sql-type.ts';

/** A column of a file: absent where a file has not what others have. */
export interface FileSource {
  readonly name: string;
  readonly type: SqlType;
  /** An instant: the time zone of the session makes a wall-clock time of it. */
  readonly isUtc: boolean;
}

/** Parquet files outside of the cluster, or texts that were made such files. */
export interface FilesTable {
  readonly kind: 'files';
  readonly displayName: string;
  readonly columns: readonly ResultColumn[];
  readonly timeZone: string;
  readonly parts: readonly {
    readonly paths: readonly string[];
    /** One for each of `columns`. */
    readonly sources: readonly (FileSource | undefined)[];
  }[];
}
