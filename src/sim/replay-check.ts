/**
 * The rule of the edit log: what a start would read from the disk now is what the frontend has in
 * memory, less what is volatile by design (design.md 5).
 */
import type { Machine } from './machine.ts';
import { replayedFrontend } from './replayed-frontend.ts';
import { stateDifference } from './state-difference.ts';

/** The first place where replayed and live state differ; undefined: nowhere. */
export function replayDifference(machine: Machine): string | undefined {
  return stateDifference(replayedFrontend(machine), machine.cluster.frontend);
}
