/**
 * From a location to the store it names. The one place that knows schemes; what the emulator does
 * not reach is refused by name, with what works instead.
 */
import type { Clock } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import type { FaultPoints } from '../base/fault.ts';
import type { Files } from '../base/files.ts';
import { attempt, type Op } from '../base/op.ts';
import { realRandom } from '../base/random.ts';
import { normalizeKey } from './blob-key.ts';
import type { BlobKey, BlobLocation, BlobStorage, OpenBlob, OpenedBlob } from './blob-storage.ts';
import { familyRefusal } from './cloud-families.ts';
import { conditionsOf, underConditions } from './conditions.ts';
import { HdfsBlob } from './hdfs.ts';
import { hdfsPlace } from './hdfs-properties.ts';
import { createLocalBlob } from './local.ts';
import { redactLocation } from './redact.ts';
import { S3Blob } from './s3.ts';
import { s3Place } from './s3-properties.ts';
import { type BlobUser, withFault } from './with-fault.ts';
import { withRetry } from './with-retry.ts';

export interface OpenBlobDeps {
  readonly files: Files;
  /** What `memory://` names; without it the scheme is refused. Shared by all who open it. */
  readonly memory?: BlobStorage;
  readonly faults: FaultPoints;
  readonly clock: Clock;
  /** Who opens; the frontend without a word. */
  readonly backend?: BlobUser;
  /** Without it, as in virtual time, locations on other machines are refused. */
  readonly hasNetwork: boolean;
}

const S3_SCHEMES: readonly string[] = ['s3', 's3a', 's3n'];

/** Reached, unless nothing outside is. */
const NETWORK_SCHEMES: readonly string[] = [...S3_SCHEMES, 'hdfs', 'webhdfs'];

/** Stores that are kept open, each with its connections; the one opened first goes first. */
const OPEN_STORES_MAX = 64;

/** An opener whose stores share their parts, so opening again costs nothing. */
export function createOpenBlob(deps: OpenBlobDeps): OpenBlob {
  const { files, memory, faults, clock, hasNetwork, backend = 'frontend' } = deps;
  const point = { faults, clock, backend };
  const local = withFault(createLocalBlob(files), point);
  const inMemory = memory === undefined ? undefined : withFault(memory, point);
  const works = [
    'file:///<path>',
    ...(hasNetwork ? ['s3://<bucket>/<path>', 'hdfs://<host>:<port>/<path>'] : []),
    ...(inMemory === undefined ? [] : ['memory://<name>']),
  ].join(', ');
  const stores = new Map<string, BlobStorage>();

  /** Faults are outside of the retry: a planned failure is one that the caller sees. */
  const shared = <P extends { readonly root: BlobKey }>(
    place: P,
    connect: (place: P) => BlobStorage,
  ): OpenedBlob => {
    const key = JSON.stringify({ ...place, root: '' });
    const known = stores.get(key);
    const storage = known ?? withFault(withRetry(connect(place), clock), point);
    const [oldest] = stores.keys();
    if (known === undefined) {
      if (stores.size >= OPEN_STORES_MAX && oldest !== undefined) stores.delete(oldest);
      stores.set(key, storage);
    }
    return { storage, root: place.root };
  };

  const find = (where: BlobLocation): OpenedBlob => {
    const { scheme, rest } = splitLocation(where.location, works);
    if (scheme === 'file') {
      const root = filePath(where.location, rest);
      return { storage: local, root, checkUsable: () => checkDirectory(files, root) };
    }
    if (hasNetwork && S3_SCHEMES.includes(scheme)) {
      return shared(s3Place(where, rest), (place) => new S3Blob(place));
    }
    if (hasNetwork && (scheme === 'hdfs' || scheme === 'webhdfs')) {
      // Names of files that are being written; a virtual run never gets here.
      return shared(hdfsPlace(where, scheme, rest), (place) => new HdfsBlob(place, realRandom));
    }
    if (scheme === 'memory' && inMemory !== undefined) {
      return { storage: inMemory, root: memoryPath(where.location, rest) };
    }
    throw familyRefusal(where, scheme) ?? schemeRefusal(where.location, scheme, works);
  };

  const conditioned = new WeakMap<BlobStorage, Map<string, BlobStorage>>();
  return (where: BlobLocation): OpenedBlob => {
    const opened = find(where);
    const conditions = conditionsOf(where);
    if (Object.keys(conditions).length === 0) return opened;
    const key = JSON.stringify(conditions);
    const known = conditioned.get(opened.storage) ?? new Map<string, BlobStorage>();
    const storage = known.get(key) ?? underConditions(opened.storage, conditions, clock);
    // Conditions hold for all who share them: a second line would be a faster one.
    conditioned.set(opened.storage, known.set(key, storage));
    return { ...opened, storage };
  };
}

function splitLocation(location: string, works: string): { scheme: string; rest: string } {
  const match = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(location);
  const scheme = match?.[1]?.toLowerCase();
  if (scheme !== undefined) return { scheme, rest: match?.[2] ?? '' };
  throw new SimError(
    'blob-location-unsupported',
    `invalid path: location ${redactLocation(location)} has no scheme`,
    { hint: `Locations that work here: ${works}.` },
  );
}

function filePath(location: string, rest: string): BlobKey {
  const path = rest.startsWith('//') ? rest.slice(2) : rest;
  const key = normalizeKey(path);
  if (key !== undefined) return key;
  throw new SimError(
    'blob-location-unsupported',
    `location ${redactLocation(location)} must name an absolute path without '.' and '..'`,
    { hint: 'Write three slashes: file:///path/of/a/directory.' },
  );
}

function memoryPath(location: string, rest: string): BlobKey {
  const key = rest.startsWith('//') ? normalizeKey(rest.slice(1)) : undefined;
  if (key !== undefined && key !== '/') return key;
  throw new SimError(
    'blob-location-unsupported',
    `location ${redactLocation(location)} must have the form memory://<name>[/<path>]`,
  );
}

function schemeRefusal(location: string, scheme: string, works: string): SimError {
  const isKnown = NETWORK_SCHEMES.includes(scheme);
  const what = isKnown ? 'is not reached by the emulator' : 'is unknown';
  return new SimError(
    'blob-location-unsupported',
    `location ${redactLocation(location)}: scheme ${scheme}:// ${what}; use ${works}`,
  );
}

/**
 * People make the directory of a `file://` repository themselves, as they make a bucket: a typing
 * error must not become a new directory somewhere on the disk.
 */
function* checkDirectory(files: Files, root: BlobKey): Op<void> {
  const found = yield* attempt(files.stat(root));
  if (!found.ok && !(found.error instanceof SimError)) throw found.error;
  if (!found.ok) throw unusable(root, 'cannot be looked at', found.error);
  if (found.value === undefined) throw unusable(root, 'does not exist');
  if (found.value.isFile) throw unusable(root, 'is a file, not a directory');
}

function unusable(root: BlobKey, what: string, cause?: unknown): SimError {
  return new SimError('blob-location-unusable', `repository directory ${root} ${what}`, {
    hint: `Make a directory that the emulator may write to: mkdir -p '${root}'.`,
    cause,
  });
}
