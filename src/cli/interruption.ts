/**
 * What may end a verb from outside: a signal, or a reader of its output that has gone. The verb
 * then stops at its next step and cleans up; a second signal does not wait for that.
 */
import { type ErrorCode, SimError } from '../base/errors.ts';
import { EXIT_INTERRUPTED } from './exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** Goes back to what signals did before. */
  end(): void;
}

/** The reason of the signal is an error with that code. */
export function watchForInterruption(code: ErrorCode): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort(new SimError(code, 'interrupted'));
  };
  const onOutputError = (error: Error): void => {
    controller.abort(new SimError(code, `nobody reads the output: ${error.message}`));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.stdout.on('error', onOutputError);
  return Object.freeze({
    signal: controller.signal,
    end(): void {
      // The output stays watched: what is on its way may still fail after the last line.
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  });
}
