/**
 * A store whose readers see a change only after a while, as object stores did for years: what was
 * put is not listed or found yet, what was deleted is listed still. How long each change takes is
 * drawn from the seed. An object that is overwritten shows its new content at once; whoever looks
 * through another process's store sees no lag of this one.
 */
import type { Clock, Millis } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import { below, type Random } from '../base/random.ts';
import { baseName, parentKey } from './blob-key.ts';
import type { BlobKey, BlobStat, BlobStorage, ByteSource } from './blob-storage.ts';

export interface Lag {
  readonly clock: Clock;
  readonly random: Random;
  /** The longest that a change stays unseen. */
  readonly lagMsMax: Millis;
}

interface Change {
  readonly seenAtMs: Millis;
  /** What readers see until then; `undefined` for nothing. */
  readonly before: BlobStat | undefined;
}

/** Changes that are remembered; of more at once, the oldest are seen early. */
const CHANGES_MAX = 100_000;

/** Without lag the same promises as the store underneath, with it all but the order of reads. */
export function withLag(storage: BlobStorage, lag: Lag): BlobStorage {
  const hidden = new HiddenChanges(storage, lag);
  return Object.freeze({
    traits: Object.freeze({ ...storage.traits, readsMayLag: lag.lagMsMax > 0 }),
    *put(key: BlobKey, source: ByteSource): Op<void> {
      const made = yield* hidden.missingOf(key);
      yield* storage.put(key, source);
      hidden.add(made, undefined);
    },
    *get(key: BlobKey, range?: ByteRange): Op<ByteReader> {
      const change = hidden.of(key);
      if (change !== undefined && change.before === undefined) {
        throw new SimError('blob-not-found', `no object ${key} (it cannot be seen yet)`);
      }
      return yield* storage.get(key, range);
    },
    *stat(key: BlobKey): Op<BlobStat | undefined> {
      const change = hidden.of(key);
      return change === undefined ? yield* storage.stat(key) : change.before;
    },
    *list(directory: BlobKey): Op<readonly BlobStat[]> {
      return hidden.listed(directory, yield* storage.list(directory));
    },
    *rename(from: BlobKey, to: BlobKey): Op<void> {
      if (from === to) return yield* storage.rename(from, to);
      const made = yield* hidden.missingOf(to);
      const moved = yield* storage.stat(from);
      yield* storage.rename(from, to);
      hidden.add(made, undefined);
      hidden.add([from], moved);
    },
    *delete(key: BlobKey): Op<void> {
      const deleted = yield* storage.stat(key);
      yield* storage.delete(key);
      if (deleted !== undefined) hidden.add([key], deleted);
    },
    close: () => storage.close(),
  });
}

class HiddenChanges {
  readonly #storage: BlobStorage;
  readonly #lag: Lag;
  readonly #byKey = new Map<BlobKey, Change>();

  constructor(storage: BlobStorage, lag: Lag) {
    this.#storage = storage;
    this.#lag = lag;
  }

  /** The key and the directories above that are not there, which a put is going to make. */
  *missingOf(key: BlobKey): Op<readonly BlobKey[]> {
    const missing: BlobKey[] = [];
    for (let at = key; at !== '/'; at = parentKey(at)) {
      if ((yield* this.#storage.stat(at)) !== undefined) break;
      missing.push(at);
    }
    return missing;
  }

  add(keys: readonly BlobKey[], before: BlobStat | undefined): void {
    const { clock, random, lagMsMax } = this.#lag;
    if (lagMsMax <= 0) return;
    const seenAtMs = clock.now() + 1 + below(random, lagMsMax);
    for (const key of keys) {
      this.#byKey.delete(key);
      this.#byKey.set(key, { seenAtMs, before });
      const [oldest] = this.#byKey.keys();
      if (this.#byKey.size > CHANGES_MAX && oldest !== undefined) this.#byKey.delete(oldest);
    }
  }

  /** The change of a key that is not seen yet. */
  of(key: BlobKey): Change | undefined {
    const change = this.#byKey.get(key);
    if (change === undefined || change.seenAtMs > this.#lag.clock.now()) return change;
    this.#byKey.delete(key);
    return undefined;
  }

  listed(directory: BlobKey, now: readonly BlobStat[]): readonly BlobStat[] {
    const names = new Map(now.map((stat) => [stat.name, stat]));
    for (const key of [...this.#byKey.keys()]) {
      if (key === '/' || parentKey(key) !== directory) continue;
      const change = this.of(key);
      if (change === undefined) continue;
      const name = baseName(key);
      if (change.before === undefined) names.delete(name);
      else names.set(name, change.before);
    }
    const isHidden = this.of(directory)?.before === undefined && this.of(directory) !== undefined;
    if (isHidden) return [];
    return [...names.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  }
}
