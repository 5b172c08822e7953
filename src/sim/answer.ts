/** Holds the answer of a cluster against what must come of a statement. */
import type { Site } from './site.ts';
import type { Expected, StatementOutcome } from './statement.ts';
import type { World } from './world.ts';

/** Nothing is broken that could make a statement fail. */
export function isCalm(site: Site): boolean {
  const { machine } = site;
  return (
    machine.areBackendsUp &&
    machine.cluster.isHealthy() &&
    machine.faults.list().every((point) => !point.isEnabled)
  );
}

/** Takes the outcome in: recovers a machine that died, complains of one that is not as it must be. */
export function settleStatement(
  world: World,
  site: Site,
  sql: string,
  expected: Expected,
  outcome: StatementOutcome,
): void {
  const what = outcome.kind === 'ok' ? 'ok' : `${outcome.kind}: ${outcome.error.message}`;
  world.note(`site ${site.index}: ${sql} -> ${what}`);
  world.recoverAll();
  if (outcome.kind === 'ok' && expected === 'refused') {
    world.violation(`site ${site.index}: ${sql} should have been refused`);
  }
  if (outcome.kind === 'refused' && expected === 'ok') {
    world.violation(`site ${site.index}: ${sql} should have worked: ${outcome.error.message}`);
  }
}
