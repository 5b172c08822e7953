/**
 * What verbs have in common that look at something and say what they found: a printer for people or
 * programs, an end from outside, and an exit code.
 */
import { type Clock, realClock } from '../base/clock.ts';
import { watchForInterruption } from './interruption.ts';
import { createJsonPrinter } from './ui/json-printer.ts';
import type { Printer } from './ui/printer.ts';
import { standardOutput } from './ui/standard-output.ts';
import { createTextPrinter } from './ui/text-printer.ts';

export interface VerbContext {
  readonly printer: Printer;
  readonly clock: Clock;
  /** Throws when the verb was interrupted; asked between steps. */
  readonly checkpoint: () => void;
}

/** Sets the exit code to what `body` returns; errors go on to the caller. */
export async function runVerb(
  { json }: { readonly json: boolean },
  body: (context: VerbContext) => Promise<number>,
): Promise<void> {
  const output = standardOutput();
  const clock = realClock;
  const printer = json ? createJsonPrinter(clock, output) : createTextPrinter(clock, output);
  const interruption = watchForInterruption('interrupted');
  const checkpoint = (): void => interruption.signal.throwIfAborted();
  try {
    process.exitCode = await body({ printer, clock, checkpoint });
  } finally {
    printer.close();
    interruption.end();
  }
}
