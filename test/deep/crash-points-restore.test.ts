/**
 * A crash before every operation of a restore, in every fate of what was not synced; in the other
 * profiles before one of each kind, place and transition.
 */
import { expect, test } from 'vitest';
import { FURTHER_OBJECTS, OBJECTS } from '../model/crash/mixed-database.ts';
import { scenariosOf } from '../model/crash/scenarios.ts';
import { searchCrashes } from '../model/crash/search.ts';
import { tableOf } from '../model/crash/table.ts';

const CASES = (['3.5', '3.3', '4.2'] as const).flatMap((profile) => {
  const { restore, cancelledRestore } = scenariosOf(profile, [...OBJECTS, ...FURTHER_OBJECTS]);
  const which = profile === '3.5' ? ('all' as const) : ('stratified' as const);
  return [restore, cancelledRestore].map((scenario) => ({ scenario, which }));
});

test.each(CASES)(
  'in profile $scenario.profile a $scenario.name survives crashes: $which, one more while starting',
  ({ scenario, which }) => {
    const report = searchCrashes(scenario, { which, seed: 2n, backends: 2 });
    process.stdout.write(tableOf(scenario.name, report));
    expect(report.complaints).toEqual([]);
    expect(report.missed).toEqual([]);
  },
);
