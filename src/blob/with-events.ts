/**
 * Tells the event stream of every operation on a store, when it begins: what a trace shows of a
 * repository, whatever the driver underneath is.
 */
import type { Events } from '../base/events.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import { NumberedBytes } from '../base/numbered-bytes.ts';
import type { Op } from '../base/op.ts';
import { joinKey } from './blob-key.ts';
import type {
  BlobKey,
  BlobStat,
  BlobStorage,
  ByteSource,
  InstantBlob,
  InstantContent,
  InstantObject,
  OpenBlob,
} from './blob-storage.ts';

/** An opener whose stores tell `events`. */
export function openWithEvents(open: OpenBlob, events: Events): OpenBlob {
  return (where) => {
    const opened = open(where);
    return { ...opened, storage: withEvents(opened.storage, events) };
  };
}

/** Emits `blob` with `operation` and `key`; a rename shows the new name. */
export function withEvents(storage: BlobStorage, events: Events): BlobStorage {
  const tell = (operation: string, key: BlobKey): void => events.emit('blob', { operation, key });
  let told: { readonly inner: InstantBlob; readonly teller: InstantBlob } | undefined;
  return Object.freeze({
    traits: storage.traits,
    instant(): InstantBlob | undefined {
      const inner = storage.instant?.();
      if (inner !== told?.inner)
        told = inner && { inner, teller: tellingInstant(inner, events, tell) };
      return told?.teller;
    },
    *put(key: BlobKey, source: ByteSource): Op<void> {
      tell('put', key);
      yield* storage.put(key, source);
    },
    *get(key: BlobKey, range?: ByteRange): Op<ByteReader> {
      tell('get', key);
      return yield* storage.get(key, range);
    },
    *stat(key: BlobKey): Op<BlobStat | undefined> {
      tell('stat', key);
      return yield* storage.stat(key);
    },
    *list(directory: BlobKey): Op<readonly BlobStat[]> {
      tell('list', directory);
      return yield* storage.list(directory);
    },
    *rename(from: BlobKey, to: BlobKey): Op<void> {
      tell('rename', to);
      yield* storage.rename(from, to);
    },
    *delete(key: BlobKey): Op<void> {
      tell('delete', key);
      yield* storage.delete(key);
    },
    close: () => storage.close(),
  });
}

function isHollow(content: InstantContent): boolean {
  return !(content instanceof NumberedBytes || content instanceof Uint8Array);
}

function tellingInstant(
  inner: InstantBlob,
  events: Events,
  tell: (operation: string, key: BlobKey) => void,
): InstantBlob {
  return {
    list(directory: BlobKey): readonly BlobStat[] {
      tell('list', directory);
      return inner.list(directory);
    },
    put(directory: BlobKey, name: string, content: InstantContent): void {
      tell('put', joinKey(directory, name));
      inner.put(directory, name, content);
    },
    /** Told when it is done: before, nobody knows whether it will be. */
    fill(parent: BlobKey, name: string, objects: readonly InstantObject[]): boolean {
      if (!inner.fill(parent, name, objects)) return false;
      if (!events.isHeard) return true;
      const directory = joinKey(parent, name);
      tell('list', directory);
      for (const object of objects) tell('put', joinKey(directory, object.name));
      return true;
    },
    /** Told when it is done, as `fill` is. */
    take(directory: BlobKey, use: (objects: readonly InstantObject[]) => boolean): boolean {
      let names: readonly string[] = [];
      const isTaken = inner.take?.(directory, (objects) => {
        // What has no bytes is never got.
        names = objects.filter(({ content }) => !isHollow(content)).map(({ name }) => name);
        return use(objects);
      });
      if (isTaken !== true) return false;
      if (!events.isHeard) return true;
      tell('list', directory);
      for (const name of names) tell('get', joinKey(directory, name));
      return true;
    },
    ...(inner.settle !== undefined && { settle: inner.settle }),
  };
}
