/**
 * Crashes placed in the recorded trace of a backup and of a restore of a mixed database: before
 * one operation of each kind, place and transition, with what was not synced lost, torn and kept.
 * `npm run test:deep` places them before every operation, on two backends and with
 * more kinds of objects.
 */
import { describe, expect, test } from 'vitest';
import { OBJECTS } from './crash/mixed-database.ts';
import { scenariosOf } from './crash/scenarios.ts';
import { searchCrashes } from './crash/search.ts';
import { tableOf } from './crash/table.ts';

describe.each(Object.values(scenariosOf(OBJECTS)))('a $name', (scenario) => {
  test('survives a crash at each kind of operation, and one more while starting again', () => {
    const report = searchCrashes(scenario, { which: 'stratified', seed: 1n, backends: 1 });
    process.stdout.write(tableOf(scenario.name, report));
    expect(report.complaints).toEqual([]);
    expect(report.missed).toEqual([]);
  }, 120_000);
});
