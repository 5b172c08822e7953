/** Keys that move the backup handler: one keypress on a terminal, one line from anywhere else. */

/** What is used of `process.stdin`. */
export interface KeyInput {
  readonly isTTY?: boolean;
  setRawMode?(mode: boolean): unknown;
  setEncoding(encoding: 'utf8'): unknown;
  on(event: 'data', listener: (text: string) => void): unknown;
  off(event: 'data', listener: (text: string) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

export interface StepKeys {
  readonly tick: () => void;
  /** Control-C, which a terminal that gives single keys does not make a signal of. */
  readonly interrupt: () => void;
}

const TERMINAL_KEYS: Readonly<Record<string, keyof StepKeys>> = Object.freeze({
  '\r': 'tick',
  '\n': 'tick',
  ' ': 'tick',
  '\u0003': 'interrupt',
});

/** Ends when the input does; what it returns ends it before and gives the terminal back. */
export function readStepKeys(input: KeyInput, keys: StepKeys): () => void {
  const isTerminal = input.isTTY === true;
  const onData = (text: string): void => {
    for (const key of text) {
      if (isTerminal) {
        const what = TERMINAL_KEYS[key];
        if (what !== undefined) keys[what]();
      } else if (key === '\n') keys.tick();
    }
  };
  if (isTerminal) input.setRawMode?.(true);
  input.setEncoding('utf8');
  input.on('data', onData);
  input.resume();
  return () => {
    input.off('data', onData);
    input.pause();
    if (isTerminal) input.setRawMode?.(false);
  };
}
