/** A statement while it is being answered: what SHOW PROCESSLIST shows of it, what KILL ends. */
import type { CancelSource } from '../base/cancellation.ts';
import type { Millis } from '../base/clock.ts';
import { type StatementSource, shownText } from './shown-text.ts';

/** What SHOW PROCESSLIST calls it: OK while it runs, how it ended afterwards. */
export type StatementState = 'OK' | 'EOF' | 'ERR';

export interface StatementStart {
  readonly source: StatementSource;
  readonly cancellation: CancelSource;
  readonly startedAtMs: Millis;
}

/** Which statement of which connection. */
export interface StatementNumber {
  readonly connectionId: number;
  readonly number: number;
}

export class RunningStatement {
  readonly cancellation: CancelSource;
  readonly startedAtMs: Millis;
  readonly #source: StatementSource;
  readonly #connectionId: number;
  readonly #number: number;

  constructor({ source, cancellation, startedAtMs }: StatementStart, who: StatementNumber) {
    this.#source = source;
    this.cancellation = cancellation;
    this.startedAtMs = startedAtMs;
    this.#connectionId = who.connectionId;
    this.#number = who.number;
  }

  /** The text with secrets hidden. */
  get shownText(): string {
    return shownText(this.#source);
  }

  /** In the form of a UUID: moment, connection, number of the statement in its session. */
  get queryId(): string {
    const hex = (value: number, digits: number): string =>
      value.toString(16).padStart(digits, '0').slice(-digits);
    const moment = hex(this.startedAtMs, 12);
    return (
      `${moment.slice(0, 8)}-${moment.slice(8)}-11f0-` +
      `${hex(this.#connectionId, 4)}-${hex(this.#number, 12)}`
    );
  }
}
