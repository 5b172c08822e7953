/** Background work that repeats: waits, works, waits again; a slow round delays the next. */
import type { Clock, Millis } from '../base/clock.ts';
import { asSimError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { type Op, start, suspend } from '../base/op.ts';

export interface Daemon {
  /** Begins the next round at once, or one more right after the round under way. */
  wake(): void;
  /** No further round begins; returns when the one under way has ended. */
  stop(): Op<void>;
}

export interface DaemonOptions {
  readonly name: string;
  readonly periodMs: Millis;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly body: () => Op<void>;
}

/** A round that throws is told to the operator and does not end the daemon. */
export function startDaemon({ name, periodMs, clock, logger, body }: DaemonOptions): Daemon {
  let isStopped = false;
  let isWorking = false;
  let isWanted = false;
  let ended = (): void => {};
  let cancel = (): void => {};
  const wait = (): void => {
    if (!isStopped) cancel = clock.after(isWanted ? 0 : periodMs, round);
  };
  const round = (): void => {
    isWorking = true;
    isWanted = false;
    start(body(), (outcome) => {
      isWorking = false;
      if (!outcome.ok) {
        const error = asSimError(outcome.error);
        logger.log('error', `${name} failed`, { code: error.code, text: error.message });
      }
      ended();
      wait();
    });
  };
  wait();
  return {
    wake(): void {
      isWanted = true;
      if (isWorking || isStopped) return;
      cancel();
      wait();
    },
    *stop(): Op<void> {
      isStopped = true;
      cancel();
      if (!isWorking) return;
      yield* suspend<void>((resume) => {
        ended = () => resume({ ok: true, value: undefined });
      });
    },
  };
}
