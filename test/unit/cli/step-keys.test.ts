import { expect, test } from 'vitest';
import { type KeyInput, readStepKeys } from '../../../src/cli/step/step-keys.ts';

interface FakeInput extends KeyInput {
  type(text: string): void;
  readonly calls: string[];
}

function fakeInput(isTTY: boolean): FakeInput {
  const listeners = new Set<(text: string) => void>();
  const calls: string[] = [];
  return {
    isTTY,
    calls,
    setRawMode: (mode) => calls.push(`raw ${mode}`),
    setEncoding: (encoding) => calls.push(encoding),
    on: (_event, listener) => listeners.add(listener),
    off: (_event, listener) => listeners.delete(listener),
    resume: () => calls.push('resume'),
    pause: () => calls.push('pause'),
    type(text) {
      for (const listener of listeners) listener(text);
    },
  };
}

function recorded(input: KeyInput): { readonly seen: string[]; readonly close: () => void } {
  const seen: string[] = [];
  const close = readStepKeys(input, {
    tick: () => seen.push('tick'),
    interrupt: () => seen.push('interrupt'),
  });
  return { seen, close };
}

test('a terminal ticks at Enter and space, is interrupted by Control-C, and hears no other', () => {
  const input = fakeInput(true);
  const { seen } = recorded(input);
  input.type('x \r');
  input.type('\u001b[A');
  input.type('\u0003');
  expect(seen).toEqual(['tick', 'tick', 'interrupt']);
});

test('a terminal gets its mode back', () => {
  const input = fakeInput(true);
  const { seen, close } = recorded(input);
  close();
  input.type('\r');
  expect(seen).toEqual([]);
  expect(input.calls).toEqual(['raw true', 'utf8', 'resume', 'pause', 'raw false']);
});

test('anything else ticks once a line, however the lines are cut into pieces', () => {
  const input = fakeInput(false);
  const { seen } = recorded(input);
  input.type('one\ntw');
  input.type('o\r\n\u0003 ');
  expect(seen).toEqual(['tick', 'tick']);
  expect(input.calls).toEqual(['utf8', 'resume']);
});
