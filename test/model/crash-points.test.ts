/**
 * Crashes placed in the recorded trace of a backup and of a restore of a mixed database, and of
 * external catalogs: before one operation of each kind and place, and of each transition, with what
 * was not synced lost, torn and kept in turn; of catalogs one of each transition.
 * `npm run test:deep` places them before every operation, on two backends and with
 * more kinds of objects.
 */
import { expect, test } from 'vitest';
import { OBJECTS } from './crash/mixed-database.ts';
import { catalogScenarios, scenariosOf } from './crash/scenarios.ts';
import { type SearchOptions, searchCrashes } from './crash/search.ts';
import { tableOf } from './crash/table.ts';
import type { Scenario } from './crash/trace.ts';

function survives(scenario: Scenario, which: SearchOptions['which']): void {
  const report = searchCrashes(scenario, { which, seed: 1n, backends: 1 });
  process.stdout.write(tableOf(scenario.name, report));
  expect(report.complaints).toEqual([]);
  expect(report.missed).toEqual([]);
}

test.each(Object.values(scenariosOf('3.5', OBJECTS)))(
  'a $name survives a crash at each kind of operation, and one more while starting again',
  (scenario) => survives(scenario, 'sampled'),
);

test.each([...catalogScenarios('3.5'), ...catalogScenarios('4.2')])(
  'in profile $profile a $name survives a crash in each transition',
  (scenario) => {
    survives(scenario, 'sparse');
  },
);
