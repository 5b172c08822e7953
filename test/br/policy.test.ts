/** Which backups a retention policy keeps, by facts alone (br-cli.md 7.6). */
import { expect, test } from 'vitest';
import { parseDateTime } from '../../src/base/time-zone.ts';
import { DAY_MS } from '../../src/base/units.ts';
import type { RetentionConfig } from '../../src/br/config/config.ts';
import type { Backup } from '../../src/br/history/lineage.ts';
import { choosePrune } from '../../src/br/retention/select.ts';

const RETENTION: RetentionConfig = {
  incrementalMs: 14 * DAY_MS,
  weeklyFullMs: 90 * DAY_MS,
  monthlyFullMs: 365 * DAY_MS,
  keepDaily: undefined,
  keepWeekly: undefined,
  keepMonthly: undefined,
  keepWithinMs: undefined,
};

const BEGIN_MS = parseDateTime('2025-01-01 00:00:00', 'UTC') ?? 0;

const timeOf = (day: number): string =>
  new Date(BEGIN_MS + day * DAY_MS).toISOString().slice(0, 19).replace('T', ' ');

/** A full backup each seventh day, an incremental on every other. */
function daily(days: number): readonly Backup[] {
  return Array.from({ length: days }, (_, day) => {
    const full = `day ${day - (day % 7)}`;
    const label = `day ${day}`;
    return {
      label,
      type: day % 7 === 0 ? 'full' : 'incremental',
      group: 'g',
      database: 'd',
      startedAt: timeOf(day),
      finishedAt: timeOf(day),
      isPinned: false,
      chain: label === full ? [full] : [full, label],
    };
  });
}

function kept(days: number, change: Partial<RetentionConfig> = {}): readonly string[] {
  const backups = daily(days);
  const rule = {
    kind: 'policy',
    retention: { ...RETENTION, ...change },
    now: timeOf(days),
  } as const;
  const gone = new Set(choosePrune(backups, rule, { cascade: false }).remove);
  return backups.filter((backup) => !gone.has(backup)).map(({ label }) => label);
}

const day = (number: number): string => `day ${number}`;

test('E2E-29: 40 daily backups: two weeks whole, of before the full ones', () => {
  const whole = Array.from({ length: 14 }, (_, index) => day(26 + index));
  expect(kept(40)).toEqual([day(0), day(7), day(14), day(21), ...whole]);
});

test('after 400 days: first fulls of months for a year, of weeks for three months', () => {
  const labels = kept(400).map((label) => Number(label.slice(4)));
  const olderThan90 = labels.filter((number) => 400 - number > 90);
  expect(olderThan90).toEqual([35, 63, 91, 126, 154, 182, 217, 245, 273, 308]);
  const between = labels.filter((number) => 400 - number <= 90 && 400 - number > 14);
  expect(between).toEqual([315, 322, 329, 336, 343, 350, 357, 364, 371, 378, 385]);
});

test('keep_daily, keep_weekly and keep_within keep more, with what it stands on', () => {
  expect(kept(40, { incrementalMs: 0, keepDaily: 2 })).toEqual(
    [0, 7, 14, 21, 28, 35, 38, 39].map(day),
  );
  expect(kept(40, { incrementalMs: 0, weeklyFullMs: 0, monthlyFullMs: 0, keepWeekly: 1 })).toEqual(
    [35, 39].map(day),
  );
  const within = { incrementalMs: 0, weeklyFullMs: 0, monthlyFullMs: 0, keepWithinMs: 3 * DAY_MS };
  expect(kept(40, within)).toEqual([35, 37, 38, 39].map(day));
});
