/**
 * Which words of BACKUP and RESTORE a frontend knows. They changed with StarRocks 3.4; releases
 * before it take `SNAPSHOT db.label`, bare table names in ON, and neither views nor functions.
 */
import { type Connection, cell } from '../connection/connection.ts';

export interface Dialect {
  /** `BACKUP DATABASE db SNAPSHOT label`, `RESTORE SNAPSHOT label FROM repo DATABASE db`. */
  readonly hasDatabaseClause: boolean;
  /** ON tells `TABLE`, `VIEW`, `MATERIALIZED VIEW` and `FUNCTION` apart. */
  readonly hasObjectKinds: boolean;
  /** Views and functions can be in a snapshot. */
  readonly backsUpViews: boolean;
}

export const SINCE_3_4: Dialect = {
  hasDatabaseClause: true,
  hasObjectKinds: true,
  backsUpViews: true,
};

export const BEFORE_3_4: Dialect = {
  hasDatabaseClause: false,
  hasObjectKinds: false,
  backsUpViews: false,
};

/** By the release that the server names; one that names none is taken for a new one. */
export async function dialectOf(connection: Connection): Promise<Dialect> {
  const [row] = await connection.query('SELECT CURRENT_VERSION() AS release_name');
  const release = /^(\d+)\.(\d+)/.exec(row === undefined ? '' : cell(row, 'release_name'));
  if (release === null) return SINCE_3_4;
  const [major, minor] = [Number(release[1]), Number(release[2])];
  return major > 3 || (major === 3 && minor >= 4) ? SINCE_3_4 : BEFORE_3_4;
}
