/** Draws what strikes a job: faults armed for a state, dead backends, a clock that jumps. */
import type { Fault } from '../base/fault.ts';
import type { Action, Ambush, FaultOrder } from './actions.ts';
import type { Dice } from './draw.ts';
import type { Pair, Place } from './transitions.ts';

export class FaultDraw {
  readonly #dice: Dice;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** Lets the kind of failure strike the transition, if the job comes that far. */
  aim(site: number, pair: Pair): Action {
    const { transition, kind } = pair;
    const { job, armedAt } = transition;
    const at = { kind: job, state: armedAt };
    if (kind === 'clock-jump') {
      const jumpMs = this.#dice.of([1_000, 30_000, 120_000, 120_000, 120_000, 240_000, 700_000]);
      return { do: 'ambush', site, ambush: { ...at, orders: [], jumpMs } };
    }
    if (kind === 'backend-crash') return { do: 'ambush', site, ambush: this.#killing(pair) };
    const places = transition.places.filter(({ kinds }) => kinds.includes(kind));
    // One place, or the first of all that the job comes by.
    const chosen = this.#dice.chance(50) ? [this.#dice.of(places)] : places;
    const orders = chosen.map((place) => this.#order(place, kind));
    if (armedAt === 'NEW') return { do: 'faults', site, orders };
    return { do: 'ambush', site, ambush: { ...at, orders } };
  }

  /** Tasks are held up, so that the backend dies with work in its hands. */
  #killing({ transition }: Pair): Ambush {
    const { job, armedAt, places } = transition;
    const tasks = places.filter(({ point }) => point.startsWith('be.task.'));
    const held = tasks.slice(0, 1).map(
      ({ point, match }): FaultOrder => ({
        point,
        match,
        fault: { do: 'delay', ms: this.#dice.of([2_000, 5_000]) },
        times: 4,
      }),
    );
    return {
      kind: job,
      state: armedAt,
      orders: held,
      kill: {
        backend: this.#dice.below(3),
        afterMs: this.#dice.of([0, 500, 1_000]),
        downMs: this.#dice.of([500, 4_000, 15_000]),
      },
    };
  }

  #order({ point, match }: Place, kind: Fault['do']): FaultOrder {
    const times = kind === 'fail' || kind === 'delay' ? this.#dice.of([1, 1, 2, 4]) : 1;
    return { point, match, fault: this.#fault(kind), times };
  }

  #fault(kind: Fault['do']): Fault {
    switch (kind) {
      case 'fail':
        return { do: 'fail', text: 'struck by the run' };
      case 'delay':
        return { do: 'delay', ms: this.#dice.of([10, 1_000, 4_000, 13_000]) };
      case 'corrupt':
        return { do: 'corrupt', bitFlips: 1 + this.#dice.below(8) };
      case 'cut':
        return { do: 'cut', afterBytes: this.#dice.below(64) };
      case 'crash':
        return { do: 'crash' };
      case 'crash-backend':
        return { do: 'crash-backend', restartMs: this.#dice.of([500, 4_000, 15_000]) };
      case 'clock-jump':
        return { do: 'clock-jump', ms: this.#dice.of([-60_000, 60_000]) };
    }
  }
}
