/** What a command needs of the world; a test gives its own (clock, connection, streams). */
import type { Clock, Millis } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { BlobLocation, OpenedBlob } from '../blob/blob-storage.ts';
import type { Config } from './config/config.ts';
import type { Connection } from './connection/connection.ts';
import type { Streams } from './report/report.ts';

export type Signal = 'SIGINT' | 'SIGTERM';

/** Whether the user wants the command to end; waits end early when that happens. */
export interface Interruption {
  readonly signal: Signal | undefined;
  /** Called once, at the first signal. */
  onSignal(tell: () => void): () => void;
}

/** Ways out of the tool for what somebody must hear of. Each rejects if it did not get there. */
export interface Delivery {
  /** Sends a JSON document. What it rejects with does not tell the URL, which may hold a token. */
  post(url: string, body: string): Promise<void>;
  /** Runs a command of the user's in his shell with `input` as its input. */
  runCommand(command: string, input: string): Promise<void>;
  /** Adds to the end of a file, which it makes if there is none. */
  append(path: string, text: string): Promise<void>;
}

export interface Ports {
  connect(config: Config): Promise<Connection>;
  /** `undefined` if there is no such file. */
  readText(path: string): Promise<string | undefined>;
  /** Replaces the file as a whole or not at all. */
  writeText(path: string, text: string): Promise<void>;
  env(name: string): string | undefined;
  readonly delivery: Delivery;
  /** The store of a repository, for what no statement can do. Loads drivers when it is called. */
  openStore(where: BlobLocation): Promise<OpenedBlob>;
  readonly clock: Clock;
  readonly random: Random;
  readonly streams: Streams;
  readonly interruption: Interruption;
  /** One line from the user; `undefined` at the end of input or without a terminal. */
  askLine(prompt: string): Promise<string | undefined>;
}

/** Ends early at a signal. */
export function sleep(ports: Pick<Ports, 'clock' | 'interruption'>, spanMs: Millis): Promise<void> {
  if (ports.interruption.signal !== undefined) return Promise.resolve();
  return new Promise((resolve) => {
    const end = (): void => {
      cancel();
      forget();
      resolve();
    };
    const cancel = ports.clock.after(spanMs, end);
    const forget = ports.interruption.onSignal(end);
  });
}
