/** Choices drawn from a seed: one number replays one case. */
import { below, SeededRandom } from '../../src/base/random.ts';

export class Dice {
  readonly #random: SeededRandom;

  constructor(seed: number) {
    this.#random = new SeededRandom(BigInt(seed));
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return below(this.#random, limit);
  }

  /** Once in `count` throws. */
  once(count: number): boolean {
    return this.below(count) === 0;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  byte(): number {
    return this.below(256);
  }
}
