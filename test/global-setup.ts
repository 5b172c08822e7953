/**
 * Builds the programs once before end-to-end tests, so that they run what is in `src` now. What was
 * built after the last change, as by `npm ci`, is not built again.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** All that a build reads but what `npm ci` installs, which builds itself. */
const INPUTS = ['src', 'scripts', 'package.json', 'tsconfig.json', 'tsconfig.build.json'];

/** What a build writes last. */
const OUTPUT = 'dist/demo/seattle-weather.csv';

export function setup(): void {
  const builtMs = changeOf(join(ROOT, OUTPUT));
  const changedMs = Math.max(...INPUTS.flatMap(pathsAt).map(changeOf));
  if (builtMs > changedMs) return;
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}

/** A file, or a folder with all below: a folder changes when a file in it comes or goes. */
function pathsAt(input: string): readonly string[] {
  const path = join(ROOT, input);
  if (!statSync(path).isDirectory()) return [path];
  const below = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return [path, ...below.map((name) => join(path, name))];
}

function changeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY;
}
