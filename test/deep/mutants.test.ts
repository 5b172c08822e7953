/**
 * Twenty wrongs in `src/jobs`, chosen by a seed over all kinds of them and all files: the tests
 * notice each. One that nobody notices stands for a test that is missing.
 */
import { expect, test } from 'vitest';
import { below, SeededRandom } from '../../src/base/random.ts';
import { readSources } from '../tidy/source.ts';
import { type Mutant, mutantsOf } from './mutants/candidates.ts';
import { Tree } from './mutants/trial.ts';

const SEED = 1n;
const MUTANTS = 20;
const TREES = 2;

/** One of each kind after the other, until there are enough. */
function chosen(seed: bigint): readonly Mutant[] {
  const random = new SeededRandom(seed);
  const kinds = [...mutantsOf(readSources('src/jobs')).values()].map((mutants) => [...mutants]);
  const found: Mutant[] = [];
  while (found.length < MUTANTS && kinds.some((mutants) => mutants.length > 0)) {
    for (const mutants of kinds) {
      const [one] = mutants.splice(below(random, mutants.length), 1);
      if (one !== undefined && found.length < MUTANTS) found.push(one);
    }
  }
  return found;
}

test(
  'the tests notice each of twenty wrongs in the code of jobs',
  async () => {
    using right = new Tree();
    expect(await right.passesAll(), 'the tests pass as long as nothing is wrong').toBe(true);
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
