/**
 * `npm run sim`: random loads, DDL, jobs, crashes and faults against a small model, seed by seed.
 * A failure is made short and printed with one command that plays it again.
 */
import { Command } from 'commander';
import { realClock } from '../base/clock.ts';
import { MINUTE_MS } from '../base/units.ts';
import { type Coverage, coverageTable } from '../sim/coverage.ts';
import { SCENES_DEFAULT } from '../sim/generate.ts';
import { runScenario } from '../sim/run-scenario.ts';
import { type Failure, failureText, parseScenario, shrunk, simulate } from '../sim/simulate.ts';
import { STRIKE_KINDS } from '../sim/transitions.ts';

interface SimOptions {
  readonly seeds: string;
  readonly seed: string;
  readonly scenes: string;
  readonly minutes?: string;
  readonly replay?: string;
  readonly trace?: boolean;
  readonly shrink: boolean;
}

const print = (text: string): void => console.log(text);

function fail(failure: Failure, { trace, shrink }: SimOptions): void {
  if (shrink) print('fails; making it shorter');
  const small = shrink ? shrunk(failure) : failure;
  if (trace) print(small.result.trace.join('\n'));
  print(failureText(small));
  process.exitCode = 1;
}

function replay(text: string, options: SimOptions): void {
  const scenario = parseScenario(text);
  const result = runScenario(scenario);
  if (result.violations.length > 0) fail({ scenario, result }, { ...options, shrink: false });
  else print(options.trace ? [...result.trace, 'everything held'].join('\n') : 'everything held');
}

function run(options: SimOptions): void {
  if (options.replay !== undefined) {
    replay(options.replay, options);
    return;
  }
  const result = simulate({
    firstSeed: BigInt(options.seed),
    seeds: options.minutes === undefined ? Number(options.seeds) : Number.MAX_SAFE_INTEGER,
    scenes: Number(options.scenes),
    comparesAll: true,
    ...(options.minutes === undefined
      ? {}
      : { limit: { clock: realClock, ms: Number(options.minutes) * MINUTE_MS } }),
    onSeed: (seed, { played, violations }) => {
      print(`seed ${seed}: ${played} actions, ${violations.length === 0 ? 'ok' : 'FAILED'}`);
    },
  });
  print(coverageText(result.coverage));
  print(`${result.played} seeds`);
  if (result.failure !== undefined) fail(result.failure, options);
}

function coverageText(coverage: Coverage): string {
  return coverageTable(coverage, STRIKE_KINDS).join('\n');
}

new Command('sim')
  .description('random runs against a model; see docs/simulation.md')
  .option('--seeds <n>', 'how many seeds', '20')
  .option('--seed <n>', 'the first seed', '1')
  .option('--scenes <n>', 'jobs in a run', String(SCENES_DEFAULT))
  .option('--minutes <n>', 'as many seeds as fit into that time')
  .option('--replay <json>', 'plays what a failure has printed')
  .option('--trace', 'prints what happened in a failing run')
  .option('--no-shrink', 'prints a failure as long as it is')
  .action((options: SimOptions) => run(options))
  .parse();
