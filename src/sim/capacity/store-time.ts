/**
 * How long requests take in a modelled store. What many share (the store, a backend's network, its
 * cores) is a lane: work is done in the order in which it came, so a lane that is asked for more
 * than it can do has everyone wait. docs/simulate.md has the formulas and why it is not sharing.
 */
import type { Clock, Millis } from '../../base/clock.ts';
import { SimError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import { SECOND_MS } from '../../base/units.ts';
import type { Settlement } from '../../blob/blob-storage.ts';
import { drawerOf, isStruck } from './draw.ts';
import { REQUEST_KINDS, type RequestKind, type StoreModel } from './store-model.ts';

/** One after the other. */
export class Lane {
  /** Work done and taken on, in ms. */
  busyMs = 0;
  #freeAtMs = 0;

  /** When work can begin that is asked for now; it takes the lane until it is done. */
  take(nowMs: Millis, workMs: number): Millis {
    const beginMs = Math.max(nowMs, this.#freeAtMs);
    this.busyMs += workMs;
    this.#freeAtMs = beginMs + workMs;
    return beginMs;
  }
}

/** So many requests in a second pass at once; what exceeds it waits for its turn. */
class Throttle {
  readonly #gapMs: number;
  #turnMs = 0;

  constructor(perSec: number) {
    this.#gapMs = SECOND_MS / perSec;
  }

  /**
   * How long one more request is kept from passing. It belongs to a task that began at `nowMs` and
   * comes `sinceMs` after that: the requests of a task follow each other.
   */
  waitMs(nowMs: Millis, sinceMs: number): number {
    this.#turnMs = Math.max(this.#turnMs, nowMs) + this.#gapMs;
    return Math.max(0, this.#turnMs - nowMs - sinceMs - SECOND_MS);
  }
}

/** What has been asked of the store so far. */
export interface Meter {
  readonly requests: Record<RequestKind, number>;
  /** Tries that were answered 503, and tries that failed. */
  throttled: number;
  errors: number;
  /** Requests that failed for good, each a failed task. */
  failures: number;
  bytes: number;
}

const WRITES: ReadonlySet<RequestKind> = new Set(['put', 'rename', 'copy', 'delete']);
const MS_PER_BYTE_NONE = 0;

const msPerByte = (bytesPerSec: number | null): number =>
  bytesPerSec === null ? MS_PER_BYTE_NONE : SECOND_MS / bytesPerSec;

/** One store and all who use it. */
export class StoreTime {
  readonly meter: Meter;
  readonly lane: Lane = new Lane();
  readonly model: StoreModel;
  readonly draw: Readonly<Record<RequestKind, () => number>>;
  readonly random: Random;
  readonly #throttles: { readonly writes: Throttle; readonly reads: Throttle } | undefined;

  constructor(model: StoreModel, random: Random) {
    this.model = model;
    this.random = random;
    const zero = Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, 0]));
    const requests = zero as Record<RequestKind, number>;
    this.meter = { requests, throttled: 0, errors: 0, failures: 0, bytes: 0 };
    const { latency, throttle } = model;
    const drawers = REQUEST_KINDS.map((kind) => [kind, drawerOf(latency[kind], random)]);
    this.draw = Object.fromEntries(drawers) as Record<RequestKind, () => number>;
    if (throttle === null) return;
    const { writesPerSec, readsPerSec } = throttle;
    this.#throttles = { writes: new Throttle(writesPerSec), reads: new Throttle(readsPerSec) };
  }

  /** How long a request that comes now is kept from passing. */
  throttledMs(nowMs: Millis, kind: RequestKind, sinceMs = 0): number {
    if (this.#throttles === undefined) return 0;
    const { writes, reads } = this.#throttles;
    return (WRITES.has(kind) ? writes : reads).waitMs(nowMs, sinceMs);
  }
}

export interface AccountOptions {
  readonly clock: Clock;
  /** Cores that compute MD5s. */
  readonly cores: number;
  /** Everything of this machine takes so many times as long; 1 for a sound one. */
  readonly slowness: number;
}

/**
 * One machine's way into a store. Requests are noted one by one; `settle` says how long they take
 * in all, one after the other, beside what everybody else is doing.
 */
export class Account {
  readonly network: Lane = new Lane();
  readonly cores: Lane = new Lane();
  /** Time between the beginning and the end of what was settled, of all workers together. */
  workingMs = 0;
  firstMs: Millis | undefined;
  lastMs: Millis = 0;
  readonly #store: StoreTime;
  readonly #options: AccountOptions;
  readonly #msPerByte: Readonly<Record<'connection' | 'backend' | 'store' | 'hash', number>>;
  #serialMs = 0;
  /** Between tries. */
  #waitMs = 0;
  #requests = 0;
  #bytes = 0;
  #hashed = 0;
  #error: SimError | undefined;
  /** What whole milliseconds have left out so far. */
  #carryMs = 0;

  constructor(store: StoreTime, options: AccountOptions) {
    this.#store = store;
    this.#options = options;
    const { model } = store;
    this.#msPerByte = {
      connection: msPerByte(model.connectionBytesPerSec),
      backend: msPerByte(model.backendBytesPerSec),
      store: msPerByte(model.storeBytesPerSec),
      hash: msPerByte(model.hashBytesPerSec),
    };
  }

  /** A request has failed for good since the last `settle`: what comes after it does not happen. */
  get isFailed(): boolean {
    return this.#error !== undefined;
  }

  request(kind: RequestKind, bytes = 0): void {
    if (this.isFailed) return;
    const { model, meter, random } = this.#store;
    const sinceMs = this.#serialMs + this.#waitMs + this.#bytes * this.#msPerByte.connection;
    let throttledMs = this.#store.throttledMs(this.#options.clock.now(), kind, sinceMs);
    for (let attempt = 1; ; attempt += 1) {
      this.#try(kind);
      const isThrottled = throttledMs > 0;
      if (isThrottled) meter.throttled += 1;
      else if (isStruck(random, model.errorRate)) meter.errors += 1;
      else break;
      if (attempt >= model.retry.attemptsMax) {
        this.#fail(kind, isThrottled ? '503, slow down' : 'an error');
        return;
      }
      const backoffMs = this.#backoffMs(attempt);
      this.#waitMs += backoffMs;
      throttledMs -= Math.max(1, backoffMs);
    }
    this.#bytes += bytes;
    meter.bytes += bytes;
  }

  /** A file to its final name, hashed first. */
  upload(bytes: number): void {
    const { model } = this.#store;
    this.#hashed += bytes;
    const { multipart } = model;
    if (multipart === null || bytes <= multipart.aboveBytes) {
      this.request('put', bytes);
    } else {
      this.request('put');
      for (let at = 0; at < bytes; at += multipart.partBytes) {
        this.request('put', Math.min(multipart.partBytes, bytes - at));
      }
      this.request('put');
    }
    if (model.upload === 'put-rename') this.request('rename');
    if (model.upload === 'put-copy-delete') this.copy(bytes);
  }

  /** What renaming is where there is no renaming. */
  copy(bytes: number): void {
    this.request('copy');
    this.#serialMs += bytes * msPerByte(this.#store.model.copyBytesPerSec);
    this.request('delete');
  }

  settle(): Settlement {
    const nowMs = this.#options.clock.now();
    const { model } = this.#store;
    const { slowness, cores } = this.#options;
    const { connection, backend, store, hash } = this.#msPerByte;
    const ownMs = this.#serialMs + this.#bytes * connection + this.#hashed * hash;
    const storeMs = this.#requests * model.storeMsPerRequest + this.#bytes * store;
    const networkMs = this.#bytes * backend * slowness;
    const coresMs = (this.#hashed * hash * slowness) / cores;
    const serialMs = ownMs * slowness + this.#waitMs;
    // A lane that is busy lets what is a task's own begin later; one that is slow, end later.
    const endMs = Math.max(
      this.#store.lane.take(nowMs, storeMs) + Math.max(serialMs, storeMs),
      this.network.take(nowMs, networkMs) + Math.max(serialMs, networkMs),
      this.cores.take(nowMs, coresMs) + Math.max(serialMs, coresMs),
    );
    const exactMs = endMs - nowMs + this.#carryMs;
    const lastsMs = Math.max(0, Math.round(exactMs));
    this.#carryMs = exactMs - lastsMs;
    this.workingMs += endMs - nowMs;
    this.firstMs ??= nowMs;
    this.lastMs = Math.max(this.lastMs, nowMs + lastsMs);
    return this.#cleared(lastsMs);
  }

  #cleared(lastsMs: Millis): Settlement {
    const error = this.#error;
    this.#serialMs = 0;
    this.#waitMs = 0;
    this.#requests = 0;
    this.#bytes = 0;
    this.#hashed = 0;
    this.#error = undefined;
    return error === undefined ? { lastsMs } : { lastsMs, error };
  }

  #try(kind: RequestKind): void {
    const { meter, draw } = this.#store;
    meter.requests[kind] += 1;
    this.#requests += 1;
    this.#serialMs += draw[kind]();
  }

  #backoffMs(attempt: number): number {
    const { firstBackoffMs, backoffMsMax } = this.#store.model.retry;
    return Math.min(backoffMsMax, firstBackoffMs * 2 ** (attempt - 1));
  }

  #fail(kind: RequestKind, how: string): void {
    const { attemptsMax } = this.#store.model.retry;
    this.#store.meter.failures += 1;
    const tries = attemptsMax === 1 ? 'one try' : `${attemptsMax} tries`;
    this.#error = new SimError(
      'blob-unreachable',
      `modelled failure of a ${kind}: ${how}, ${tries}`,
    );
  }
}
