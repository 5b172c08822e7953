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

export interface CommandSpec {
  /** `backup full`. */
  readonly name: string;
  /** `<label>`, `[name...]`. */
  readonly argument?: string;
  readonly purpose: string;
  readonly example: string;
  readonly options: readonly OptionSpec[];
  /** Refuses bad combinations of options before anything is read or connected to. */
  readonly check?: (options: Options) => void;
  /** Loaded when it is called: `--help` waits for no command's code. */
  readonly load: () => Promise<CommandRun>;
}
