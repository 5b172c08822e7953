/**
 * What a command tells while it runs, as data: people read the text of a line, programs its event
 * and facts. A command knows this interface only; how a line looks is the printer's.
 */
import type { Progress } from './progress-bar.ts';

/**
 * What a line is to a reader; only a printer for people makes something of it. What is hidden from
 * people is for programs only.
 */
export type Look = 'title' | 'step' | 'plain' | 'sql' | 'good' | 'bad' | 'hidden';

export type Fact = string | number | boolean | null | readonly Fact[] | { [name: string]: Fact };

export interface Line {
  /** What happened, in one word: the `event` of a JSON line. */
  readonly event: string;
  readonly look: Look;
  /** One line, without its end. */
  readonly text: string;
  /** Without facts a line is for people only. */
  readonly facts?: Readonly<Record<string, Fact>>;
}

export interface Printer {
  line(line: Line): void;
  /** Tells how far the work at hand is; may be called as often as something is done. */
  progress(progress: Progress): void;
  /** Ends what is drawn, so that other output begins on a line of its own. */
  close(): void;
}

/** Where a printer writes to. */
export interface TextOutput {
  write(text: string): void;
  /** A line can be drawn again in its place. */
  readonly isTerminal: boolean;
  readonly hasColors: boolean;
  /** Asked each time: people resize their windows. */
  columns(): number;
}
