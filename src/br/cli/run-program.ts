/**
 * One call of `srbr`: reads the words of the command line, the configuration and the password,
 * connects, runs the command and answers the exit code (br-cli.md 2, 3 and 7.10).
 */
import { Command, CommanderError } from 'commander';
import type { Config } from '../config/config.ts';
import { readConfig } from '../config/read-config.ts';
import { withTrace } from '../connection/guards.ts';
import { BrError, EXIT, LostConnection, messageOf, ServerError } from '../errors.ts';
import type { Ports } from '../ports.ts';
import { createReport, type Report } from '../report/report.ts';
import { TOOL_VERSION } from '../version.ts';
import type { CommandSpec, OptionSpec } from './command-spec.ts';
import { COMMANDS } from './commands.ts';
import { exitTableText } from './exit-table.ts';
import { GLOBAL_OPTIONS } from './global-options.ts';
import { optionsOf } from './options.ts';

export async function runProgram(argv: readonly string[], ports: Ports): Promise<number> {
  let exit: number = EXIT.ok;
  const program = buildProgram(ports, async (spec, command) => {
    exit = await runCommand(spec, command, program.opts(), ports);
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
}

type Action = (spec: CommandSpec, command: Command) => Promise<void>;

function buildProgram(ports: Ports, act: Action): Command {
  const program = quiet(new Command('srbr'), ports)
    .description('Full and incremental backups of StarRocks, restores that can be undone.')
    .version(TOOL_VERSION)
    .addHelpText('after', `\n${exitTableText()}`)
    .showSuggestionAfterError();
  addOptions(program, GLOBAL_OPTIONS);
  const groups = new Map<string, Command>();
  for (const spec of COMMANDS) {
    const words = spec.name.split(' ');
    const name = words.at(-1) ?? '';
    const parent = words.length === 1 ? program : groupOf(program, groups, words[0] ?? '', ports);
    const command = quiet(parent.command(name), ports)
      .description(spec.purpose)
      .option('--config <file>', 'configuration (YAML)')
      .addHelpText('after', `\nExample:\n  ${spec.example}`);
    if (spec.argument !== undefined) command.argument(spec.argument);
    addOptions(command, spec.options);
    command.action(() => act(spec, command));
  }
  return program;
}

function addOptions(command: Command, options: readonly OptionSpec[]): void {
  for (const { flags, purpose, required, fallback } of options) {
    if (required === true) command.requiredOption(flags, purpose);
    else command.option(flags, purpose, fallback);
  }
}

function groupOf(
  program: Command,
  groups: Map<string, Command>,
  name: string,
  ports: Ports,
): Command {
  const known = groups.get(name);
  if (known !== undefined) return known;
  const group = quiet(program.command(name), ports).description(`see: srbr ${name} --help`);
  groups.set(name, group);
  return group;
}

function quiet(command: Command, { streams }: Ports): Command {
  return command.exitOverride().configureOutput({
    writeOut: (text) => streams.out(text),
    writeErr: (text) => streams.err(text),
  });
}

async function runCommand(
  spec: CommandSpec,
  command: Command,
  globals: Readonly<Record<string, unknown>>,
  ports: Ports,
): Promise<number> {
  const all = optionsOf(globals);
  const report = createReport(ports.streams, {
    json: all.flag('json'),
    logFormat: all.text('logFormat') === 'json' ? 'json' : 'text',
    verbose: all.flag('verbose'),
  });
  const isExtended = all.text('exitCodes') === 'extended';
  const values = { ...globals, ...definedOf(command.opts()) };
  try {
    const code = await runWith(spec, command.args, values, ports, report);
    const isOwn = spec.onFailure !== undefined;
    return isExtended || isOwn || code === EXIT.ok ? code : EXIT.failed;
  } catch (thrown) {
    const error = asBrError(thrown);
    if (spec.onFailure !== undefined) return spec.onFailure(error, report);
    report.failure(error);
    const signalled = signalExit(ports);
    if (signalled !== undefined) return signalled;
    const code = error instanceof BrError ? error.exit : EXIT.failed;
    return isExtended || code === EXIT.usage ? code : EXIT.failed;
  }
}

/** A command's own `--config` that was not given must not hide the one before the subcommand. */
function definedOf(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

async function runWith(
  spec: CommandSpec,
  words: readonly string[],
  values: Readonly<Record<string, unknown>>,
  ports: Ports,
  report: Report,
): Promise<number> {
  const options = optionsOf(values);
  checkGlobals(options.text('logFormat'), options.text('exitCodes'));
  spec.check?.(options);
  if ('loadOffline' in spec) {
    const runOffline = await spec.loadOffline();
    return await runOffline({ words, report, globals: GLOBAL_OPTIONS, commands: COMMANDS });
  }
  const path = options.text('config') ?? ports.env('STARROCKS_BR_CONFIG');
  if (path === undefined) {
    throw new BrError('usage', "missing option '--config <file>' (or set STARROCKS_BR_CONFIG)");
  }
  const config = await configFrom(path, ports, report, options.flag('strict'));
  const run = await spec.load();
  const connection = withTrace(await ports.connect(config), report);
  try {
    return await run({ options, words, config, connection, report, ports });
  } finally {
    await connection.close();
  }
}

function checkGlobals(logFormat: string | undefined, exitCodes: string | undefined): void {
  if (logFormat !== 'text' && logFormat !== 'json') {
    throw new BrError('usage', `option --log-format: expected text or json, got '${logFormat}'`);
  }
  if (exitCodes !== 'upstream' && exitCodes !== 'extended') {
    throw new BrError('usage', `option --exit-codes: upstream or extended, got '${exitCodes}'`);
  }
}

async function configFrom(
  path: string,
  ports: Ports,
  report: Report,
  strict: boolean,
): Promise<Config> {
  const text = await ports.readText(path);
  if (text === undefined) {
    throw new BrError('config-file', `there is no file ${path}`, {
      advice: ['name the configuration with --config or STARROCKS_BR_CONFIG'],
    });
  }
  const { config, warnings } = await readConfig(text, path);
  if (strict && warnings.length > 0) throw new BrError('config', warnings.join('; '));
  for (const warning of warnings) report.warn(warning);
  return config;
}

/** What the server says and what the network does, for commands that did not expect it. */
function asBrError(error: unknown): unknown {
  if (error instanceof ServerError) {
    return new BrError('failed', `the server refused: ${messageOf(error)}`, { cause: error });
  }
  if (error instanceof LostConnection) {
    return new BrError('connection', messageOf(error), { cause: error });
  }
  return error;
}

function signalExit({ interruption }: Ports): number | undefined {
  if (interruption.signal === undefined) return undefined;
  return interruption.signal === 'SIGINT' ? 130 : 143;
}
