/** What a result says of the run that made it, and where results go. */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

export interface RunHead {
  readonly date: string;
  readonly revision: string;
  /** Contents are random bytes; nothing else is drawn. */
  readonly seed: null;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGib: number;
    readonly node: string;
    readonly kernel: string;
    readonly loadAverageAtStart: number;
  };
}

export const fromRoot = (path: string): string =>
  fileURLToPath(new URL(`../${path}`, import.meta.url));

export function runHead(): RunHead {
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    revision: gitRevision(),
    seed: null,
    machine: {
      cpu: processors[0]?.model ?? 'unknown',
      cores: processors.length,
      memoryGib: Math.round(totalmem() / 2 ** 30),
      node: process.version,
      kernel: release(),
      loadAverageAtStart: loadavg()[0] ?? Number.NaN,
    },
  };
}

function gitRevision(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: fromRoot('.'), encoding: 'utf8' }).trim();
  const isClean = git('status', '--porcelain', '--', 'src') === '';
  return `${git('rev-parse', '--short', 'HEAD')}${isClean ? '' : ' with changes'}`;
}

/** Without the ending of the name. */
export function resultsPath({ date }: RunHead, name: string): string {
  return fromRoot(`bench/results/${date.replaceAll(':', '-')}-${name}`);
}
