/** What printers write: for people on a terminal and in a file, and for programs. */
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { createJsonPrinter, JSON_PROGRESS_MS } from '../../../src/cli/ui/json-printer.ts';
import type { Line, TextOutput } from '../../../src/cli/ui/printer.ts';
import { type OutputStream, textOutput } from '../../../src/cli/ui/standard-output.ts';
import {
  createTextPrinter,
  PLAIN_PROGRESS_MS,
  REDRAW_MS,
} from '../../../src/cli/ui/text-printer.ts';

const LINE: Line = { event: 'state', look: 'good', text: 'done', facts: { job: 'BACKUP' } };
const WORK = { label: 'insert', unit: 'rows', total: 100 } as const;
const ESCAPE = '\u001b';

interface Written extends TextOutput {
  text(): string;
}

function written(isTerminal: boolean, hasColors = false): Written {
  let all = '';
  return {
    write: (text) => {
      all += text;
    },
    isTerminal,
    hasColors,
    columns: () => 81,
    text: () => all,
  };
}

describe('the text printer', () => {
  test('writes plain lines into a file', () => {
    const output = written(false);
    const printer = createTextPrinter(new VirtualClock(), output);
    printer.line(LINE);
    printer.line({ event: 'x', look: 'plain', text: 'more' });
    expect(output.text()).toBe('done\nmore\n');
  });

  test('colours whole lines where colours are wanted', () => {
    const output = written(true, true);
    const printer = createTextPrinter(new VirtualClock(), output);
    printer.line(LINE);
    printer.line({ event: 'x', look: 'plain', text: 'more' });
    expect(output.text()).toBe(`${ESCAPE}[32mdone${ESCAPE}[0m\nmore\n`);
  });

  test('draws the bar again in its place, and not too often', () => {
    const clock = new VirtualClock();
    const output = written(true);
    const printer = createTextPrinter(clock, output);
    printer.progress({ ...WORK, done: 0 });
    printer.progress({ ...WORK, done: 1 });
    clock.advance(REDRAW_MS);
    printer.progress({ ...WORK, done: 2 });
    printer.progress({ ...WORK, done: 100 });
    printer.progress({ ...WORK, done: 100 });
    const drawn = output.text().split('\r').slice(1);
    expect(drawn.map((line) => line.match(/\d+\/\d+/)?.[0])).toEqual(['0/100', '2/100', '100/100']);
    expect(drawn.every((line) => line.endsWith(`${ESCAPE}[K`))).toBe(true);
    expect(output.text()).not.toContain('\n');
  });

  test('ends a bar before anything else is written', () => {
    const clock = new VirtualClock();
    const output = written(true);
    const printer = createTextPrinter(clock, output);
    printer.progress({ ...WORK, done: 1 });
    printer.line(LINE);
    expect(output.text()).toMatch(/\[K\ndone\n$/);
    printer.progress({ ...WORK, done: 2 });
    printer.progress({ ...WORK, label: 'upload', done: 0 });
    expect(output.text()).toMatch(/ {2}insert [^\n]*\n\r {2}upload [^\n]*$/);
    printer.close();
    expect(output.text()).toMatch(/\[K\n$/);
  });

  test('tells of progress in a file when it is done, and now and then before', () => {
    const clock = new VirtualClock();
    const output = written(false);
    const printer = createTextPrinter(clock, output);
    printer.progress({ ...WORK, done: 0 });
    clock.advance(PLAIN_PROGRESS_MS - 1);
    printer.progress({ ...WORK, done: 40 });
    expect(output.text()).toBe('');
    clock.advance(1);
    printer.progress({ ...WORK, done: 50 });
    printer.progress({ ...WORK, done: 60 });
    clock.advance(1_000);
    printer.progress({ ...WORK, done: 100 });
    printer.progress({ ...WORK, done: 100 });
    expect(output.text()).toBe(
      '  insert 50/100 rows, 50 rows/s, 1.00 s left\n  insert 100/100 rows, 50 rows/s, in 2.00 s\n',
    );
  });

  test('tells of work that was done at once in one line', () => {
    const output = written(false);
    const printer = createTextPrinter(new VirtualClock(), output);
    printer.progress({ ...WORK, done: 100 });
    printer.progress({ ...WORK, done: 100 });
    printer.close();
    expect(output.text()).toBe('  insert 100/100 rows, in 0.00 s\n');
  });
});

describe('the JSON printer', () => {
  const jsonLines = (output: Written): unknown[] =>
    output
      .text()
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));

  test('writes the event and its facts, and nothing that is for people only', () => {
    const output = written(true, true);
    const printer = createJsonPrinter(new VirtualClock(), output);
    printer.line(LINE);
    printer.line({ event: 'summary', look: 'good', text: 'all is well' });
    expect(output.text()).toBe('{"event":"state","job":"BACKUP"}\n');
  });

  test('writes the first and the last progress, and others now and then', () => {
    const clock = new VirtualClock();
    const output = written(false);
    const printer = createJsonPrinter(clock, output);
    for (const done of [0, 1, 2]) printer.progress({ ...WORK, done });
    clock.advance(JSON_PROGRESS_MS);
    for (const done of [30, 100, 100]) printer.progress({ ...WORK, done });
    printer.progress({ ...WORK, label: 'upload', done: 7 });
    const common = { event: 'progress', label: 'insert', unit: 'rows', total: 100 };
    expect(jsonLines(output)).toEqual([
      { ...common, done: 0, ms: 0, ratePerSec: null, etaMs: null },
      { ...common, done: 30, ms: 100, ratePerSec: 300, etaMs: 234 },
      { ...common, done: 100, ms: 100, ratePerSec: 1_000, etaMs: 0 },
      { ...common, label: 'upload', done: 7, ms: 0, ratePerSec: null, etaMs: null },
    ]);
  });
});

describe('standard output', () => {
  const terminal: OutputStream = { isTTY: true, columns: 120, write: () => true };

  test.each([
    ['a terminal', terminal, {}, { isTerminal: true, hasColors: true }],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, { isTerminal: true, hasColors: false }],
    ['an empty NO_COLOR', terminal, { NO_COLOR: '' }, { isTerminal: true, hasColors: true }],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, { isTerminal: false, hasColors: false }],
    ['a pipe', { write: () => true }, {}, { isTerminal: false, hasColors: false }],
  ])('of %s is seen as it is', (_, stream, environment, expected) => {
    expect(textOutput(stream, environment)).toMatchObject(expected);
  });

  test('is as wide as the window is now, and 80 columns where nobody knows', () => {
    const stream = { ...terminal, columns: 100 };
    const output = textOutput(stream, {});
    expect(output.columns()).toBe(100);
    expect(textOutput({ ...terminal, columns: 0 }, {}).columns()).toBe(80);
    stream.columns = 40;
    expect(output.columns()).toBe(40);
    expect(textOutput({ write: () => true }, {}).columns()).toBe(80);
  });
});
