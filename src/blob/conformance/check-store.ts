/**
 * Runs the conformance suite against a store that is in use: below a fresh directory of its own,
 * which is removed afterwards, whatever happens.
 */
import type { Clock, Millis } from '../../base/clock.ts';
import { SimError } from '../../base/errors.ts';
import { attempt, type Op } from '../../base/op.ts';
import { joinKey } from '../blob-key.ts';
import type { BlobKey, BlobStorage } from '../blob-storage.ts';
import { textSource } from '../byte-source.ts';
import { BLOB_CASES } from './blob-cases.ts';
import { type BlobGap, BrokenPromise } from './case.ts';

/** `gap`: broken, as is known of the store. `mended`: kept, though it was known as a gap. */
export type CaseOutcome = 'kept' | 'broken' | 'gap' | 'mended';

export interface CaseResult {
  readonly promise: string;
  readonly outcome: CaseOutcome;
  /** What was found instead, or why the gap is there. */
  readonly text: string;
  readonly ms: Millis;
}

export interface StoreCheck {
  readonly storage: BlobStorage;
  /** A directory that nobody else uses; it need not exist. */
  readonly base: BlobKey;
  readonly gaps: readonly BlobGap[];
  readonly clock: Clock;
  readonly onCase: (result: CaseResult) => void;
  /** Asked before each case; throws to stop. */
  readonly checkpoint: () => void;
}

/**
 * The results in the order of the suite. A store that cannot be used at all is an error, not a list
 * of broken promises; so is one in which something is left behind.
 */
export function* checkStore(check: StoreCheck): Op<readonly CaseResult[]> {
  const { storage, base } = check;
  const ran = yield* attempt(runCases(check));
  const cleaned = yield* attempt(storage.delete(base));
  if (!ran.ok) throw ran.error;
  if (cleaned.ok) return ran.value;
  const text = cleaned.error instanceof Error ? cleaned.error.message : String(cleaned.error);
  throw new SimError('blob-error', `cannot clean up: ${text}`, {
    cause: cleaned.error,
    hint: `Remove ${base} by hand: the check has written nothing else.`,
  });
}

function* runCases({
  storage,
  base,
  gaps,
  clock,
  onCase,
  checkpoint,
}: StoreCheck): Op<readonly CaseResult[]> {
  yield* probe(storage, base);
  const results: CaseResult[] = [];
  for (const [index, { promise, check }] of BLOB_CASES.entries()) {
    checkpoint();
    const startMs = clock.now();
    const directory = joinKey(base, `case-${index + 1}`);
    const ran = yield* attempt(check({ storage, base: directory }));
    const why = gaps.find((gap) => gap.promise === promise)?.why;
    const broken = ran.ok ? undefined : brokenText(ran.error);
    const result = { promise, ...verdict(broken, why), ms: clock.now() - startMs };
    results.push(result);
    onCase(result);
  }
  return results;
}

/** One object there and back: what fails here fails everywhere. */
function* probe(storage: BlobStorage, base: BlobKey): Op<void> {
  const key = joinKey(base, 'probe');
  yield* storage.put(key, textSource('probe'));
  yield* storage.list(base);
  yield* storage.delete(key);
}

function verdict(
  broken: string | undefined,
  why: string | undefined,
): Pick<CaseResult, 'outcome' | 'text'> {
  if (broken === undefined) return { outcome: why === undefined ? 'kept' : 'mended', text: '' };
  return why === undefined ? { outcome: 'broken', text: broken } : { outcome: 'gap', text: why };
}

/** An error of the store breaks the promise as well as a wrong answer; a bug of ours does not. */
function brokenText(error: unknown): string {
  if (error instanceof BrokenPromise) return error.message;
  if (error instanceof SimError && error.code !== 'bug') return error.message;
  throw error;
}
