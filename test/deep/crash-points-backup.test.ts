/** A crash before every operation of a backup, in every fate of what was not synced. */
import { expect, test } from 'vitest';
import { FURTHER_OBJECTS, OBJECTS } from '../model/crash/mixed-database.ts';
import { scenariosOf } from '../model/crash/scenarios.ts';
import { searchCrashes } from '../model/crash/search.ts';
import { tableOf } from '../model/crash/table.ts';

const { backup } = scenariosOf([...OBJECTS, ...FURTHER_OBJECTS]);

test('a backup survives a crash before each operation, and one more while starting again', () => {
  const report = searchCrashes(backup, { which: 'all', seed: 2n, backends: 2 });
  process.stdout.write(tableOf(backup.name, report));
  expect(report.complaints).toEqual([]);
  expect(report.missed).toEqual([]);
});
