/** The `mariadb` command line client: the one that is there, or that of Debian's packages. */
import { mustRun, runCommand } from './command.ts';

/** The name to call it by. Rejects where it is missing and cannot be installed. */
export async function installMariadb(): Promise<string> {
  if (await isThere()) return 'mariadb';
  const isRoot = process.getuid?.() === 0;
  const [command = '', ...sudo] = [...(isRoot ? [] : ['sudo', '-n']), 'apt-get'];
  await mustRun(command, [...sudo, 'update', '-qq']);
  await mustRun(command, [...sudo, 'install', '-y', '-qq', 'mariadb-client'], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
  return 'mariadb';
}

async function isThere(): Promise<boolean> {
  return await runCommand('mariadb', ['--version']).then(
    ({ code }) => code === 0,
    () => false,
  );
}
