/** The type of texts in files, whose length nobody has declared. */
import type { SqlType } from '../../base/sql-type.ts';

export const FILE_TEXT: SqlType = Object.freeze({ name: 'VARCHAR', length: 1_048_576 });
