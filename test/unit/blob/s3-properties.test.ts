import { describe, expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { type S3Place, s3Place } from '../../../src/blob/s3-properties.ts';

const KEYS = { 'aws.s3.access_key': 'id', 'aws.s3.secret_key': 'hunter2' };

function place(location: string, properties: Readonly<Record<string, string>> = KEYS): S3Place {
  const rest = location.slice(location.indexOf(':') + 1);
  return s3Place({ location, brokerName: '', properties }, rest);
}

function refusal(location: string, properties: Readonly<Record<string, string>>): string {
  try {
    place(location, properties);
  } catch (error) {
    if (error instanceof SimError) return `${error.code}: ${error.message} ${error.hint ?? ''}`;
  }
  throw new Error('was not refused');
}

describe('the properties of an S3 repository', () => {
  test('new-style keys: TLS unless told otherwise, names before the host', () => {
    expect(place('s3://bucket/a/b', { ...KEYS, 'aws.s3.endpoint': 'h:9000' })).toEqual({
      bucket: 'bucket',
      root: '/a/b',
      endpoint: 'https://h:9000',
      region: 'us-east-1',
      isPathStyle: false,
      credentials: { accessKeyId: 'id', secretAccessKey: 'hunter2' },
    });
  });

  test('older keys: no TLS unless told otherwise, names in the path', () => {
    const old = {
      'fs.s3a.access.key': 'id',
      'fs.s3a.secret.key': 'k',
      'fs.s3a.endpoint': 'h:9000',
    };
    expect(place('s3a://bucket', old)).toMatchObject({
      endpoint: 'http://h:9000',
      isPathStyle: true,
      credentials: { accessKeyId: 'id', secretAccessKey: 'k' },
    });
    const ssl = { ...old, 'fs.s3a.connection.ssl.enabled': 'true' };
    expect(place('s3a://bucket', ssl).endpoint).toBe('https://h:9000');
  });

  test('one new-style key makes the older ones count for nothing', () => {
    const both = { ...KEYS, 'fs.s3a.access.key': 'other', 'fs.s3a.endpoint': 'h' };
    expect(place('s3://bucket', both)).toMatchObject({
      endpoint: undefined,
      credentials: { accessKeyId: 'id' },
    });
  });

  test.each([
    [{ 'aws.s3.region': 'eu-north-1' }, 'eu-north-1'],
    [{ 'aws.s3.endpoint': 'https://s3.ap-south-1.amazonaws.com' }, 'ap-south-1'],
    [{ 'aws.s3.endpoint': 'minio:9000', 'aws.s3.region': '' }, 'us-east-1'],
  ])('the region of %o is %s', (properties, region) => {
    expect(place('s3://bucket', { ...KEYS, ...properties }).region).toBe(region);
  });

  test('a session token travels, and without keys nothing is signed', () => {
    const withToken = { ...KEYS, 'aws.s3.session_token': 't' };
    expect(place('s3://bucket', withToken).credentials).toMatchObject({ sessionToken: 't' });
    expect(place('s3://bucket', {}).credentials).toBeUndefined();
  });

  test.each([
    ['s3://', {}, 's3://<bucket>'],
    ['s3:/bucket', {}, 's3://<bucket>'],
    ['s3://bucket/a/../b', {}, "'.' or '..'"],
    ['s3://id:hunter2@bucket/a', {}, 'credentials belong into the properties'],
    ['s3://bucket', { 'aws.s3.access_key': 'id' }, 'aws.s3.secret_key is missing'],
    ['s3://bucket', { 'fs.s3a.secret.key': 'hunter2' }, 'fs.s3a.access.key is missing'],
    ['s3://b', { 'aws.s3.endpoint': 'h', 'aws.s3.enable_ssl': 'yes' }, 'enable_ssl must be true'],
    ['s3://bucket', { ...KEYS, 'aws.s3.endpoint': 'a b' }, 'endpoint a b is no address'],
    ['s3://bucket', { 'aws.s3.use_instance_profile': 'true' }, 'aws.s3.use_instance_profile is'],
    ['s3://bucket', { 'aws.s3.iam_role_arn': 'arn:x' }, 'aws.s3.iam_role_arn is not supported'],
  ])('%s with %o is refused: %s', (location, properties, text) => {
    const refused = refusal(location, properties);
    expect(refused).toContain('blob-location-unsupported');
    expect(refused).toContain(text);
    expect(refused).not.toContain('hunter2');
  });
});

describe('what StarRocks would not take, or only a cloud gives, is refused by name:', () => {
  const OLD = { 'fs.s3a.access.key': 'id', 'fs.s3a.secret.key': 'canary' };

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['s3a://my_bucket/p', KEYS, 'bucket is null/empty StarRocks cannot use my_bucket'],
    ['s3a://b', { ...OLD, 'fs.s3a.aws.credentials.provider': 'a.WebIdentity' }, 'a.WebIdentity is'],
    [
      's3a://b',
      { ...OLD, 'fs.s3a.impl.disable.cache': 'x' },
      'disable.cache must be true or false',
    ],
    ['s3a://b', { ...OLD, 'fs.s3a.connection.maximum': 'x' }, 'must be a whole number'],
    ['s3a://b', { 'gcp.gcs.service_account_email': 'a' }, 'gcp.gcs.service_account_email (Google'],
    ['s3a://b', { 'aws.s3.use_aws_sdk_default_behavior': 'true' }, 'give an access key'],
  ])('%s %j', (location, properties, text) => {
    expect(refusal(location, properties)).toContain(text);
    expect(refusal(location, properties)).not.toContain('canary');
  });

  test('but providers that sign in with the keys, and unused flags, are not', () => {
    const provider = 'org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider';
    const properties = {
      ...OLD,
      'fs.s3a.aws.credentials.provider': provider,
      'fs.s3a.connection.maximum': '100',
      'gcp.gcs.service_account_email': 'a',
    };
    expect(place('s3a://b', properties).credentials?.accessKeyId).toBe('id');
  });
});
