/** `sql_mode`: a list of known words, or a number of their bits (sql-surface.md 1.8). */
import { SimError } from '../base/errors.ts';

const SQL_MODES = [
  'ONLY_FULL_GROUP_BY',
  'STRICT_TRANS_TABLES',
  'STRICT_ALL_TABLES',
  'NO_ENGINE_SUBSTITUTION',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'TRADITIONAL',
  'ANSI',
  'ANSI_QUOTES',
  'PIPES_AS_CONCAT',
  'NO_BACKSLASH_ESCAPES',
  'NO_AUTO_VALUE_ON_ZERO',
  'PAD_CHAR_TO_FULL_LENGTH',
  'FORBID_INVALID_DATE',
  'SORT_NULLS_LAST',
  'ERROR_IF_OVERFLOW',
  'ALLOW_THROW_EXCEPTION',
  'REAL_AS_FLOAT',
  'IGNORE_SPACE',
  'INVALID_DATES',
  'HIGH_NOT_PRECEDENCE',
  'TIME_TRUNCATE_FRACTIONAL',
] as const;

/** Bit 32 is ONLY_FULL_GROUP_BY and bit 2 PIPES_AS_CONCAT, as in MySQL. */
const MODE_OF_BIT: ReadonlyMap<bigint, string> = new Map([
  [2n, 'PIPES_AS_CONCAT'],
  [32n, 'ONLY_FULL_GROUP_BY'],
]);

/** The canonical comma list; an unknown word or bit is `bad-variable-value`. */
export function normalizeSqlMode(value: string): string {
  const words = /^\d+$/.test(value.trim()) ? wordsOfBits(BigInt(value)) : value.split(',');
  const chosen = new Set<string>();
  for (const raw of words) {
    const word = raw.trim().toUpperCase();
    if (word === '') continue;
    if (!SQL_MODES.some((known) => known === word)) {
      throw new SimError(
        'bad-variable-value',
        `Variable 'sql_mode' can't be set to the value of '${raw.trim()}'`,
      );
    }
    chosen.add(word);
  }
  return [...chosen].join(',');
}

function wordsOfBits(bits: bigint): readonly string[] {
  const words: string[] = [];
  let rest = bits;
  for (const [bit, word] of MODE_OF_BIT) {
    if ((rest & bit) === 0n) continue;
    words.push(word);
    rest &= ~bit;
  }
  if (rest !== 0n) {
    throw new SimError(
      'bad-variable-value',
      `Variable 'sql_mode' can't be set to the value of '${bits}'`,
    );
  }
  return words;
}
