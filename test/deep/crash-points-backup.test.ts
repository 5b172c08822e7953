/** A crash before every operation of a backup, in every fate of what was not synced. */
import { expect, test } from 'vitest';
import { BACKUP } from '../model/crash/scenarios.ts';
import { searchCrashes } from '../model/crash/search.ts';
import { missedBy, tableOf } from '../model/crash/table.ts';

test('a backup survives a crash before each operation, and one more while starting again', () => {
  const report = searchCrashes(BACKUP, { which: 'all', seed: 2n, backends: 2 });
  process.stdout.write(tableOf(BACKUP.name, report));
  expect(report.complaints).toEqual([]);
  expect(missedBy(report)).toEqual([]);
});
