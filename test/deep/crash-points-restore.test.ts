/** A crash before every operation of a restore, in every fate of what was not synced. */
import { expect, test } from 'vitest';
import { FURTHER_OBJECTS, OBJECTS } from '../model/crash/mixed-database.ts';
import { scenariosOf } from '../model/crash/scenarios.ts';
import { searchCrashes } from '../model/crash/search.ts';
import { tableOf } from '../model/crash/table.ts';

const { restore, cancelledRestore } = scenariosOf([...OBJECTS, ...FURTHER_OBJECTS]);

test.each([restore, cancelledRestore])(
  'a $name survives a crash before each operation, and one more while starting again',
  (scenario) => {
    const report = searchCrashes(scenario, { which: 'all', seed: 2n, backends: 2 });
    process.stdout.write(tableOf(scenario.name, report));
    expect(report.complaints).toEqual([]);
    expect(report.missed).toEqual([]);
  },
);
