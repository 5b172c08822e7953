import { describe, expect, test } from 'vitest';
import { passPoint } from '../../../src/base/fault.ts';
import { createFaultPlan, type FaultPlan } from '../../../src/base/fault-plan.ts';
import { FAULT_POINT_NAMES } from '../../../src/base/fault-points.ts';
import { parseFaultPoint, parseFaultText } from '../../../src/base/fault-text.ts';
import { nearestNames } from '../../../src/base/nearest-names.ts';
import { runNow, start } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';

const FAIL = { do: 'fail', text: 'broken' } as const;

function plan(crashes: string[] = []): FaultPlan {
  return createFaultPlan({
    random: new SeededRandom(1n),
    onCrash: (point) => crashes.push(point),
  });
}

describe('a fault plan', () => {
  test('does nothing until told, and counts visits', () => {
    const faults = plan();
    expect(faults.at('blob.put', { key: '/a' })).toBeUndefined();
    expect(faults.at('blob.put', { key: '/a' })).toBeUndefined();
    expect(faults.visits('blob.put')).toBe(2);
    expect(faults.list().map((row) => row.name)).toEqual(FAULT_POINT_NAMES);
    expect(faults.list().every((row) => !row.isEnabled && row.state === 'DISABLE')).toBe(true);
  });

  test('strikes so many times, then no more', () => {
    const faults = plan();
    faults.enable('blob.put', FAIL, { times: 2 });
    const struck = Array.from({ length: 4 }, () => faults.at('blob.put', { key: '/a' }) === FAIL);
    expect(struck).toEqual([true, true, false, false]);
    const row = faults.list().find((each) => each.name === 'blob.put');
    expect(row).toMatchObject({ visits: 4, hits: 2, isEnabled: false });
  });

  test('strikes with a probability, the same for the same seed', () => {
    const strikes = (): number => {
      const faults = plan();
      faults.enable('blob.put', FAIL, { probability: 0.25 });
      for (let visit = 0; visit < 1000; visit += 1) faults.at('blob.put', { key: '/a' });
      return faults.list().find((each) => each.name === 'blob.put')?.hits ?? 0;
    };
    expect(strikes()).toBe(strikes());
    expect(Math.abs(strikes() - 250)).toBeLessThan(60);
  });

  test('strikes only where the subject matches', () => {
    const faults = plan();
    faults.enable('be.task.begin', FAIL, { match: { backend: '10001', type: 'UPLOAD' } });
    expect(faults.at('be.task.begin', { backend: 10_001, type: 'MOVE' })).toBeUndefined();
    expect(faults.at('be.task.begin', { backend: 10_002, type: 'UPLOAD' })).toBeUndefined();
    expect(faults.at('be.task.begin', { backend: 10_001, type: 'UPLOAD' })).toBe(FAIL);
  });

  test('replaces a rule for the same match, keeps others, and drops all of a point', () => {
    const faults = plan();
    const state = (): string | undefined =>
      faults.list().find((each) => each.name === 'blob.put')?.state;
    faults.enable('blob.put', FAIL, { match: { key: '/a' } });
    faults.enable('blob.put', { do: 'delay', ms: 5 }, { match: { key: '/a' }, times: 3 });
    faults.enable('blob.put', { do: 'cut', afterBytes: 9 }, { probability: 0.5 });
    expect(state()).toBe('ENABLE_N_TIMES(3) delay=5 key=/a; PROBABILITY_ENABLE(0.5) cut=9');
    faults.disable('blob.put');
    expect(state()).toBe('DISABLE');
    faults.enable('blob.put', FAIL);
    faults.disableAll();
    expect(state()).toBe('DISABLE');
  });

  test('refuses what a point cannot do', () => {
    const faults = plan();
    expect(() => faults.enable('fe.job.enter', FAIL)).toThrow(
      /knows crash, clock-jump, not 'fail'/,
    );
    expect(() => faults.enable('blob.put', FAIL, { match: { state: 'x' } })).toThrow(
      /narrowed by backend=, key=/,
    );
    expect(() => faults.enable('blob.put', FAIL, { times: 0 })).toThrow(/whole number of times/);
    expect(() => faults.enable('blob.put', FAIL, { probability: 2 })).toThrow(/at most 1/);
  });
});

describe('passing a point', () => {
  test('fails, waits, hands back or ends the process', () => {
    const crashes: string[] = [];
    const faults = plan(crashes);
    const clock = new VirtualClock(0);
    const pass = () => passPoint(faults, clock, 'blob.put', { key: '/a' });
    expect(runNow(pass())).toBeUndefined();
    faults.enable('blob.put', FAIL, { times: 1 });
    expect(() => runNow(pass())).toThrow('broken');
    faults.enable('blob.put', { do: 'delay', ms: 70 }, { times: 1 });
    clock.run(pass());
    expect(clock.now()).toBe(70);
    faults.enable('blob.put', { do: 'corrupt', bitFlips: 2 }, { times: 1 });
    expect(runNow(pass())).toEqual({ do: 'corrupt', bitFlips: 2 });
    faults.enable('blob.put', { do: 'crash' });
    start(pass(), () => expect.unreachable());
    expect(crashes).toEqual(['blob.put']);
  });
});

describe('the text of a fault', () => {
  test.each([
    ['fe.job.enter:crash kind=backup state=SNAPSHOTING', 'fe.job.enter', { do: 'crash' }],
    ['blob.put:delay=200', 'blob.put', { do: 'delay', ms: 200 }],
    ['  blob.put:delay ', 'blob.put', { do: 'delay', ms: 1000 }],
    ['blob.get:corrupt=3', 'blob.get', { do: 'corrupt', bitFlips: 3 }],
    ['blob.get:corrupt', 'blob.get', { do: 'corrupt', bitFlips: 1 }],
    ['blob.get:cut', 'blob.get', { do: 'cut', afterBytes: 0 }],
    ['be.task.begin:crash-backend', 'be.task.begin', { do: 'crash-backend' }],
    ['be.task.begin:crash-backend=5', 'be.task.begin', { do: 'crash-backend', restartMs: 5 }],
    ['fe.job.enter:clock-jump=-5', 'fe.job.enter', { do: 'clock-jump', ms: -5 }],
    ['fe.job.enter:clock-jump', 'fe.job.enter', { do: 'clock-jump', ms: 3_600_000 }],
    ['blob.put', 'blob.put', { do: 'fail', text: 'fault injected at blob.put' }],
  ])('is understood: %s', (text, point, fault) => {
    expect(parseFaultText(text)).toMatchObject({ point, fault });
    expect(parseFaultPoint(text)).toBe(point);
  });

  test('narrows to subjects, whose values may hold anything but blanks', () => {
    expect(parseFaultText('blob.put:fail key=/a=b:c').match).toEqual({ key: '/a=b:c' });
    expect(parseFaultText('fe.job.enter:crash kind=backup state=UPLOADING').match).toEqual({
      kind: 'backup',
      state: 'UPLOADING',
    });
  });

  test.each([
    ['blob.putt', /unknown fault point 'blob.putt'; the nearest are blob.put, blob.get,/],
    ['', /unknown fault point ''/],
    ['blob.put:dealy', /'blob.put' knows fail, .*; the nearest to 'dealy' is delay/],
    ['blob.put:clock-jump', /'blob.put' knows fail, delay, .*, not 'clock-jump'/],
    ['blob.put:crash-backend=-1', /cannot read the fault/],
    ['blob.put:delay=soon', /cannot read the fault/],
    ['blob.put:delay=1=2', /cannot read the fault/],
    ['blob.put:fail=1', /cannot read the fault/],
    ['blob.put:', /'blob.put' knows fail/],
    ['fe.job.enter', /'fe.job.enter' knows crash, clock-jump, not 'fail'/],
    ['blob.put:fail bakend=1', /backend=, key=, not by 'bakend'; the nearest is backend/],
    ['blob.put:fail key', /'key' lacks a value/],
  ])('is refused by name: %s', (text, complaint) => {
    expect(() => parseFaultText(text)).toThrow(complaint);
  });
});

test('the nearest names come first', () => {
  expect(nearestNames('kitten', ['dog', 'sitting', 'mitten'], 2)).toEqual(['mitten', 'sitting']);
});
