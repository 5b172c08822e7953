/** Draws of chance that the parts of a generator share. */
import { below, type Random } from '../base/random.ts';

export class Dice {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  below(limit: number): number {
    return below(this.#random, limit);
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  of<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new Error('bug: nothing to choose from');
    return value;
  }
}
