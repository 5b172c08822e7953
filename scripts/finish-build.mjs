/**
 * Last part of `npm run build`: copies what neither bundler nor compiler knows into `dist`, and
 * removes types whose source is gone, so that the package never carries what nobody wrote.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** Where each asset comes from, and where the code looks for it. */
const assets = {
  'demo/seattle-weather.csv': 'node_modules/vega-datasets/data/seattle-weather.csv',
};

for (const [to, from] of Object.entries(assets)) {
  mkdirSync(dirname(join(dist, to)), { recursive: true });
  copyFileSync(join(root, from), join(dist, to));
}

for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  const path = name.replaceAll('\\', '/');
  const source = path.replace(/\.d\.ts$/, '.ts');
  if (source === path || existsSync(join(root, 'src', source))) continue;
  rmSync(join(dist, path));
}
