/**
 * How to reach an S3 store, out of a location and the properties of a repository: the new-style
 * keys `aws.s3.*`, or the older `fs.s3a.*` where none of those is given (repository.md 5.3).
 */
import { SimError } from '../base/errors.ts';
import { normalizeKey } from './blob-key.ts';
import type { BlobKey, BlobLocation } from './blob-storage.ts';
import { refuseForeignFamily } from './cloud-families.ts';
import { redactLocation } from './redact.ts';

export interface S3Place {
  readonly bucket: string;
  /** The key that the location stands for inside the bucket. */
  readonly root: BlobKey;
  /** Absent: AWS' own for the region. With scheme. */
  readonly endpoint: string | undefined;
  readonly region: string;
  readonly isPathStyle: boolean;
  /** Absent: none were given, so requests go unsigned. */
  readonly credentials: S3Credentials | undefined;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where neither a property nor the endpoint names one. */
const REGION_DEFAULT = 'us-east-1';

/** Ways to sign in that need what only a cloud gives: known, and refused by name. */
const CLOUD_ONLY = [
  'aws.s3.use_instance_profile',
  'aws.s3.use_aws_sdk_default_behavior',
  'aws.s3.iam_role_arn',
] as const;

/**
 * Throws `blob-location-unsupported`, naming the location or the key, for what cannot be reached.
 * `rest` is the location without its scheme and colon.
 */
export function s3Place(where: BlobLocation, rest: string): S3Place {
  const { bucket, root } = bucketOf(where.location, rest);
  const { properties } = where;
  for (const key of CLOUD_ONLY) {
    const value = properties[key] ?? '';
    if (value === '' || value.toLowerCase() === 'false') continue;
    throw unsupported(where, `${key} is not supported: give an access key and a secret key`);
  }
  checkOlderKeys(where);
  const isNewStyle = Object.keys(properties).some((key) => key.startsWith('aws.s3.'));
  const endpoint = endpointOf(where, isNewStyle);
  const credentials = credentialsOf(where, isNewStyle);
  if (credentials === undefined) refuseForeignFamily(where);
  return Object.freeze({
    bucket,
    root,
    endpoint,
    region: (properties['aws.s3.region'] || undefined) ?? regionOf(endpoint) ?? REGION_DEFAULT,
    isPathStyle: flag(where, 'aws.s3.enable_path_style_access', !isNewStyle),
    credentials,
  });
}

function bucketOf(location: string, rest: string): { bucket: string; root: BlobKey } {
  const match = /^\/\/([^/@]+)(\/.*)?$/s.exec(rest);
  const root = normalizeKey(match?.[2] ?? '/');
  const bucket = match?.[1];
  if (bucket?.includes('_')) throw underscoreRefusal(location, bucket);
  if (bucket !== undefined && root !== undefined) return { bucket, root };
  throw new SimError(
    'blob-location-unsupported',
    `location ${redactLocation(location)} must have the form s3://<bucket>[/<path>]`,
    { hint: "A path may not hold '.' or '..'; credentials belong into the properties." },
  );
}

/** StarRocks takes the bucket for the host of a Java URI, which may not hold an underscore. */
function underscoreRefusal(location: string, bucket: string): SimError {
  return new SimError(
    'blob-location-unsupported',
    `location ${redactLocation(location)}: java.lang.IllegalArgumentException: bucket is null/empty`,
    { hint: `StarRocks cannot use ${bucket}: no name with an underscore. Take another bucket.` },
  );
}

/** Classes that sign in with what the properties hold. */
const PLAIN_PROVIDERS = /(Simple|Temporary|Anonymous)AWSCredentialsProvider$/;

function checkOlderKeys(where: BlobLocation): void {
  const providers = where.properties['fs.s3a.aws.credentials.provider'] ?? '';
  for (const provider of providers.split(',').map((name) => name.trim())) {
    if (provider === '' || PLAIN_PROVIDERS.test(provider)) continue;
    const what = `fs.s3a.aws.credentials.provider ${provider} is not supported`;
    throw unsupported(where, `${what}: give an access key and a secret key`);
  }
  for (const key of ['fs.s3a.impl.disable.cache', 'fs.s3.impl.disable.cache']) {
    flag(where, key, true);
  }
  const maximum = where.properties['fs.s3a.connection.maximum'] ?? '';
  if (!/^\d*$/.test(maximum)) {
    throw unsupported(where, 'fs.s3a.connection.maximum must be a whole number');
  }
}

function endpointOf(where: BlobLocation, isNewStyle: boolean): string | undefined {
  const { properties } = where;
  const given = properties[isNewStyle ? 'aws.s3.endpoint' : 'fs.s3a.endpoint'] ?? '';
  if (given === '') return undefined;
  const isSsl = isNewStyle
    ? flag(where, 'aws.s3.enable_ssl', true)
    : flag(where, 'fs.s3a.connection.ssl.enabled', false);
  const text = /^https?:\/\//i.test(given) ? given : `${isSsl ? 'https' : 'http'}://${given}`;
  if (!URL.canParse(text)) throw unsupported(where, `endpoint ${given} is no address`);
  return new URL(text).origin;
}

/** `s3.eu-west-1.amazonaws.com` -> `eu-west-1`. */
function regionOf(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined;
  return /^s3[.-]([a-z0-9-]+)\.amazonaws\.com/.exec(new URL(endpoint).hostname)?.[1];
}

function credentialsOf(where: BlobLocation, isNewStyle: boolean): S3Credentials | undefined {
  const { properties } = where;
  const names = isNewStyle
    ? (['aws.s3.access_key', 'aws.s3.secret_key'] as const)
    : (['fs.s3a.access.key', 'fs.s3a.secret.key'] as const);
  const accessKeyId = properties[names[0]] ?? '';
  const secretAccessKey = properties[names[1]] ?? '';
  if (accessKeyId === '' && secretAccessKey === '') return undefined;
  const missing = accessKeyId === '' ? names[0] : names[1];
  if (accessKeyId === '' || secretAccessKey === '')
    throw unsupported(where, `${missing} is missing`);
  const sessionToken = properties['aws.s3.session_token'] ?? '';
  return { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) };
}

function flag(where: BlobLocation, key: string, fallback: boolean): boolean {
  const text = (where.properties[key] ?? '').toLowerCase();
  if (text === '') return fallback;
  if (text === 'true' || text === 'false') return text === 'true';
  throw unsupported(where, `${key} must be true or false`);
}

function unsupported(where: BlobLocation, what: string): SimError {
  return new SimError(
    'blob-location-unsupported',
    `location ${redactLocation(where.location)}: ${what}`,
  );
}
