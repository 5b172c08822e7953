/** The chapters of the demo: told when they begin, timed when they end. */
import type { Clock, Millis } from '../../base/clock.ts';
import type { Printer } from '../ui/printer.ts';

export interface PhaseTime {
  readonly name: string;
  readonly ms: Millis;
}

export interface Phases {
  /** One word, and what it is about. */
  run<T>(name: string, title: string, body: () => Promise<T>): Promise<T>;
  readonly times: readonly PhaseTime[];
}

export function createPhases(clock: Clock, printer: Printer): Phases {
  const times: PhaseTime[] = [];
  return Object.freeze({
    times,
    async run<T>(name: string, title: string, body: () => Promise<T>): Promise<T> {
      const beganMs = clock.now();
      printer.line({ event: 'phase', look: 'step', text: title, facts: { phase: name } });
      const result = await body();
      times.push({ name, ms: clock.now() - beganMs });
      return result;
    },
  });
}
