/** Random runs of `srbr` from a seed; a failure is made smaller and says how to play it again. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { type Move, runs } from './moves.ts';
import { play } from './play.ts';

export interface RunOptions {
  readonly seed: number;
  readonly count: number;
  readonly moves: number;
  /** The test file, for the command that plays a failure again. */
  readonly file: string;
  readonly project: string;
}

/** `seed:path` of one run; plays that one only. */
const REPLAY = 'SRBR_REPLAY';

/** Runs that are spent on making a failure smaller. */
const SHRINKS_MAX = 60;

/** Once it has failed so often, everything passes: the smallest failure so far is told. */
function tired(property: (moves: readonly Move[]) => Promise<void>): typeof property {
  let hasFailed = false;
  let count = 0;
  return async (moves) => {
    if (hasFailed) count += 1;
    if (count > SHRINKS_MAX) return;
    try {
      await property(moves);
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
}

export async function expectRuns({ seed, count, moves, file, project }: RunOptions): Promise<void> {
  const [replaySeed, ...path] = (process.env[REPLAY] ?? '').split(':');
  const replay = replaySeed === '' ? {} : { path: path.join(':') };
  const details = await fc.check(fc.asyncProperty(runs(moves), tired(play)), {
    seed: replaySeed === '' ? seed : Number(replaySeed),
    numRuns: count,
    interruptAfterTimeLimit: Number.MAX_SAFE_INTEGER,
    ...replay,
  });
  if (!details.failed) return;
  const where = `${details.seed}:${details.counterexamplePath}`;
  expect.fail(
    [
      `a random run of srbr breaks a promise; to play it again:`,
      `  ${REPLAY}=${where} npx vitest run --project ${project} ${file}`,
      String((details.errorInstance as Error | undefined)?.message),
    ].join('\n'),
  );
}
