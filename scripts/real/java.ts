/** The JDBC driver of the real tier, from Maven Central; Java itself runs its story from source. */
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedPart } from './cache.ts';
import { mustRun } from './command.ts';

const FOLDER = join(import.meta.dirname, '../../test/real/java');
const COPY_DEPENDENCIES =
  'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** A folder with the jars that `test/real/java/pom.xml` names. */
export async function installConnectorJ(): Promise<string> {
  const pom = join(FOLDER, 'pom.xml');
  const folder = await cachedPart('java', await readFile(pom, 'utf8'), async (folder) => {
    await copyFile(pom, join(folder, 'pom.xml'));
    await mustRun('mvn', ['-q', '-B', COPY_DEPENDENCIES, '-DoutputDirectory=lib'], { cwd: folder });
  });
  return join(folder, 'lib');
}
