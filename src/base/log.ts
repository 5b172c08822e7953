/** Log lines for operators: text for people, JSON lines for machines, nothing for tests. */
import type { Clock } from './clock.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

export interface Logger {
  log(level: LogLevel, text: string, fields?: LogFields): void;
}

export const silentLogger: Logger = Object.freeze({ log: () => {} });

/** A logger over any sink of lines; `minimum` and more severe get through. */
export function lineLogger(
  clock: Clock,
  minimum: LogLevel,
  json: boolean,
  sink: (line: string) => void,
): Logger {
  const threshold = LOG_LEVELS.indexOf(minimum);
  return Object.freeze({
    log(level: LogLevel, text: string, fields: LogFields = {}): void {
      if (LOG_LEVELS.indexOf(level) < threshold) return;
      const time = new Date(clock.now()).toISOString();
      if (json) {
        sink(JSON.stringify({ event: 'log', time, level, text, ...fields }));
        return;
      }
      const tail = Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => ` ${key}=${value}`)
        .join('');
      sink(`${time} ${level.padEnd(5)} ${text}${tail}`);
    },
  });
}
