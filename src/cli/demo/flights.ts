/**
 * The file of the large demo: three million flights within the United States, a file of the
 * package `vega-datasets`, too large to come along with this one.
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SimError } from '../../base/errors.ts';
import { createLocalFiles } from '../../base/local-files.ts';
import { toPromise } from '../../base/op.ts';

const IN_PACKAGES = 'node_modules/vega-datasets/data/flights-3m.parquet';

/** The path given, or the file among the packages of the current folder or of the sources. */
export async function findFlights(given: string | undefined): Promise<string> {
  const files = createLocalFiles();
  const sources = fileURLToPath(new URL(`../../../${IN_PACKAGES}`, import.meta.url));
  const paths = given === undefined ? [resolve(IN_PACKAGES), sources] : [resolve(given)];
  for (const path of paths) {
    if ((await toPromise(files.stat(path)))?.isFile === true) return path;
  }
  throw new SimError('demo-failed', `the flights are not there: ${paths.join(', nor ')}`, {
    hint:
      `npm install --no-save vega-datasets brings ${IN_PACKAGES}; any other copy of it is named ` +
      'by demo --big PATH',
  });
}
