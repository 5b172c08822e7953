/** The options of `start` (design.md 2): read, checked, and turned into plain data. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { PROFILE_NAMES, type ProfileName } from '../../fe/profile.ts';

export interface StartOptions {
  readonly host: string;
  readonly port: number;
  readonly httpPort: number;
  readonly backends: number;
  readonly dataDir: string;
  readonly ephemeral: boolean;
  readonly init: readonly string[];
  readonly starrocksVersion: ProfileName;
  readonly tick: number;
  readonly timeZone: string;
  readonly rootPassword: string;
  readonly json: boolean;
  readonly strict: boolean;
  readonly quirk: readonly string[];
  readonly step: boolean;
  readonly tls: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly requireTls: boolean;
}

export const BACKENDS_MAX = 100;
const PORT_MAX = 65_535;
const TICK_MS_MAX = 3_600_000;

export const DEFAULT_DATA_DIR = './.starrocks-emulator';

export function addStartCommand(program: Command): void {
  program
    .command('start', { isDefault: true })
    .description('start a cluster and serve MySQL clients until interrupted')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <number>', 'MySQL port; 0 = any free one', portOf, 9030)
    .option('--http-port <number>', 'HTTP port; 0 = any free one', portOf, 8030)
    .option('--backends <number>', 'number of backends; on existing data more adds', backendsOf, 3)
    .option('--data-dir <path>', 'where everything is kept', DEFAULT_DATA_DIR)
    .option('--ephemeral', 'keep everything in a temporary folder, removed at exit', false)
    .option('--init <file...>', 'SQL to run before "ready"; a failing statement stops the start')
    .addOption(
      new Option('--starrocks-version <profile>', 'StarRocks release to behave like')
        .choices(PROFILE_NAMES)
        .default('3.5'),
    )
    .option('--tick <ms>', 'time between cycles of the backup handler', tickOf, 100)
    .option('--step', 'the backup handler ticks by a keypress or a statement, and tells', false)
    .option('--quirk <name...>', 'bugs of StarRocks to have, by their names in docs/quirks.md')
    .option('--time-zone <zone>', 'time zone of the cluster', 'UTC')
    .option('--root-password <password>', 'password of root', '')
    .option('--tls', 'offer TLS to MySQL clients, with a certificate made for this run', false)
    .option('--tls-cert <file>', 'offer TLS with this certificate, a PEM file')
    .option('--tls-key <file>', 'the private key of --tls-cert, a PEM file')
    .option('--require-tls', 'refuse MySQL clients that do not use TLS', false)
    .option('--json', 'JSON lines instead of text', false)
    .option('--strict', 'refuse every convenience that a real FE does not have', false)
    .allowExcessArguments(false)
    .action(async (given: GivenOptions) => {
      const { runStart } = await import('./start.ts');
      await runStart({ ...given, init: given.init ?? [], quirk: given.quirk ?? [] });
    });
}

/** Lists that nobody began are absent. */
type GivenOptions = Omit<StartOptions, 'init' | 'quirk'> &
  Partial<Pick<StartOptions, 'init' | 'quirk'>>;

function wholeNumber(text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new InvalidArgumentError(`Not a whole number from ${min} to ${max}.`);
}

function portOf(text: string): number {
  return wholeNumber(text, 0, PORT_MAX);
}

function backendsOf(text: string): number {
  return wholeNumber(text, 1, BACKENDS_MAX);
}

function tickOf(text: string): number {
  return wholeNumber(text, 1, TICK_MS_MAX);
}
