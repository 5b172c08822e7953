/**
 * Stores that are reached through a broker, which may be dropped while they are in use: every
 * operation asks whether it is still there. The emulator reaches the storage itself, with the
 * properties that a broker would be given.
 */
import { SimError } from '../base/errors.ts';
import type { ByteRange, ByteReader } from '../base/files.ts';
import type { Op } from '../base/op.ts';
import type { BlobKey, BlobStat, BlobStorage, ByteSource, OpenBlob } from './blob-storage.ts';

/** An opener that wants the broker of a location to be known. */
export function openWithBrokers(open: OpenBlob, isKnown: (broker: string) => boolean): OpenBlob {
  return (where) => {
    const { brokerName } = where;
    const opened = open(where);
    if (brokerName === '') return opened;
    return { ...opened, storage: withBroker(opened.storage, () => check(brokerName, isKnown)) };
  };
}

function check(broker: string, isKnown: (broker: string) => boolean): void {
  if (isKnown(broker)) return;
  throw new SimError('blob-error', `failed to get broker address: unknown broker name: ${broker}`, {
    hint: `Register it: ALTER SYSTEM ADD BROKER ${broker} 'host:8000'.`,
  });
}

/** `ask` throws when the broker cannot be used. */
export function withBroker(storage: BlobStorage, ask: () => void): BlobStorage {
  function* asked<T>(run: () => Op<T>): Op<T> {
    ask();
    return yield* run();
  }
  return Object.freeze({
    traits: storage.traits,
    put: (key: BlobKey, source: ByteSource): Op<void> => asked(() => storage.put(key, source)),
    get: (key: BlobKey, range?: ByteRange): Op<ByteReader> => asked(() => storage.get(key, range)),
    stat: (key: BlobKey): Op<BlobStat | undefined> => asked(() => storage.stat(key)),
    list: (directory: BlobKey): Op<readonly BlobStat[]> => asked(() => storage.list(directory)),
    rename: (from: BlobKey, to: BlobKey): Op<void> => asked(() => storage.rename(from, to)),
    delete: (key: BlobKey): Op<void> => asked(() => storage.delete(key)),
    close: () => storage.close(),
  });
}
