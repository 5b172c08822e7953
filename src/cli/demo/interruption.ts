/**
 * What may end the demo from outside: a signal, or a reader of its output that has gone. The demo
 * then stops at its next statement and cleans up; a second signal does not wait for that.
 */
import { SimError } from '../../base/errors.ts';
import { EXIT_INTERRUPTED } from '../exit-codes.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface Interruption {
  readonly signal: AbortSignal;
  /** Goes back to what signals did before. */
  end(): void;
}

/** The reason of the signal is a `demo-failed`. */
export function watchForInterruption(): Interruption {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
    controller.abort(new SimError('demo-failed', 'interrupted'));
  };
  const onOutputError = (error: Error): void => {
    controller.abort(new SimError('demo-failed', `nobody reads the output: ${error.message}`));
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
