/** Faults of a disk: which bytes are damaged, and what is left alone. */
import { expect, test } from 'vitest';
import { createFaultPlan, type FaultPlan } from '../../../src/base/fault-plan.ts';
import type { FaultPoint } from '../../../src/base/fault-points.ts';
import type { Files } from '../../../src/base/files.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { attempt, type Op, runNow } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { type FileOperation, withFaults } from '../../../src/base/with-faults.ts';

const POINTS: Record<FileOperation, FaultPoint> = {
  read: 'be.file.read',
  write: 'be.file.write',
  link: 'be.file.link',
  rename: 'be.file.rename',
  delete: 'be.file.delete',
  list: 'be.file.list',
  sync: 'be.file.sync',
};

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

function disk(): { files: Files; inner: MemoryFiles; plan: FaultPlan; clock: VirtualClock } {
  const clock = new VirtualClock();
  const inner = new MemoryFiles();
  const plan = createFaultPlan({ random: new SeededRandom(1n), onCrash: () => inner.halt() });
  const files = withFaults(inner, {
    faults: plan,
    clock,
    pointOf: (operation, path) => (path.startsWith('/own/') ? undefined : POINTS[operation]),
    points: Object.values(POINTS),
    subjectOf: (path) => ({ backend: 10_001, path }),
  });
  runNow(inner.makeDirectory('/own'));
  write(inner, '/a', 'some text');
  return { files, inner, plan, clock };
}

function write(files: Files, path: string, ...chunks: readonly string[]): void {
  const writer = runNow(files.create(path));
  for (const chunk of chunks) runNow(writer.write(text(chunk)));
  runNow(writer.sync());
  runNow(writer.close());
}

const read = (files: Files, path: string): string =>
  new TextDecoder().decode(runNow(files.read(path)));

const operations: readonly (readonly [FileOperation, (files: Files) => Op<unknown>])[] = [
  ['read', (files) => files.read('/a')],
  ['read', (files) => files.openRead('/a')],
  ['read', (files) => files.md5('/a')],
  ['link', (files) => files.clone('/a', '/b')],
  ['rename', (files) => files.rename('/a', '/b')],
  ['delete', (files) => files.remove('/a')],
  ['list', (files) => files.list('/')],
  ['sync', (files) => files.syncDirectory('/')],
  ['write', (files) => files.createFilled('/b', 5, 1)],
  ['write', (files) => files.createHollow('/b', 5, '0'.repeat(32))],
];

test.each(operations)('%s fails before anything else, once, and waits when told', (what, run) => {
  const { files, inner, plan, clock } = disk();
  const point = POINTS[what];
  plan.enable(point, { do: 'fail', text: 'broken' }, { times: 1 });
  expect(runNow(attempt(run(files)))).toMatchObject({ ok: false, error: { message: 'broken' } });
  expect(runNow(inner.list('/')).map(({ name }) => name)).toEqual(['a', 'own']);
  plan.enable(point, { do: 'delay', ms: 70 });
  const before = clock.now();
  clock.run(run(files));
  expect(clock.now() - before).toBe(70);
  expect(plan.visits(point)).toBe(2);
});

test('nothing planned is a visit and nothing more', () => {
  const { files, plan } = disk();
  write(files, '/b', 'x');
  expect([read(files, '/a'), read(files, '/b')]).toEqual(['some text', 'x']);
  expect(plan.visits('be.file.read')).toBe(2);
  expect(plan.visits('be.file.write')).toBe(1);
  expect(plan.visits('be.file.sync')).toBe(1);
});

test('a path with points of its own passes none', () => {
  const { files, plan } = disk();
  for (const point of Object.values(POINTS)) plan.enable(point, { do: 'fail', text: 'broken' });
  write(files, '/own/b', 'x');
  expect(read(files, '/own/b')).toBe('x');
});

test('what is written may be damaged or cut, and nobody is told', () => {
  const { files, inner, plan } = disk();
  plan.enable('be.file.write', { do: 'cut', afterBytes: 3 }, { times: 1 });
  write(files, '/cut', 'abcdef', 'ghi');
  expect(read(inner, '/cut')).toBe('abc');
  plan.enable('be.file.write', { do: 'corrupt', bitFlips: 1 }, { times: 1 });
  write(files, '/damaged', 'abcdef', 'ghi');
  const damaged = read(inner, '/damaged');
  expect(damaged).toHaveLength(9);
  expect(damaged).not.toBe('abcdefghi');
  expect(damaged.endsWith('ghi')).toBe(true);
});

test('what is read may be damaged while the file is whole', () => {
  const { files, inner, plan } = disk();
  plan.enable('be.file.read', { do: 'corrupt', bitFlips: 1 });
  expect(read(files, '/a')).not.toBe('some text');
  expect(runNow(files.md5('/a'))).not.toBe(runNow(inner.md5('/a')));
  const reader = runNow(files.openRead('/a'));
  expect(runNow(reader.read())).not.toEqual(text('some text'));
  expect(runNow(reader.read())).toBeUndefined();
  runNow(reader.close());
  expect(read(inner, '/a')).toBe('some text');
});

test('synthetic content that is damaged has another digest', () => {
  const { files, inner, plan } = disk();
  plan.enable('be.file.write', { do: 'corrupt', bitFlips: 1 });
  runNow(files.createHollow('/hollow', 5, '0'.repeat(32)));
  expect(runNow(inner.md5('/hollow'))).not.toBe('0'.repeat(32));
  runNow(files.createFilled('/filled', 5, 1));
  runNow(inner.createFilled('/whole', 5, 1));
  expect(runNow(inner.md5('/filled'))).not.toBe(runNow(inner.md5('/whole')));
});
