/** Standard output as printers see it: whether it is a terminal, how wide, and whether in colour. */
import type { TextOutput } from './printer.ts';

/** What is used of `process.stdout`. */
export interface OutputStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const COLUMNS_DEFAULT = 80;

/**
 * A terminal that calls itself dumb cannot draw a line again. `NO_COLOR` set to anything but
 * nothing turns colours off (no-color.org).
 */
export function textOutput(
  stream: OutputStream,
  environment: Readonly<Record<string, string | undefined>>,
): TextOutput {
  const isTerminal = stream.isTTY === true && environment['TERM'] !== 'dumb';
  return Object.freeze({
    write: (text: string): void => {
      stream.write(text);
    },
    isTerminal,
    hasColors: isTerminal && (environment['NO_COLOR'] ?? '') === '',
    // A terminal that does not know its width says 0.
    columns: () => stream.columns || COLUMNS_DEFAULT,
  });
}

export function standardOutput(): TextOutput {
  return textOutput(process.stdout, process.env);
}
