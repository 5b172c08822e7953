/**
 * Crashes a scenario: before every operation of its trace, or before one of each kind, in all
 * fates of what was not synced; and once more while the machine comes back. Disks that are equal
 * are checked once.
 */
import type { CrashFate } from '../../../src/base/memory-crash.ts';
import type { MemoryFiles } from '../../../src/base/memory-files.ts';
import { below, SeededRandom } from '../../../src/base/random.ts';
import { complaintsAfter, type Expectation } from './checks.ts';
import { digestOf } from './disk-digest.ts';
import { type Moment, type Operation, placeOf, runScenario, type Scenario } from './trace.ts';

const FATES: readonly CrashFate[] = ['lost', 'torn', 'kept'];

/** About as many operations as a start has. */
const START_OPERATIONS = 25;

/** Enough to see what is wrong. */
const COMPLAINTS_MAX = 20;

export interface SearchOptions {
  /** From one point of each transition up to every point; see `strataOf`. */
  readonly which: 'sparse' | 'sampled' | 'stratified' | 'all';
  readonly seed: bigint;
  readonly backends: number;
}

export interface SearchReport {
  readonly operations: readonly Operation[];
  /** Disks that were restarted and checked; others were equal to one of them. */
  readonly distinctPoints: number;
  readonly distinctRecoveryPoints: number;
  /** How many points there were of each stratum, by `stratumOf`. */
  readonly reached: ReadonlyMap<string, number>;
  /** Of operations of restarts: `kind, place, fate`. */
  readonly reachedInRecovery: ReadonlyMap<string, number>;
  /** Strata of the trace that no crash was placed in. */
  readonly missed: readonly string[];
  readonly complaints: readonly string[];
}

function stratumOf({ kind, place, transition }: Operation, fate: CrashFate): string {
  return `${kind}, ${place}, ${transition}, ${fate}`;
}

/**
 * What a crash there is to show: everything about it, or each two of its sides, since all three
 * together make three times as many, or only each kind of operation and each transition, or that a
 * transition was struck at all.
 */
function strataOf(
  which: SearchOptions['which'],
  operation: Operation,
  fate: CrashFate,
): readonly string[] {
  if (which === 'all') return [stratumOf(operation, fate)];
  const { kind, place, transition } = operation;
  if (which === 'sparse') return [transition];
  const what = `${kind} of ${place}`;
  if (which === 'sampled') return [what, transition];
  return [`${what}, ${transition}`, `${transition}, ${fate}`, `${what}, ${fate}`];
}

/** Another fate first at each operation, so that a sample has them all. */
function fatesInTurn(ordinal: number): readonly CrashFate[] {
  const first = ordinal % FATES.length;
  return [...FATES.slice(first), ...FATES.slice(0, first)];
}

export function searchCrashes(scenario: Scenario, options: SearchOptions): SearchReport {
  const trace = runScenario(scenario, options.backends);
  const { operations } = trace;
  const chosen = chosenOrdinals(operations, options);
  const reached = new Map<string, number>();
  const recovery = new Recovery(options);
  const covered = new Set<string>();
  const seen = new Set<string>();
  const restored = new Set<string>();
  const complaints: string[] = [];
  runScenario(scenario, options.backends, ({ ordinal, step, files, nowMs }: Moment) => {
    const operation = operations[ordinal];
    const expectedStep = scenario.steps[step];
    if (operation === undefined || expectedStep === undefined || !chosen.has(ordinal)) return;
    if (complaints.length >= COMPLAINTS_MAX) return;
    const expected: Expectation = { scenario, trace, step: expectedStep, restored };
    const turn = ordinal % START_OPERATIONS;
    for (const fate of fatesInTurn(ordinal)) {
      const strata = strataOf(options.which, operation, fate);
      if (options.which !== 'all' && strata.every((one) => covered.has(one))) continue;
      for (const one of strata) covered.add(one);
      const stratum = stratumOf(operation, fate);
      const where = `${scenario.name}, seed ${options.seed}, before ${ordinal} (${stratum})`;
      const choice = { fate, random: new SeededRandom(options.seed + BigInt(ordinal)) };
      count(reached, stratum);
      const image = files.crash(choice);
      if (!isNew(seen, step, image)) continue;
      const again = files.crash(
        { fate, random: new SeededRandom(options.seed + BigInt(ordinal)) },
        {
          onMutation: recovery.watch(() => again, {
            turn,
            nowMs,
            step,
            where,
            expected,
            complaints,
          }),
        },
      );
      const found = complaintsAfter(
        { files: again, nowMs, onReady: () => recovery.unwatch() },
        expected,
      );
      complaints.push(...found.map((text) => `${where}: ${text}`));
    }
  });
  const wanted = operations.flatMap((operation) =>
    FATES.flatMap((fate) => strataOf(options.which, operation, fate)),
  );
  return {
    operations,
    distinctPoints: seen.size,
    distinctRecoveryPoints: recovery.distinctPoints,
    reached,
    reachedInRecovery: recovery.reached,
    missed: [...new Set(wanted)].filter((one) => !covered.has(one)),
    complaints,
  };
}

interface FirstCrash {
  /** At which of its operations a start is crashed too: another one after each first crash. */
  readonly turn: number;
  readonly nowMs: number;
  readonly step: number;
  readonly where: string;
  readonly expected: Expectation;
  readonly complaints: string[];
}

/** Places a second crash while a machine comes back from the first. */
class Recovery {
  readonly reached: Map<string, number> = new Map();
  readonly #seen = new Set<string>();
  readonly #options: SearchOptions;
  #isWatching = false;

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  get distinctPoints(): number {
    return this.#seen.size;
  }

  unwatch(): void {
    this.#isWatching = false;
  }

  /** What is called before each change of the disk `files` while its machine starts. */
  watch(files: () => MemoryFiles, first: FirstCrash): (kind: string, path: string) => void {
    this.#isWatching = this.#options.which !== 'sparse';
    let ordinal = 0;
    return (kind, path) => {
      if (!this.#isWatching) return;
      ordinal += 1;
      for (const fate of FATES) {
        const stratum = `${kind}, ${placeOf(path)}, ${fate}`;
        const isTurn = this.#options.which === 'all' && ordinal % START_OPERATIONS === first.turn;
        if (!isTurn && this.reached.has(stratum)) continue;
        count(this.reached, stratum);
        const random = new SeededRandom(this.#options.seed + BigInt(ordinal));
        const image = files().crash({ fate, random });
        if (!isNew(this.#seen, first.step, image)) continue;
        const found = complaintsAfter({ files: image, nowMs: first.nowMs }, first.expected);
        const where = `${first.where}, then at the start before ${ordinal} (${stratum})`;
        first.complaints.push(...found.map((text) => `${where}: ${text}`));
      }
    };
  }
}

function chosenOrdinals(
  operations: readonly Operation[],
  { which, seed }: SearchOptions,
): ReadonlySet<number> {
  if (which === 'all') return new Set(operations.map(({ ordinal }) => ordinal));
  const random = new SeededRandom(seed);
  const byStratum = new Map<string, Operation[]>();
  for (const operation of operations) {
    const stratum = stratumOf(operation, 'lost');
    byStratum.set(stratum, [...(byStratum.get(stratum) ?? []), operation]);
  }
  const chosen = new Set<number>();
  for (const stratum of byStratum.values()) {
    const one = stratum[below(random, stratum.length)];
    if (one !== undefined) chosen.add(one.ordinal);
  }
  return chosen;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** What is acknowledged belongs to the point: with more of it an equal disk must show more. */
function isNew(seen: Set<string>, step: number, files: MemoryFiles): boolean {
  const key = `${step} ${digestOf(files, '')}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
