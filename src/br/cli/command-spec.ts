/** What a command is to the command line: words, options, one example, and where its code is. */
import type { Config } from '../config/config.ts';
import type { Connection } from '../connection/connection.ts';
import type { Ports } from '../ports.ts';
import type { Report } from '../report/report.ts';
import type { Options } from './options.ts';

export interface OptionSpec {
  /** As commander wants them: `--group <name>`. */
  readonly flags: string;
  readonly purpose: string;
  readonly required?: true;
  readonly fallback?: string;
}

/** What a command is given. */
export interface Call {
  readonly options: Options;
  /** Arguments without a name, in their order. */
  readonly words: readonly string[];
  readonly config: Config;
  readonly connection: Connection;
  readonly report: Report;
  readonly ports: Ports;
}

/** Answers the exit code of extended mode (`EXIT`); fails with a `BrError`. */
export type CommandRun = (call: Call) => Promise<number>;

/** What a command is given that needs neither configuration nor cluster. */
export interface OfflineCall {
  readonly words: readonly string[];
  readonly report: Report;
  readonly globals: readonly OptionSpec[];
  readonly commands: readonly CommandSpec[];
}

export type OfflineRun = (call: OfflineCall) => Promise<number>;

interface CommandShape {
  /** `backup full`. */
  readonly name: string;
  /** `<label>`, `[name...]`. */
  readonly argument?: string;
  readonly purpose: string;
  readonly example: string;
  readonly options: readonly OptionSpec[];
  /** Refuses bad combinations of options before anything is read or connected to. */
  readonly check?: (options: Options) => void;
  /**
   * For a command whose exit codes are another tool's: tells the failure in that tool's way and
   * answers its code. The codes of its runs are then passed on as they are.
   */
  readonly onFailure?: (error: unknown, report: Report) => number;
}

interface ConnectedSpec extends CommandShape {
  /** Loaded when it is called: `--help` waits for no command's code. */
  readonly load: () => Promise<CommandRun>;
}

interface OfflineSpec extends CommandShape {
  readonly loadOffline: () => Promise<OfflineRun>;
}

export type CommandSpec = ConnectedSpec | OfflineSpec;
