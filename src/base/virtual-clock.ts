/**
 * A clock that moves only when told to: one heap of events, ordered by time and then by the order
 * in which they were asked for. Handlers run synchronously, so one seed gives one history.
 */
import type { Cancel, Clock, Millis } from './clock.ts';
import { type Op, type Outcome, start } from './op.ts';

interface Event {
  at: Millis;
  readonly order: number;
  run: (() => void) | undefined;
}

/** 2025-01-01T00:00:00Z: a date on which nothing in a calendar is odd. */
export const VIRTUAL_START_MS: Millis = 1_735_689_600_000;

/** More events than any run of ours needs; past it a run is taken to be a livelock. */
export const EVENTS_PER_RUN_MAX = 500_000_000;

/** Fewer cancelled events than this are not worth sweeping out of the heap. */
const CANCELLED_MIN = 1024;

export class VirtualClock implements Clock {
  #now: Millis;
  #order = 0;
  #passed = 0;
  #cancelled = 0;
  readonly #heap: Event[] = [];

  constructor(startMs: Millis = VIRTUAL_START_MS) {
    this.#now = startMs;
  }

  now(): Millis {
    return this.#now;
  }

  get eventsPassed(): number {
    return this.#passed;
  }

  after(delayMs: Millis, run: () => void): Cancel {
    if (!(delayMs >= 0)) throw new RangeError(`bug: a delay of ${delayMs} ms`);
    const event: Event = { at: this.#now + delayMs, order: this.#order++, run };
    this.#push(event);
    return () => {
      if (event.run === undefined) return;
      event.run = undefined;
      this.#cancelled += 1;
      if (this.#cancelled > CANCELLED_MIN && this.#cancelled > this.#heap.length / 2) this.#sweep();
    };
  }

  /** Runs the next event; false when there is none. */
  step(): boolean {
    for (;;) {
      const event = this.#pop();
      if (event === undefined) return false;
      if (event.run === undefined) {
        this.#cancelled -= 1;
        continue;
      }
      this.#now = Math.max(this.#now, event.at);
      this.#passed += 1;
      const run = event.run;
      event.run = undefined;
      run();
      return true;
    }
  }

  /** Lets time pass until `condition` holds; false if `limitMs` of virtual time went by first. */
  runUntil(condition: () => boolean, limitMs: Millis = Number.POSITIVE_INFINITY): boolean {
    const end = this.#now + limitMs;
    for (let events = 0; events < EVENTS_PER_RUN_MAX; events += 1) {
      if (condition()) return true;
      const next = this.#peek();
      if (next === undefined || next.at > end) return condition();
      this.step();
    }
    throw new Error(`bug: no end after ${EVENTS_PER_RUN_MAX} events`);
  }

  /** Lets exactly `spanMs` pass. */
  advance(spanMs: Millis): void {
    const end = this.#now + spanMs;
    for (let next = this.#peek(); next !== undefined && next.at <= end; next = this.#peek()) {
      this.step();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Sets the clock by `spanMs` at once, as an operator or NTP does; timers keep their delay. */
  jump(spanMs: Millis): void {
    this.#now += spanMs;
    // All move alike, so the heap stays a heap.
    for (const event of this.#heap) event.at += spanMs;
  }

  /** Drives an operation to its end, letting virtual time pass as it needs. */
  run<T>(op: Op<T>): T {
    let outcome: Outcome<T> | undefined;
    start(op, (ended) => {
      outcome = ended;
    });
    this.runUntil(() => outcome !== undefined);
    if (outcome === undefined) throw new Error('bug: nothing left to happen, yet not done');
    if (!outcome.ok) throw outcome.error;
    return outcome.value;
  }

  #peek(): Event | undefined {
    while (this.#heap[0] !== undefined && this.#heap[0].run === undefined) {
      this.#pop();
      this.#cancelled -= 1;
    }
    return this.#heap[0];
  }

  /** Drops cancelled events, which may be far in the future: long timeouts rarely fire. */
  #sweep(): void {
    const live = this.#heap.filter((event) => event.run !== undefined);
    this.#heap.length = 0;
    this.#cancelled = 0;
    for (const event of live) this.#push(event);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.length;
    heap.push(event);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (above === undefined || !before(event, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let least = left;
      let child = heap[left];
      const other = heap[right];
      if (child === undefined) break;
      if (other !== undefined && before(other, child)) {
        least = right;
        child = other;
      }
      if (!before(child, last)) break;
      heap[index] = child;
      index = least;
    }
    heap[index] = last;
    return top;
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
