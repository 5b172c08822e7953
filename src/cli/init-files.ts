/** `--init FILE.sql ...`: statements run as root before "ready"; the first that fails stops the start. */
import { resolve } from 'node:path';
import { asSimError, SimError } from '../base/errors.ts';
import { createLocalFiles } from '../base/local-files.ts';
import { toPromise } from '../base/op.ts';
import { openClientSession } from '../fe/client-session.ts';
import type { Frontend } from '../fe/frontend.ts';

/** No client has this connection id: the server counts from 1. */
const INIT_CONNECTION_ID = 0;

export async function runInitFiles(frontend: Frontend, paths: readonly string[]): Promise<void> {
  const session = openClientSession(frontend, {
    connectionId: INIT_CONNECTION_ID,
    user: 'root',
    remoteHost: 'localhost',
  });
  try {
    for (const path of paths) await runInitFile(session, path);
  } finally {
    session.close();
  }
}

async function runInitFile(
  session: ReturnType<typeof openClientSession>,
  path: string,
): Promise<void> {
  const bytes = await toPromise(createLocalFiles().read(resolve(path)));
  try {
    const prepared = session.parse(Buffer.from(bytes).toString('utf8'));
    for (let index = 0; index < prepared.statementCount; index += 1) {
      const result = await toPromise(prepared.run(index));
      if (result.kind === 'rows') await toPromise(result.close());
    }
  } catch (error) {
    const known = asSimError(error);
    throw new SimError('init-statement-failed', `--init ${path}: ${known.message}`, {
      cause: error,
      ...(known.hint === undefined ? {} : { hint: known.hint }),
    });
  }
}
