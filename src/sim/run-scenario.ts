/** Plays a scenario from its first action to the checks after its last. */
import { asSimError } from '../base/errors.ts';
import { type JobMachines, STARROCKS_MACHINES } from '../jobs/machines.ts';
import type { Coverage } from './coverage.ts';
import { checkFinally } from './final-check.ts';
import type { Scenario } from './generate.ts';
import { checkTables, perform } from './perform.ts';
import { World } from './world.ts';

export interface RunResult {
  /** Empty: everything held. */
  readonly violations: readonly string[];
  readonly coverage: Coverage;
  readonly trace: readonly string[];
  /** Actions that were begun. */
  readonly played: number;
}

/** Reading all tables is most of the work of a run: not after each statement. */
const CHECKED_AFTER: ReadonlySet<string> = new Set(['await-jobs', 'crash']);

/**
 * The run ends with the first action after which something does not hold. With changed machines it
 * tells whether the checks see the change.
 */
export function runScenario(
  { seed, profile, sites, actions }: Scenario,
  machines: JobMachines = STARROCKS_MACHINES,
  comparesAll = false,
): RunResult {
  const world = new World({ seed, sites, profile, machines, comparesAll });
  let played = 0;
  try {
    for (const action of actions) {
      played += 1;
      world.note(`-- ${JSON.stringify(action)}`);
      perform(world, action);
      world.recoverAll();
      if (CHECKED_AFTER.has(action.do) || world.isUnchecked) checkTables(world);
      if (world.violations.length > 0) break;
    }
    if (world.violations.length === 0) checkFinally(world);
  } catch (error) {
    const { message, stack } = asSimError(error);
    world.violation(`${message}\n${stack}`);
  }
  const { violations, coverage, trace } = world;
  return { violations, coverage, trace, played };
}
