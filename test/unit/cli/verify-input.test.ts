import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../src/base/random.ts';
import { readVerifyInput } from '../../../src/cli/commands/repo/verify-input.ts';

const read = (options: Parameters<typeof readVerifyInput>[0]): ReturnType<typeof readVerifyInput> =>
  readVerifyInput(options, new SeededRandom(1n));

describe('what repo verify is asked for', () => {
  test('is the metadata without a word, all data with --read-data, or a share of it', () => {
    expect(read({ level: 'metadata' })).toMatchObject({ level: 'metadata' });
    expect(read({ level: 'metadata', readData: true })).toMatchObject({
      level: 'data',
      sample: { share: 1 },
    });
    expect(read({ level: 'files', readData: '2.5%', seed: 'x' })).toEqual({
      level: 'data',
      sample: { share: 0.025, seed: 'x' },
    });
  });

  test('has a seed of its own each time, unless one is given', () => {
    const random = new SeededRandom(1n);
    const seeds = [1, 2].map(() => readVerifyInput({ level: 'data' }, random).sample.seed);
    expect(new Set(seeds).size).toBe(2);
  });

  test.each(['150%', '0%', '5', 'half', '-1%'])('cannot be the share %s', (readData) => {
    expect(() => read({ level: 'data', readData })).toThrow(/^--read-data must be/);
  });

  test('cannot have an empty seed, or one without end', () => {
    expect(() => read({ level: 'data', seed: '' })).toThrow('--seed must not be empty');
    expect(() => read({ level: 'data', seed: 'x'.repeat(101) })).toThrow('--seed has at most');
  });
});
