/**
 * A crash before every operation of a backup, in every fate of what was not synced; in the other
 * profiles before one of each kind, place and transition.
 */
import { expect, test } from 'vitest';
import { FURTHER_OBJECTS, OBJECTS } from '../model/crash/mixed-database.ts';
import { catalogScenarios, scenariosOf } from '../model/crash/scenarios.ts';
import { searchCrashes } from '../model/crash/search.ts';
import { tableOf } from '../model/crash/table.ts';

const backupIn = (profile: '3.3' | '3.5' | '4.2') =>
  scenariosOf(profile, [...OBJECTS, ...FURTHER_OBJECTS]).backup;

test.each([
  { scenario: backupIn('3.5'), which: 'all' as const },
  { scenario: backupIn('3.3'), which: 'stratified' as const },
  { scenario: backupIn('4.2'), which: 'stratified' as const },
  ...catalogScenarios('3.5').map((scenario) => ({ scenario, which: 'all' as const })),
  ...catalogScenarios('4.2').map((scenario) => ({ scenario, which: 'all' as const })),
])(
  'in profile $scenario.profile a $scenario.name survives crashes: $which, one more while starting',
  ({ scenario, which }) => {
    const report = searchCrashes(scenario, { which, seed: 2n, backends: 2 });
    process.stdout.write(tableOf(scenario.name, report));
    expect(report.complaints).toEqual([]);
    expect(report.missed).toEqual([]);
  },
);
