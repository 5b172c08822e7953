/** Builds the programs once before end-to-end tests, so that they run what is in `src` now. */
import { execFileSync } from 'node:child_process';

export function setup(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
