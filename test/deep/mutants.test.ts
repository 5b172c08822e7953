/**
 * Twenty wrongs in `src/jobs`, chosen by a seed over all kinds of them and all files: the tests
 * notice each. One that nobody notices stands for a test that is missing.
 */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { readSources } from '../tidy/source.ts';
import { type Mutant, mutantsOf } from './mutants/candidates.ts';
import { Tree } from './mutants/trial.ts';

const SEED = 1;
const MUTANTS = 20;
const TREES = 2;

/**
 * One of each kind after the other, until there are enough. Which ones depends on the seed and on
 * the mutants themselves, not on their place in a list: a change elsewhere leaves the choice alone.
 */
function chosen(seed: number): readonly Mutant[] {
  const kinds = [...mutantsOf(readSources('src/jobs')).values()].map((mutants) =>
    [...mutants].sort((a, b) => (rankOf(seed, a) < rankOf(seed, b) ? -1 : 1)),
  );
  const found: Mutant[] = [];
  while (found.length < MUTANTS && kinds.some((mutants) => mutants.length > 0)) {
    for (const mutants of kinds) {
      const one = mutants.shift();
      if (one !== undefined && found.length < MUTANTS) found.push(one);
    }
  }
  return found;
}

function rankOf(seed: number, { path, kind, about }: Mutant): string {
  return createHash('md5').update(`${seed} ${kind} ${path} ${about}`).digest('hex');
}

test(
  'the tests notice each of twenty wrongs in the code of jobs',
  async () => {
    using right = new Tree();
    expect(await right.failureWithoutMutant()).toBeUndefined();
    const waiting = [...chosen(SEED)];
    const survivors: string[] = [];
    const work = async (): Promise<void> => {
      using tree = new Tree();
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        const stage = await tree.caughtIn(mutant);
        const where = `${mutant.path}:${mutant.line} ${mutant.kind}: ${mutant.about}`;
        process.stdout.write(`${stage ?? 'NOT NOTICED'}  ${where}\n`);
        if (stage === undefined) survivors.push(where);
      }
    };
    await Promise.all(Array.from({ length: TREES }, work));
    expect(survivors).toEqual([]);
  },
  60 * 60_000,
);
