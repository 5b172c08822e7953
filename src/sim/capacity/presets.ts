/**
 * Store models by name. Their figures are of public documentation where there is one, else of what
 * such machines commonly do; docs/simulate.md says which is which. Measure a store of your own with
 * `--calibrate` before anything depends on it.
 */
import { SimError } from '../../base/errors.ts';
import { nearestNames } from '../../base/nearest-names.ts';
import { MIB } from '../../base/units.ts';
import type { Latency, RequestKind, StoreModel } from './store-model.ts';

const NAMES_OFFERED = 3;

const latencies = (
  read: Latency,
  write: Latency,
  rename: Latency,
): Readonly<Record<RequestKind, Latency>> => ({
  list: read,
  stat: read,
  get: read,
  put: write,
  rename,
  copy: write,
  delete: rename,
});

const FREE = {
  currency: 'USD',
  perThousand: { list: 0, stat: 0, put: 0, get: 0, rename: 0, copy: 0, delete: 0 },
} as const;

/** What the S3 driver of the emulator does; of one request, as in `blob/with-retry.ts`. */
const THREE_TRIES = { attemptsMax: 3, firstBackoffMs: 100, backoffMsMax: 5_000 } as const;
const ONE_TRY = { attemptsMax: 1, firstBackoffMs: 0, backoffMsMax: 0 } as const;

/** One core's MD5, with the bytes in memory or on a quick disk. */
const HASH_BYTES_PER_SEC = 550e6;
const TEN_GBIT = 1.25e9;
const TWENTY_FIVE_GBIT = 3.125e9;

/** StarRocks' `experimental_s3_max_single_part_size` and `..._min_upload_part_size`. */
const S3_PARTS = { aboveBytes: 16 * MIB, partBytes: 16 * MIB } as const;

const LOCAL: StoreModel = {
  version: 1,
  name: 'local',
  about: 'one NVMe disk that all backends share: 2 GB/s, a sync of a millisecond',
  upload: 'put',
  latency: latencies(
    { p50Ms: 0.1, p99Ms: 0.5 },
    { p50Ms: 1.5, p99Ms: 8 },
    { p50Ms: 0.5, p99Ms: 4 },
  ),
  multipart: null,
  connectionBytesPerSec: 1e9,
  backendBytesPerSec: null,
  storeBytesPerSec: 2e9,
  storeMsPerRequest: 0.05,
  copyBytesPerSec: 2e9,
  hashBytesPerSec: HASH_BYTES_PER_SEC,
  throttle: null,
  errorRate: 0,
  retry: ONE_TRY,
  price: FREE,
};

const MINIO: StoreModel = {
  version: 1,
  name: 'minio',
  about: 'four MinIO servers with NVMe disks on the same 10 Gbit/s network as the backends',
  upload: 'put',
  latency: latencies({ p50Ms: 3, p99Ms: 15 }, { p50Ms: 8, p99Ms: 40 }, { p50Ms: 6, p99Ms: 30 }),
  multipart: S3_PARTS,
  connectionBytesPerSec: 250e6,
  backendBytesPerSec: TEN_GBIT,
  storeBytesPerSec: 2 * TEN_GBIT,
  storeMsPerRequest: 0.05,
  copyBytesPerSec: 1e9,
  hashBytesPerSec: HASH_BYTES_PER_SEC,
  throttle: null,
  errorRate: 0,
  retry: THREE_TRIES,
  price: FREE,
};

const S3: StoreModel = {
  version: 1,
  name: 's3',
  about: 'a bucket of Amazon S3 in the region of the backends, one prefix, 25 Gbit/s per backend',
  upload: 'put',
  latency: latencies(
    { p50Ms: 30, p99Ms: 200 },
    { p50Ms: 60, p99Ms: 300 },
    { p50Ms: 30, p99Ms: 200 },
  ),
  multipart: S3_PARTS,
  connectionBytesPerSec: 85e6,
  backendBytesPerSec: TWENTY_FIVE_GBIT,
  storeBytesPerSec: null,
  storeMsPerRequest: 0,
  copyBytesPerSec: 200e6,
  hashBytesPerSec: HASH_BYTES_PER_SEC,
  throttle: { writesPerSec: 3_500, readsPerSec: 5_500 },
  errorRate: 0.0001,
  retry: { attemptsMax: 10, firstBackoffMs: 100, backoffMsMax: 20_000 },
  price: {
    currency: 'USD',
    perThousand: {
      list: 0.005,
      stat: 0.0004,
      put: 0.005,
      get: 0.0004,
      rename: 0,
      copy: 0.005,
      delete: 0,
    },
  },
};

const HDFS: StoreModel = {
  version: 1,
  name: 'hdfs',
  about: 'HDFS with three replicas on a 10 Gbit/s network; a name node that does 5,000 requests/s',
  upload: 'put-rename',
  latency: latencies({ p50Ms: 2, p99Ms: 15 }, { p50Ms: 12, p99Ms: 80 }, { p50Ms: 3, p99Ms: 20 }),
  multipart: null,
  connectionBytesPerSec: 150e6,
  backendBytesPerSec: TEN_GBIT,
  storeBytesPerSec: 5e9,
  storeMsPerRequest: 0.2,
  copyBytesPerSec: null,
  hashBytesPerSec: HASH_BYTES_PER_SEC,
  throttle: null,
  errorRate: 0,
  retry: ONE_TRY,
  price: FREE,
};

export const STORE_PRESETS: readonly StoreModel[] = Object.freeze([LOCAL, MINIO, S3, HDFS]);

/** `bad-option` with the nearest names for one that is not known. */
export function storePreset(name: string): StoreModel {
  const found = STORE_PRESETS.find((model) => model.name === name);
  if (found !== undefined) return found;
  const names = STORE_PRESETS.map((model) => model.name);
  const nearest = nearestNames(name, names, NAMES_OFFERED).join(', ');
  throw new SimError('bad-option', `no store model is called '${name}'`, {
    hint: `Nearest: ${nearest}; or give a file that --calibrate has written, with a / or .json`,
  });
}
