/** Builds the programs once before any test, so that end-to-end tests run what is in `src` now. */
import { execFileSync } from 'node:child_process';

export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
