import { describe, expect, test } from 'vitest';
import { familyRefusal, refuseForeignFamily } from '../../../src/blob/cloud-families.ts';

type Properties = Readonly<Record<string, string>>;

const at = (location: string, properties: Properties) => ({ location, brokerName: '', properties });

describe('a store that is not reached', () => {
  test.each<[string, Properties, string]>([
    [
      'oss://b',
      { 'fs.oss.accessKeyId': 'k', 'fs.oss.endpoint': 'e' },
      'fs.oss.accessKeySecret is missing',
    ],
    ['oss://b', { 'aliyun.oss.endpoint': 'e' }, 'aliyun.oss.access_key is missing'],
    ['cosn://b', { 'fs.cosn.userinfo.secretId': 'k' }, 'fs.cosn.userinfo.secretKey is missing'],
    ['ks3://b', { 'fs.ks3.AccessSecret': 'canary' }, 'fs.ks3.AccessKey is missing'],
    [
      'obs://b',
      { 'fs.obs.access.key': 'k', 'fs.obs.secret.key': 'canary' },
      'fs.obs.endpoint is missing',
    ],
    [
      'tos://b',
      { 'fs.tos.endpoint': 'e', 'fs.tos.access.key': '' },
      'fs.tos.access.key is missing',
    ],
    [
      'tos://b',
      { 'fs.tos.impl.disable.cache': 'canary' },
      'fs.tos.impl.disable.cache must be true or false',
    ],
    ['oss://b', { 'fs.oss.connection.secure.enabled': 'x' }, 'must be true or false'],
    ['gs://b', { 'gcp.gcs.use_compute_engine_service_account': '1' }, 'must be true or false'],
    ['abfs://c@a/', { 'azure.adls2.shared_key': 'canary' }, 'Azure Data Lake Storage Gen2'],
    ['gs://b', { 'gcp.gcs.service_account_private_key': 'canary' }, 'Google Cloud Storage'],
  ])('%s with %j is told its mistake first, then its name', (location, properties, text) => {
    const scheme = location.slice(0, location.indexOf(':'));
    const error = familyRefusal(at(location, properties), scheme);
    expect(error?.code).toBe('blob-location-unsupported');
    expect(error?.message).toContain(text);
    expect(`${error?.message} ${error?.hint}`).not.toContain('canary');
  });

  test('is none of those that are', () => {
    for (const scheme of ['s3', 'hdfs', 'file', 'gopher']) {
      expect(familyRefusal(at(`${scheme}://x`, {}), scheme)).toBeUndefined();
    }
  });
});

test.each<[Properties, string]>([
  [{ 'gcp.gcs.service_account_email': 'a@b' }, 'gcp.gcs.service_account_email (Google'],
  [{ 'azure.blob.sas_token': 'canary' }, 'azure.blob.sas_token (Azure Blob'],
  [{ 'aliyun.oss.access_key': 'canary' }, 'aliyun.oss.access_key (Aliyun OSS'],
])('a reached location that signs in with %j is refused by the key', (properties, text) => {
  const refuse = (): void => refuseForeignFamily(at('s3a://b/p', properties));
  expect(refuse).toThrow(text);
  expect(refuse).not.toThrow('canary');
});

test('keys of a family that are empty or nobody’s do no harm', () => {
  expect(() =>
    refuseForeignFamily(at('s3a://b', { 'azure.blob.sas_token': '', 'my.own': 'x' })),
  ).not.toThrow();
});
