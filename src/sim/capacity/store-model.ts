/**
 * What a store and the machines before it cost in time and money, as plain data: what `simulate`
 * reckons with. docs/simulate.md has the formulas; `presets.ts` has models by name.
 */
import { SimError } from '../../base/errors.ts';

/** Requests that a store is asked; `copy` is what renaming comes to where nothing can be renamed. */
export const REQUEST_KINDS = ['list', 'stat', 'put', 'get', 'rename', 'copy', 'delete'] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** Until the answer begins, without the bytes: half of the requests take longer than `p50Ms`. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/**
 * How a file gets its final name (repository.md 7.3): `put` at once, as native S3; `put-rename`
 * under another name first, as HDFS; `put-copy-delete` the same where a rename is a copy, as S3
 * through a broker.
 */
export const UPLOAD_WAYS = ['put', 'put-rename', 'put-copy-delete'] as const;
export type UploadWay = (typeof UPLOAD_WAYS)[number];

export const STORE_MODEL_VERSION = 1;

/** A speed of `null` is one that never holds anything up. */
export interface StoreModel {
  readonly version: typeof STORE_MODEL_VERSION;
  readonly name: string;
  /** Where the figures are from. */
  readonly about: string;
  readonly upload: UploadWay;
  readonly latency: Readonly<Record<RequestKind, Latency>>;
  /** Larger files go in parts, one after the other, each a request; two more begin and end them. */
  readonly multipart: { readonly aboveBytes: number; readonly partBytes: number } | null;
  readonly connectionBytesPerSec: number | null;
  readonly backendBytesPerSec: number | null;
  readonly storeBytesPerSec: number | null;
  /** Work of the store itself on each request, done one after the other; 0 for none. */
  readonly storeMsPerRequest: number;
  /** How fast the store copies within itself. */
  readonly copyBytesPerSec: number | null;
  /** One core of a backend reading a file and computing its MD5. */
  readonly hashBytesPerSec: number | null;
  /** What exceeds it is answered 503 and tried again. */
  readonly throttle: { readonly writesPerSec: number; readonly readsPerSec: number } | null;
  /** Share of requests that fail and may be tried again. */
  readonly errorRate: number;
  readonly retry: {
    /** Tries in all, the first one too; after the last the task fails. */
    readonly attemptsMax: number;
    /** Before the second try; doubles from try to try. */
    readonly firstBackoffMs: number;
    readonly backoffMsMax: number;
  };
  readonly price: {
    readonly currency: string;
    readonly perThousand: Readonly<Record<RequestKind, number>>;
  };
}

const BYTES_PER_SEC_MAX = 1e15;
const MS_MAX = 3_600_000;
const ATTEMPTS_MAX = 100;
const TEXT_LENGTH_MAX = 2_000;

/**
 * A model from what a file holds. `bad-option` says which field is wrong and how; another version
 * is refused by its number.
 */
export async function parseStoreModel(text: string, where: string): Promise<StoreModel> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SimError('bad-option', `${where}: not JSON`, { cause: error });
  }
  const version = typeof value === 'object' && value !== null && Reflect.get(value, 'version');
  if (typeof version === 'number' && version !== STORE_MODEL_VERSION) {
    throw new SimError(
      'bad-option',
      `${where}: a store model of version ${version}; this release reads ${STORE_MODEL_VERSION}`,
      { hint: 'Make it anew with --calibrate.' },
    );
  }
  const { z } = await import('zod');
  const speed = z.number().positive().max(BYTES_PER_SEC_MAX).nullable();
  const ms = z.number().min(0).max(MS_MAX);
  const latency = z
    .strictObject({ p50Ms: ms, p99Ms: ms })
    .refine(({ p50Ms, p99Ms }) => p99Ms >= p50Ms, 'p99Ms is less than p50Ms');
  const perKind = <T extends typeof latency | typeof ms>(each: T) =>
    z.strictObject({
      list: each,
      stat: each,
      put: each,
      get: each,
      rename: each,
      copy: each,
      delete: each,
    });
  const count = z.number().int().positive();
  const schema = z.strictObject({
    version: z.literal(STORE_MODEL_VERSION),
    name: z.string().min(1).max(TEXT_LENGTH_MAX),
    about: z.string().max(TEXT_LENGTH_MAX),
    upload: z.enum(UPLOAD_WAYS),
    latency: perKind(latency),
    multipart: z.strictObject({ aboveBytes: count, partBytes: count }).nullable(),
    connectionBytesPerSec: speed,
    backendBytesPerSec: speed,
    storeBytesPerSec: speed,
    storeMsPerRequest: ms,
    copyBytesPerSec: speed,
    hashBytesPerSec: speed,
    throttle: z
      .strictObject({ writesPerSec: z.number().positive(), readsPerSec: z.number().positive() })
      .nullable(),
    errorRate: z.number().min(0).lt(1),
    retry: z.strictObject({
      attemptsMax: count.max(ATTEMPTS_MAX),
      firstBackoffMs: ms,
      backoffMsMax: ms,
    }),
    price: z.strictObject({ currency: z.string(), perThousand: perKind(ms) }),
  });
  const parsed = schema.safeParse(value);
  if (parsed.success) return Object.freeze(parsed.data);
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') || 'the model';
  throw new SimError('bad-option', `${where}: ${field}: ${issue?.message ?? 'is wrong'}`, {
    hint: 'docs/simulate.md lists the fields of a model.',
  });
}

/** As it lies in a file. */
export function storeModelText(model: StoreModel): string {
  return `${JSON.stringify(model, undefined, 2)}\n`;
}
