/**
 * Many seeds, one after the other, until one fails or the set is done: what `npm run sim`, the
 * tests and the deep tests call.
 */
import type { Clock, Millis } from '../base/clock.ts';
import type { JobMachines } from '../jobs/machines.ts';
import { Coverage } from './coverage.ts';
import { generate, SCENES_DEFAULT, type Scenario } from './generate.ts';
import { type RunResult, runScenario } from './run-scenario.ts';
import { PLAYS_MAX, shrink } from './shrink.ts';

export interface SimulateOptions {
  readonly firstSeed: bigint;
  /** At most so many. */
  readonly seeds: number;
  /** Stops once this holds. */
  readonly until?: (coverage: Coverage) => boolean;
  readonly scenes?: number;
  /** Others than StarRocks', to see whether the checks notice. */
  readonly machines?: JobMachines;
  /** Holds memory against the log after every record: slow. */
  readonly comparesAll?: boolean;
  /** Stops between two seeds once so much real time has gone by. */
  readonly limit?: { readonly clock: Clock; readonly ms: Millis };
  readonly onSeed?: (seed: bigint, result: RunResult) => void;
}

export interface Failure {
  readonly scenario: Scenario;
  readonly result: RunResult;
}

export interface SimulateResult {
  readonly coverage: Coverage;
  readonly played: number;
  readonly failure: Failure | undefined;
}

/** Ends with the first seed that fails. */
export function simulate(options: SimulateOptions): SimulateResult {
  const { firstSeed, seeds, scenes = SCENES_DEFAULT, machines, limit, until, onSeed } = options;
  const { comparesAll } = options;
  const coverage = new Coverage();
  const beganMs = limit?.clock.now() ?? 0;
  let played = 0;
  for (; played < seeds; played += 1) {
    if (until?.(coverage) === true) break;
    if (limit !== undefined && limit.clock.now() - beganMs > limit.ms) break;
    const seed = firstSeed + BigInt(played);
    const scenario = generate({ seed, scenes });
    const result = runScenario(scenario, machines, comparesAll);
    coverage.addAll(result.coverage);
    onSeed?.(seed, result);
    if (result.violations.length > 0) {
      return { coverage, played: played + 1, failure: { scenario, result } };
    }
  }
  return { coverage, played, failure: undefined };
}

/** The shortest form of a failure that can be found, and what it then says. */
export function shrunk({ scenario, result }: Failure, playsMax: number = PLAYS_MAX): Failure {
  const kind = kindOf(result);
  const fails = (each: Scenario): boolean => kindOf(runScenario(each)) === kind;
  const small = shrink(scenario, { fails, playsMax });
  return { scenario: small, result: runScenario(small) };
}

/** The first complaint without names and values: what stays the same while a run gets shorter. */
function kindOf({ violations: [first] }: RunResult): string | undefined {
  return first?.split('\n')[0]?.replaceAll(/\[[^\]]*\]|\w*\d[\w.]*|BACKUP|RESTORE/g, '');
}

/** What a failing test or run prints: what is wrong, and one command that plays it again. */
export function failureText({ scenario, result }: Failure): string {
  return [
    ...result.violations,
    ...scenario.actions.map((action) => `  ${JSON.stringify(action)}`),
    `replay: ${replayCommand(scenario)}`,
  ].join('\n');
}

/** A line for a shell. */
export function replayCommand({ seed, ...rest }: Scenario): string {
  const text = JSON.stringify({ seed: String(seed), ...rest });
  return `npm run sim -- --replay '${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Reads what `replayCommand` wrote. */
export function parseScenario(text: string): Scenario {
  const { seed, ...rest } = JSON.parse(text) as Omit<Scenario, 'seed'> & { readonly seed: string };
  return { ...rest, seed: BigInt(seed) };
}
