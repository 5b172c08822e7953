/** An emulator for one client's story, with a repository in a folder. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Server, startServer, temporaryFolder } from '../e2e/server.ts';

/** The name of the repository. */
export const REPOSITORY = 'repo';

export interface Emulator {
  readonly server: Server;
  /** For what a client needs on the disk. */
  readonly folder: string;
  stop(): Promise<void>;
}

export async function startEmulator(args: readonly string[] = []): Promise<Emulator> {
  const folder = await temporaryFolder();
  const location = join(folder.path, 'repository');
  await mkdir(location);
  const server = await startServer(['--ephemeral', ...args]);
  await server.sql(`CREATE REPOSITORY ${REPOSITORY} WITH BROKER ON LOCATION 'file://${location}'`);
  return {
    server,
    folder: folder.path,
    async stop() {
      await server.stop();
      await folder.remove();
    },
  };
}
