/** What `repo verify` is asked for, checked: level, share of the data, seed. */
import { z } from 'zod';
import { SimError } from '../../../base/errors.ts';
import type { Random } from '../../../base/random.ts';
import type { Sample } from '../../../repository/inspect/verify-data.ts';
import type { VerifyLevel } from '../../../repository/inspect/verify-snapshot.ts';
import type { RepoVerifyOptions } from '../repo-options.ts';

export interface VerifyInput {
  readonly level: VerifyLevel;
  readonly sample: Sample;
}

const SHARE = z
  .string()
  .regex(/^\d+(?:\.\d+)?%$/, 'must be a share such as 5%')
  .transform((text) => Number(text.slice(0, -1)) / 100)
  .refine((share) => share > 0 && share <= 1, 'must be more than 0% and at most 100%');

const SEED = z.string().min(1, 'must not be empty').max(100, 'has at most 100 characters');

/** Without a seed another share is read each time; the seed is told, so it can be read again. */
export function readVerifyInput(
  { level, readData, seed }: Pick<RepoVerifyOptions, 'level' | 'readData' | 'seed'>,
  random: Random,
): VerifyInput {
  const share = typeof readData === 'string' ? parsed('--read-data', SHARE, readData) : 1;
  const text = seed === undefined ? String(random.uint32()) : parsed('--seed', SEED, seed);
  return {
    level: readData === undefined ? level : 'data',
    sample: { share, seed: text },
  };
}

function parsed<T>(option: string, schema: z.ZodType<T>, value: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new SimError('bad-option', `${option} ${result.error.issues[0]?.message ?? 'is odd'}`);
}
