/**
 * Property families of stores that StarRocks reaches and the emulator does not (repository.md 5.3):
 * they are read as StarRocks reads them, so that a mistake is told as such, and then refused by
 * name, with what works instead.
 */
import { SimError } from '../base/errors.ts';
import type { BlobLocation } from './blob-storage.ts';
import { redactLocation } from './redact.ts';

interface CloudFamily {
  readonly name: string;
  readonly schemes: readonly string[];
  /** What its keys begin with. */
  readonly prefixes: readonly string[];
  /** Keys that must all be there as soon as one of them is. */
  readonly together: readonly (readonly string[])[];
  /** Where the same bytes can be reached. */
  readonly instead: string;
}

const S3_COMPATIBLE =
  "name the bucket as s3a://<bucket>/<path>, with aws.s3.* and the endpoint of the store's S3 interface";

const FAMILIES: readonly CloudFamily[] = [
  {
    name: 'Aliyun OSS',
    schemes: ['oss'],
    prefixes: ['aliyun.oss.', 'fs.oss.'],
    together: [
      ['aliyun.oss.access_key', 'aliyun.oss.secret_key', 'aliyun.oss.endpoint'],
      ['fs.oss.accessKeyId', 'fs.oss.accessKeySecret', 'fs.oss.endpoint'],
    ],
    instead: S3_COMPATIBLE,
  },
  {
    name: 'Tencent COS',
    schemes: ['cosn'],
    prefixes: ['fs.cosn.', 'fs.cos.'],
    together: [
      ['fs.cosn.userinfo.secretId', 'fs.cosn.userinfo.secretKey', 'fs.cosn.bucket.endpoint_suffix'],
    ],
    instead: S3_COMPATIBLE,
  },
  {
    name: 'Kingsoft KS3',
    schemes: ['ks3'],
    prefixes: ['fs.ks3.'],
    together: [['fs.ks3.AccessKey', 'fs.ks3.AccessSecret', 'fs.ks3.endpoint']],
    instead: S3_COMPATIBLE,
  },
  {
    name: 'Huawei OBS',
    schemes: ['obs'],
    prefixes: ['fs.obs.'],
    together: [['fs.obs.access.key', 'fs.obs.secret.key', 'fs.obs.endpoint']],
    instead: S3_COMPATIBLE,
  },
  {
    name: 'Volcengine TOS',
    schemes: ['tos'],
    prefixes: ['fs.tos.'],
    together: [['fs.tos.access.key', 'fs.tos.secret.key', 'fs.tos.endpoint']],
    instead: S3_COMPATIBLE,
  },
  {
    name: 'Azure Blob Storage',
    schemes: ['wasb', 'wasbs'],
    prefixes: ['azure.blob.'],
    together: [],
    instead: 'it has no S3 interface: use another store',
  },
  {
    name: 'Azure Data Lake Storage Gen1',
    schemes: ['adl'],
    prefixes: ['azure.adls1.'],
    together: [],
    instead: 'it has no S3 interface: use another store',
  },
  {
    name: 'Azure Data Lake Storage Gen2',
    schemes: ['abfs', 'abfss'],
    prefixes: ['azure.adls2.'],
    together: [],
    instead: 'it has no S3 interface: use another store',
  },
  {
    name: 'Google Cloud Storage with service accounts',
    schemes: ['gs'],
    prefixes: ['gcp.gcs.'],
    together: [],
    instead:
      'name the bucket as s3a://<bucket>/<path>, with an HMAC key in fs.s3a.access.key and ' +
      "fs.s3a.secret.key, and 'fs.s3a.endpoint' = 'storage.googleapis.com'",
  },
  {
    name: 'ViewFS',
    schemes: ['viewfs'],
    prefixes: [],
    together: [],
    instead: 'name the hdfs:// location that the mount point stands for',
  },
];

/** Whose value is `true` or `false`. */
const FLAG =
  /(\.impl\.disable\.cache|\.ssl\.enabled|\.secure\.enabled|\.use_managed_service_identity|\.oauth2_use_managed_identity|\.use_compute_engine_service_account)$/;

/** The refusal of a scheme that belongs to one of the families; `undefined` for any other. */
export function familyRefusal(where: BlobLocation, scheme: string): SimError | undefined {
  const family = FAMILIES.find(({ schemes }) => schemes.includes(scheme));
  if (family === undefined) return undefined;
  const mistake = mistakeIn(family, where);
  if (mistake !== undefined) return refusal(where, mistake);
  return refusal(
    where,
    `scheme ${scheme}:// (${family.name}) is not reached by the emulator`,
    `Instead, ${family.instead}.`,
  );
}

/**
 * Of a location that is reached: throws when its properties sign in with another family, since
 * what they say would be passed over in silence.
 */
export function refuseForeignFamily(where: BlobLocation): void {
  for (const { name, prefixes, instead } of FAMILIES) {
    const key = Object.keys(where.properties).find(
      (one) => where.properties[one] !== '' && prefixes.some((prefix) => one.startsWith(prefix)),
    );
    if (key === undefined) continue;
    throw refusal(where, `${key} (${name}) is not supported`, `Instead, ${instead}.`);
  }
}

function mistakeIn(
  { prefixes, together }: CloudFamily,
  { properties }: BlobLocation,
): string | undefined {
  for (const keys of together) {
    const given = keys.filter((key) => (properties[key] ?? '') !== '');
    const missing = keys.find((key) => !given.includes(key));
    if (given.length > 0 && missing !== undefined) return `${missing} is missing`;
  }
  const wrong = Object.keys(properties).find((key) => {
    const isOurs = prefixes.some((prefix) => key.startsWith(prefix)) && FLAG.test(key);
    return isOurs && !/^(true|false)?$/i.test(properties[key] ?? '');
  });
  return wrong === undefined ? undefined : `${wrong} must be true or false`;
}

function refusal({ location }: BlobLocation, what: string, hint?: string): SimError {
  const text = `location ${redactLocation(location)}: ${what}`;
  return new SimError('blob-location-unsupported', text, hint === undefined ? {} : { hint });
}
