import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { realClock } from '../../../src/base/clock.ts';
import { SimError } from '../../../src/base/errors.ts';
import { type FaultPoints, noFaults } from '../../../src/base/fault.ts';
import { createFaultPlan } from '../../../src/base/fault-plan.ts';
import { createLocalFiles } from '../../../src/base/local-files.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { all, type Op, runNow, start, toPromise } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { type EditLog, openEditLog } from '../../../src/fe/edit-log.ts';
import type { EditLogOptions } from '../../../src/fe/edit-log-options.ts';
import { loadLatestImage, writeImage } from '../../../src/fe/image.ts';

interface Add {
  readonly op: string;
  readonly value: string;
}

const LOG = '/fe/edit_log';
const IMAGE = '/fe/image';
const random = new SeededRandom(1n);

const codec = {
  *encode(record: Add): Iterable<string> {
    yield '{"value":';
    yield JSON.stringify(record.value);
    yield '}';
  },
  decode(op: string, body: unknown): Add {
    if (typeof body !== 'object' || body === null || !('value' in body))
      throw new Error('no value');
    return { op, value: String(body.value) };
  },
  opOf: (record: Add): string => record.op,
};

/** A state that is nothing but the values applied, with its log, image and warnings. */
interface Subject {
  readonly log: EditLog<Add>;
  readonly values: string[];
  readonly warnings: string[];
  readonly fatal: SimError[];
}

function* open(files: MemoryFiles, change: Partial<EditLogOptions<Add>> = {}): Op<Subject> {
  const image = yield* loadLatestImage(files, IMAGE);
  const values: string[] = image === undefined ? [] : JSON.parse(image.text);
  const warnings: string[] = [];
  const fatal: SimError[] = [];
  const log = yield* openEditLog<Add>({
    files,
    directory: LOG,
    codec,
    imageSeq: image?.seq ?? 0,
    apply: (record, seq) => {
      values.push(record.value);
      expect(seq).toBe(values.length);
    },
    faults: noFaults,
    clock: new VirtualClock(),
    logger: { log: (_level, text) => warnings.push(text) },
    onFatal: (error) => fatal.push(error),
    lineBytesMax: 1000,
    ...change,
  });
  return { log, values, warnings, fatal };
}

function add(value: string): Add {
  return { op: 'OP_ADD', value };
}

function* checkpoint(files: MemoryFiles, { log, values }: Subject): Op<void> {
  yield* log.checkpoint((seq) => writeImage(files, IMAGE, seq, [JSON.stringify(values)]));
}

function logText(files: MemoryFiles, name = '1.log'): string {
  return Buffer.from(runNow(files.read(`${LOG}/${name}`))).toString('utf8');
}

function names(files: MemoryFiles): string[] {
  return runNow(files.list(LOG)).map((entry) => entry.name);
}

function faultsThat(text: 'fail' | 'delay', point: 'fe.edit-log.append' | 'fe.edit-log.sync') {
  const plan = createFaultPlan({ random, onCrash: () => {} });
  const fault = text === 'fail' ? ({ do: 'fail', text: 'broken' } as const) : undefined;
  plan.enable(point, fault ?? { do: 'delay', ms: 10 }, { times: 1 });
  return plan;
}

describe('the edit log', () => {
  test('is one readable line per record', () => {
    const files = new MemoryFiles();
    const { log } = runNow(open(files));
    runNow(log.append(add('ä')));
    runNow(log.append({ op: 'OP_OTHER', value: 'b' }));
    const lines = logText(files).split('\n');
    expect(lines).toEqual([
      expect.stringMatching(
        /^\{"seq":1,"op":"OP_ADD","len":14,"crc":"[0-9a-f]{8}"\} \{"value":"ä"\}$/,
      ),
      expect.stringMatching(
        /^\{"seq":2,"op":"OP_OTHER","len":13,"crc":"[0-9a-f]{8}"\} \{"value":"b"\}$/,
      ),
      '',
    ]);
  });

  test('replays what was appended, in order', () => {
    const files = new MemoryFiles();
    const first = runNow(open(files));
    for (const value of ['a', 'b', 'c']) runNow(first.log.append(add(value)));
    expect(first.values).toEqual(['a', 'b', 'c']);
    const second = runNow(open(files));
    expect(second.values).toEqual(['a', 'b', 'c']);
    expect(second.log.lastSeq).toBe(3);
    runNow(second.log.append(add('d')));
    expect(runNow(open(files)).values).toEqual(['a', 'b', 'c', 'd']);
  });

  test('writes records that arrive together with one sync, and applies them in order', () => {
    const syncs: string[] = [];
    const files = new MemoryFiles({
      onMutation: (operation, path) => {
        if (operation === 'sync') syncs.push(path);
      },
    });
    const clock = new VirtualClock();
    const faults = faultsThat('delay', 'fe.edit-log.append');
    const { log, values } = clock.run(open(files, { clock, faults }));
    syncs.length = 0;
    const ended: string[] = [];
    const jobs = Array.from({ length: 50 }, (_, index) => () => appendNoting(index));
    function* appendNoting(index: number): Op<void> {
      yield* log.append(add(String(index)));
      // The record is applied before its appender goes on.
      expect(values).toContain(String(index));
      ended.push(String(index));
    }
    clock.run(all(jobs, 50));
    expect(values).toEqual(Array.from({ length: 50 }, (_, index) => String(index)));
    expect(ended).toEqual(values);
    // The first is under way alone while the others gather.
    expect(syncs).toHaveLength(2);
  });

  test('puts bulky records into a side file, which a checkpoint removes', () => {
    const files = new MemoryFiles();
    const subject = runNow(open(files));
    const bulky = 'x'.repeat(700_000);
    runNow(subject.log.append(add('small')));
    runNow(subject.log.append(add(bulky)));
    expect(names(files)).toEqual(['1.log', '2.side.json']);
    expect(logText(files).split('\n')[1]).toMatch(
      /^\{"seq":2,"op":"OP_ADD","side":true,"len":\d+,"crc":"\w+"\} \{"file":"2.side.json","size":700012,"crc":"\w+"\}$/,
    );
    expect(runNow(open(files)).values).toEqual(['small', bulky]);
    runNow(checkpoint(files, subject));
    expect(names(files)).toEqual(['3.log']);
    expect(runNow(open(files)).values).toEqual(['small', bulky]);
  });

  test('goes on in a new segment after a checkpoint', () => {
    const files = new MemoryFiles();
    const subject = runNow(open(files));
    runNow(subject.log.append(add('a')));
    runNow(checkpoint(files, subject));
    runNow(checkpoint(files, subject));
    runNow(subject.log.append(add('b')));
    expect(names(files)).toEqual(['2.log']);
    expect(runNow(files.list(IMAGE)).map((entry) => entry.name)).toEqual(['image.1']);
    expect(runNow(open(files)).values).toEqual(['a', 'b']);
  });

  test('stays as it is when the image cannot be written', () => {
    const files = new MemoryFiles();
    const { log } = runNow(open(files));
    runNow(log.append(add('a')));
    expect(() =>
      runNow(
        log.checkpoint(function* () {
          throw new SimError('disk-full', 'no room');
        }),
      ),
    ).toThrow('no room');
    runNow(log.append(add('b')));
    expect(runNow(open(files)).values).toEqual(['a', 'b']);
  });

  test('holds appends back while a checkpoint writes the state', () => {
    const files = new MemoryFiles();
    const clock = new VirtualClock();
    const { log, values } = clock.run(open(files, { clock }));
    clock.run(log.append(add('a')));
    let seen = '';
    function* slowImage(seq: number): Op<void> {
      start(log.append(add('b')), () => {});
      yield* writeImage(files, IMAGE, seq, [JSON.stringify(values)]);
      seen = values.join();
    }
    clock.run(log.checkpoint(slowImage));
    expect(seen).toBe('a');
    expect(values).toEqual(['a', 'b']);
    expect(clock.run(open(files)).values).toEqual(['a', 'b']);
  });

  test('refuses everything after a failure, and says so once', () => {
    for (const point of ['fe.edit-log.append', 'fe.edit-log.sync'] as const) {
      const files = new MemoryFiles();
      const { log, values, fatal } = runNow(open(files, { faults: faultsThat('fail', point) }));
      expect(() => runNow(log.append(add('a')))).toThrow('broken');
      expect(() => runNow(log.append(add('b')))).toThrow('broken');
      expect(() => runNow(checkpoint(files, { log, values, fatal, warnings: [] }))).toThrow(
        'broken',
      );
      expect(fatal.map((error) => error.message)).toEqual(['broken']);
      expect(values).toEqual([]);
    }
  });

  test('fails all that wait when a sync fails', () => {
    const clock = new VirtualClock();
    const plan = faultsThat('delay', 'fe.edit-log.append');
    plan.enable('fe.edit-log.sync', { do: 'fail', text: 'broken' });
    const { log, fatal } = clock.run(open(new MemoryFiles(), { clock, faults: plan }));
    const outcomes: boolean[] = [];
    for (const value of ['a', 'b', 'c']) {
      start(log.append(add(value)), (outcome) => outcomes.push(outcome.ok));
    }
    clock.advance(100);
    expect(outcomes).toEqual([false, false, false]);
    expect(fatal).toHaveLength(1);
  });

  test('takes nothing after it was closed', () => {
    const { log } = runNow(open(new MemoryFiles()));
    runNow(log.append(add('a')));
    runNow(log.close());
    expect(() => runNow(log.append(add('b')))).toThrow('closed');
  });
});

describe('a damaged edit log', () => {
  function filled(): MemoryFiles {
    const files = new MemoryFiles();
    const { log } = runNow(open(files));
    for (const value of ['one', 'two', 'three']) runNow(log.append(add(value)));
    return files;
  }

  test('loses a record that was cut short, with a warning, wherever the cut is', () => {
    const whole = logText(filled());
    const lastAt = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let length = lastAt + 1; length < whole.length; length += 1) {
      const files = filled();
      runNow(files.truncate(`${LOG}/1.log`, length));
      const { log, values, warnings } = runNow(open(files));
      expect(values).toEqual(['one', 'two']);
      expect(warnings).toHaveLength(1);
      runNow(log.append(add('again')));
      expect(runNow(open(files)).values).toEqual(['one', 'two', 'again']);
    }
  });

  test('stops the start at any flipped bit and names file and offset', () => {
    const whole = Buffer.from(logText(filled()));
    const starts = [0];
    for (const [at, byte] of whole.entries()) if (byte === 10) starts.push(at + 1);
    for (let at = 0; at < whole.length; at += 1) {
      const files = filled();
      runNow(
        files.unsafeOverwrite(
          `${LOG}/1.log`,
          at,
          Buffer.from([(whole[at] ?? 0) ^ (1 << (at % 8))]),
        ),
      );
      const offset = Math.max(...starts.filter((start) => start <= at));
      expect(() => runNow(open(files))).toThrow(
        new RegExp(`${LOG}/1.log is damaged at byte ${offset}: `),
      );
    }
  });

  test('stops the start when a segment or a side file is missing or damaged', () => {
    const files = filled();
    runNow(files.rename(`${LOG}/1.log`, `${LOG}/2.log`));
    expect(() => runNow(open(files))).toThrow(/2.log is damaged at byte 0: record 1 is missing/);

    const side = new MemoryFiles();
    runNow(runNow(open(side)).log.append(add('x'.repeat(2000))));
    runNow(side.unsafeOverwrite(`${LOG}/1.side.json`, 100, Buffer.from('y')));
    expect(() => runNow(open(side))).toThrow(/1.side.json has CRC/);
    runNow(side.remove(`${LOG}/1.side.json`));
    expect(() => runNow(open(side))).toThrow(/1.side.json is missing/);
  });

  test('stops the start when it ends before the image does', () => {
    const files = new MemoryFiles();
    const subject = runNow(open(files));
    runNow(subject.log.append(add('a')));
    runNow(checkpoint(files, subject));
    runNow(files.remove(`${LOG}/2.log`));
    expect(() => runNow(open(files))).toThrow(/no records, yet an image/);
  });
});

describe('a damaged image', () => {
  test('stops the start at any flipped bit or cut, and is never passed over', () => {
    const fresh = (): MemoryFiles => {
      const files = new MemoryFiles();
      runNow(writeImage(files, IMAGE, 7, ['["a",', '"ä"]']));
      return files;
    };
    expect(runNow(loadLatestImage(fresh(), IMAGE))).toEqual({ seq: 7, text: '["a","ä"]' });
    const whole = Buffer.from(runNow(fresh().read(`${IMAGE}/image.7`)));
    for (let at = 0; at < whole.length; at += 1) {
      const flipped = fresh();
      const byte = Buffer.from([(whole[at] ?? 0) ^ (1 << (at % 8))]);
      runNow(flipped.unsafeOverwrite(`${IMAGE}/image.7`, at, byte));
      expect(() => runNow(loadLatestImage(flipped, IMAGE))).toThrow(/image.7 is damaged at byte/);
      const cut = fresh();
      runNow(cut.truncate(`${IMAGE}/image.7`, at));
      expect(() => runNow(loadLatestImage(cut, IMAGE))).toThrow(/image.7 is damaged at byte/);
    }
  });

  test('leftovers of an image that was not finished are no image', () => {
    const files = new MemoryFiles();
    runNow(files.makeDirectory(IMAGE));
    runNow(files.create(`${IMAGE}/image.9.tmp`));
    expect(runNow(loadLatestImage(files, IMAGE))).toBeUndefined();
    runNow(writeImage(files, IMAGE, 3, ['[]']));
    expect(runNow(files.list(IMAGE)).map((entry) => entry.name)).toEqual(['image.3']);
  });
});

/** What a frontend does between two crashes. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 3 }).map((count) => ({ add: count })) },
  { weight: 1, arbitrary: fc.constant({ add: 0 }) },
  { weight: 2, arbitrary: fc.constant('checkpoint' as const) },
);
type Step = { readonly add: number } | 'checkpoint';

/** Runs steps; `asked` and `acknowledged` count the records of each kind. A count of 0: bulky. */
function* program(
  files: MemoryFiles,
  steps: readonly Step[],
  seen: string[],
  acked: string[],
): Op<void> {
  const subject = yield* open(files);
  seen.push(...subject.values.filter((value) => !seen.includes(value)));
  for (const [index, each] of steps.entries()) {
    if (each === 'checkpoint') {
      yield* checkpoint(files, subject);
      continue;
    }
    const round = `${acked.length}.${index}.${seen.length}`;
    const values = each.add === 0 ? [`${round}.${'x'.repeat(1500)}`] : [];
    for (let count = 0; count < each.add; count += 1) values.push(`${round}.${count}`);
    for (const value of values) {
      seen.push(value);
      yield* subject.log.append(add(value));
      acked.push(value);
    }
  }
}

/** The disk after a crash at the given change, or undefined when the program ended before. */
function crashedDisk(
  before: MemoryFiles,
  crashAt: number,
  run: (files: MemoryFiles) => Op<void>,
  fate: 'lost' | 'torn' | 'kept',
): MemoryFiles | undefined {
  let count = 0;
  let hasEnded = false;
  const files: MemoryFiles = before.crash(
    { fate: 'kept', random },
    {
      onMutation: () => {
        count += 1;
        if (count === crashAt) files.halt();
      },
    },
  );
  start(run(files), (outcome) => {
    if (!outcome.ok) throw outcome.error;
    hasEnded = true;
  });
  return hasEnded ? undefined : files.crash({ fate, random });
}

function assertNothingLost(
  disk: MemoryFiles,
  seen: readonly string[],
  acked: readonly string[],
): void {
  const { log, values } = runNow(open(disk));
  expect(values.slice(0, acked.length)).toEqual(acked);
  // At most the record under way is there besides.
  expect(values).toEqual(seen.slice(0, values.length));
  const whole = [...values, 'after'];
  runNow(log.append(add('after')));
  expect(runNow(open(disk)).values).toEqual(whole);
}

describe('an acknowledged record survives', () => {
  const STEPS: readonly Step[] = [
    { add: 2 },
    { add: 0 },
    'checkpoint',
    { add: 1 },
    { add: 0 },
    'checkpoint',
    { add: 1 },
  ];

  test.each(['lost', 'torn', 'kept'] as const)(
    'a crash at every change, unsynced state %s',
    (fate) => {
      let crashes = 0;
      for (; ; crashes += 1) {
        const seen: string[] = [];
        const acked: string[] = [];
        const run = (files: MemoryFiles): Op<void> => program(files, STEPS, seen, acked);
        const disk = crashedDisk(new MemoryFiles(), crashes + 1, run, fate);
        if (disk === undefined) break;
        assertNothingLost(disk, seen, acked);
      }
      expect(crashes).toBeGreaterThan(50);
    },
  );

  test('crashes at random places, one after the other', () => {
    const life = fc.record({
      steps: fc.array(step, { minLength: 1, maxLength: 6 }),
      crashAt: fc.integer({ min: 1, max: 40 }),
      fate: fc.constantFrom('lost' as const, 'torn' as const, 'kept' as const),
    });
    fc.assert(
      fc.property(fc.array(life, { minLength: 1, maxLength: 5 }), (lives) => {
        let disk = new MemoryFiles();
        let acked: string[] = [];
        for (const { steps, crashAt, fate } of lives) {
          const seen = [...acked];
          const run = (files: MemoryFiles): Op<void> => program(files, steps, seen, acked);
          const after = crashedDisk(disk, crashAt, run, fate);
          if (after === undefined) return;
          const { values } = runNow(open(after));
          expect(values.slice(0, acked.length)).toEqual(acked);
          expect(values).toEqual(seen.slice(0, values.length));
          // What is there after a start is as good as acknowledged.
          acked = values;
          disk = after;
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('a crash at a fault point leaves the appender without an answer', () => {
  const files = new MemoryFiles();
  const plan: FaultPoints & { enable: ReturnType<typeof createFaultPlan>['enable'] } =
    createFaultPlan({ random, onCrash: () => files.halt() });
  plan.enable('fe.edit-log.applied', { do: 'crash' }, { match: { op: 'OP_ADD' } });
  const { log } = runNow(open(files, { faults: plan }));
  let answered = false;
  start(log.append(add('a')), () => {
    answered = true;
  });
  expect(answered).toBe(false);
  expect(runNow(open(files.crash({ fate: 'lost', random }))).values).toEqual(['a']);
});

test('many appends at once reach a real disk and come back', async () => {
  const root = mkdtempSync(join(tmpdir(), 'edit-log-'));
  try {
    const options = (values: string[]): EditLogOptions<Add> => ({
      files: createLocalFiles(),
      directory: join(root, 'log'),
      codec,
      imageSeq: 0,
      apply: (record) => values.push(record.value),
      faults: noFaults,
      clock: realClock,
      logger: silentLogger,
      onFatal: (error) => {
        throw error;
      },
    });
    const values: string[] = [];
    const log = await toPromise(openEditLog(options(values)));
    await Promise.all(Array.from({ length: 200 }, (_, i) => toPromise(log.append(add(`v${i}`)))));
    await toPromise(log.close());
    const again: string[] = [];
    await toPromise(openEditLog(options(again)));
    expect(again).toEqual(values);
    expect(again).toHaveLength(200);
  } finally {
    rmSync(root, { recursive: true });
  }
});
