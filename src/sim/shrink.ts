/**
 * Makes a failing scenario short: leaves out actions as long as it still fails, then makes those
 * that are left simpler.
 */
import type { Action } from './actions.ts';
import type { Scenario } from './generate.ts';

export interface ShrinkOptions {
  /** True when the scenario still fails. */
  readonly fails: (scenario: Scenario) => boolean;
  /** Plays at most so many scenarios. */
  readonly playsMax: number;
}

export const PLAYS_MAX = 400;

export function shrink(scenario: Scenario, { fails, playsMax }: ShrinkOptions): Scenario {
  let plays = 0;
  const stillFails = (actions: readonly Action[]): boolean => {
    plays += 1;
    return plays <= playsMax && fails({ ...scenario, actions });
  };
  let actions = scenario.actions;
  for (let before = -1; before !== actions.length && plays < playsMax; ) {
    before = actions.length;
    actions = withoutChunks(actions, stillFails);
  }
  actions = simplified(actions, stillFails);
  return { ...scenario, actions };
}

/** Drops runs of actions, long ones first. */
function withoutChunks(
  given: readonly Action[],
  stillFails: (actions: readonly Action[]) => boolean,
): readonly Action[] {
  let actions = given;
  for (let size = Math.ceil(actions.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = actions.length - size; at >= 0; at -= size) {
      const shorter = [...actions.slice(0, at), ...actions.slice(at + size)];
      if (stillFails(shorter)) actions = shorter;
    }
  }
  return actions;
}

function simplified(
  given: readonly Action[],
  stillFails: (actions: readonly Action[]) => boolean,
): readonly Action[] {
  let actions = given;
  for (const at of given.keys()) {
    const action = actions[at];
    for (const simpler of action === undefined ? [] : simplerForms(action)) {
      const tried = actions.with(at, simpler);
      if (stillFails(tried)) actions = tried;
    }
  }
  return actions;
}

/** From the simplest on; each is tried upon the action as it was given. */
function simplerForms(action: Action): readonly Action[] {
  switch (action.do) {
    case 'insert':
      return action.rows.length > 1 ? [{ ...action, rows: action.rows.slice(0, 1) }] : [];
    case 'create-table': {
      const plain = { isList: false, hasRollup: false, isRandom: false };
      const shape = { ...action.shape, ...plain, buckets: 1, replicas: 1 };
      return [
        { ...action, shape },
        { ...action, parts: 1, shape: { ...shape, isPartitioned: false } },
      ];
    }
    case 'backup':
      return [{ ...action, tables: [], part: null }];
    case 'restore':
      return [{ ...action, tables: [], part: null, alias: null }];
    case 'ambush': {
      const { ambush } = action;
      return ambush.orders.map((order) => ({
        ...action,
        ambush: { ...ambush, orders: [{ ...order, times: 1 }] },
      }));
    }
    case 'faults':
      return action.orders.map((order) => ({ ...action, orders: [{ ...order, times: 1 }] }));
    default:
      return [];
  }
}
