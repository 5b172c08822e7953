/** The options of `simulate` (docs/simulate.md): read, checked, and turned into plain data. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { PROFILE_NAMES, type ProfileName } from '../../fe/profile.ts';
import { collect, URL_HELP } from '../storage/storage-options.ts';

export interface SimulateOptions {
  readonly store: string;
  readonly calibrate?: string;
  readonly save: string;
  readonly property: readonly string[];
  readonly tables?: string;
  readonly from?: string;
  readonly tablets: number;
  readonly size: string;
  readonly files: number;
  readonly replicas: number;
  readonly backends: readonly number[];
  readonly workers: readonly number[];
  readonly cores: number;
  readonly tasksPerBackend: number;
  readonly timeout: number;
  readonly tick: number;
  readonly seed: bigint;
  readonly starrocksVersion: ProfileName;
  readonly whatIf: boolean;
  readonly svg?: string;
  readonly json: boolean;
}

export const SIMULATED_BACKENDS_MAX = 1_000;
export const SIMULATED_WORKERS_MAX = 1_024;
const COUNTS_MAX = 64;
const CORES_MAX = 1_024;
const TABLETS_MAX = 2_000_000;
const FILES_MAX = 1_000;
const REPLICAS_MAX = 9;
const TASKS_MAX = 2_000_000;
/** StarRocks refuses jobs of less than ten minutes; a year is for ever. */
const TIMEOUT_SEC_MIN = 600;
const TIMEOUT_SEC_MAX = 365 * 86_400;
const TICK_MS_MAX = 3_600_000;

export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('how long a backup would take: the real job code, virtual time, a modelled store')
    .option('--store <name or file>', 'model of the store: s3, minio, hdfs, local, or a file', 's3')
    .option('--calibrate <url>', `measure a store, save its model, exit; ${URL_HELP}`)
    .option('--save <file>', 'where --calibrate writes the model', 'store-model.json')
    .option(
      '--property <key=value>',
      'of the store to calibrate, as in CREATE REPOSITORY',
      collect,
      [],
    )
    .option('--tables <file>', 'table set as JSON; see docs/simulate.md')
    .option('--from <url>', 'table set of a cluster that runs: mysql://user:password@host:9030/db')
    .option('--tablets <number>', 'without --tables: tablets in all', whole(1, TABLETS_MAX), 1000)
    .option('--size <size>', 'of a tablet, as 64MB', '256MB')
    .option('--files <number>', 'files of a tablet, without its header', whole(1, FILES_MAX), 2)
    .option('--replicas <number>', 'of a tablet; one is uploaded', whole(1, REPLICAS_MAX), 1)
    .option('--backends <counts>', 'as 3,10', counts(SIMULATED_BACKENDS_MAX), [3])
    .option(
      '--workers <counts>',
      'upload_worker_count, as 1,4,16; 1..64 doubles from 1 to 64',
      counts(SIMULATED_WORKERS_MAX),
      doublings(1, 64),
    )
    .option('--cores <number>', 'of a backend', whole(1, CORES_MAX), 16)
    .option('--tasks-per-backend <n>', 'max_upload_task_per_be; 0 is none', whole(0, TASKS_MAX), 0)
    .option('--timeout <seconds>', 'of the job', whole(TIMEOUT_SEC_MIN, TIMEOUT_SEC_MAX), 86_400)
    .option('--tick <ms>', 'time between cycles of the backup handler', whole(1, TICK_MS_MAX), 3000)
    .addOption(
      new Option('--seed <number>', 'the same seed gives the same answer')
        .argParser(seedOf)
        .default(1n, '1'),
    )
    .addOption(
      new Option('--starrocks-version <profile>', 'StarRocks release to behave like')
        .choices(PROFILE_NAMES)
        .default('3.5'),
    )
    .option('--no-what-if', 'leave out what failures and a slow backend would cost')
    .option('--svg <file>', 'draw throughput and time over workers')
    .option('--json', 'JSON lines instead of text', false)
    .allowExcessArguments(false)
    .action(async (options: SimulateOptions) => {
      if (options.calibrate !== undefined) {
        const { runCalibrate } = await import('./calibrate.ts');
        await runCalibrate(options.calibrate, options);
        return;
      }
      const { runSimulate } = await import('./simulate.ts');
      await runSimulate(options);
    });
}

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Not a whole number from ${min} to ${max}.`);
  };
}

function doublings(from: number, to: number): number[] {
  const found: number[] = [];
  for (let count = from; count < to; count *= 2) found.push(count);
  return [...found, to];
}

/** `3`, `3,10`, `1..64`; in order, each once. */
export function counts(max: number): (text: string) => number[] {
  const one = whole(1, max);
  return (text) => {
    const all = text.split(',').flatMap((part) => {
      const [from, to, more] = part.split('..').map(one);
      if (from === undefined || more !== undefined || (to !== undefined && to < from)) {
        throw new InvalidArgumentError('Write it like 3,10 or 1..64.');
      }
      return to === undefined ? [from] : doublings(from, to);
    });
    if (all.length > COUNTS_MAX) throw new InvalidArgumentError(`More than ${COUNTS_MAX} counts.`);
    return [...new Set(all)].sort((a, b) => a - b);
  };
}

function seedOf(text: string): bigint {
  if (/^\d{1,18}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError('Not a whole number of at most 18 digits.');
}
