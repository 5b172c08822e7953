/** The repository that the configuration names. */
import { type Connection, cell } from '../connection/connection.ts';
import { BrError } from '../errors.ts';

export interface Repository {
  readonly name: string;
  readonly isReadOnly: boolean;
  readonly location: string;
  /** What the frontend's last ping found; `undefined` when all is well. */
  readonly error: string | undefined;
}

export async function repositories(connection: Connection): Promise<readonly Repository[]> {
  const rows = await connection.query('SHOW REPOSITORIES');
  return rows.map((row) => {
    const error = cell(row, 'ErrMsg').trim();
    return {
      name: cell(row, 'RepoName'),
      isReadOnly: cell(row, 'IsReadOnly').toLowerCase() === 'true',
      location: cell(row, 'Location'),
      error: ['', 'NULL', 'NONE'].includes(error.toUpperCase()) ? undefined : error,
    };
  });
}

/** `repository-missing` with the way to make one; `preflight` for one that is in error. */
export async function requireRepository(connection: Connection, name: string): Promise<Repository> {
  const all = await repositories(connection);
  const found = all.find((each) => each.name === name);
  if (found === undefined) {
    const known = all.map((each) => each.name).join(', ') || 'none';
    throw new BrError('repository-missing', `repository '${name}' not found (there is: ${known})`, {
      advice: [
        `create it: CREATE REPOSITORY \`${name}\` WITH BROKER ON LOCATION "s3://bucket/path" ` +
          'PROPERTIES ("aws.s3.access_key" = "...", "aws.s3.secret_key" = "...", "aws.s3.endpoint" = "...")',
        'or name another one in the configuration (repository)',
      ],
    });
  }
  if (found.error !== undefined) {
    throw new BrError('preflight', `repository '${name}' has errors: ${found.error}`, {
      advice: ['SHOW REPOSITORIES tells the state; check location and credentials'],
    });
  }
  return found;
}
