import { beforeEach, expect, test } from 'vitest';
import { SimError } from '../../../src/base/errors.ts';
import { noFaults } from '../../../src/base/fault.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow } from '../../../src/base/op.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import type { BlobLocation, OpenBlob, OpenedBlob } from '../../../src/blob/blob-storage.ts';
import { readObject, textSource } from '../../../src/blob/byte-source.ts';
import { MemoryBlob } from '../../../src/blob/memory.ts';
import { createOpenBlob } from '../../../src/blob/registry.ts';

let files: MemoryFiles;
let open: OpenBlob;

const at = (location: string, brokerName = ''): BlobLocation => ({
  location,
  brokerName,
  properties: { 'aws.s3.access_key': 'me', 'aws.s3.secret_key': 'hunter2' },
});

beforeEach(() => {
  files = new MemoryFiles();
  const clock = new VirtualClock();
  open = createOpenBlob({
    files,
    memory: new MemoryBlob(),
    faults: noFaults,
    clock,
    hasNetwork: true,
  });
});

function refusal(location: string, brokerName = ''): SimError {
  try {
    open(at(location, brokerName));
  } catch (error) {
    if (error instanceof SimError) return error;
  }
  throw new Error(`${location} was not refused`);
}

function checkOf(opened: OpenedBlob): () => void {
  return () => {
    if (opened.checkUsable !== undefined) runNow(opened.checkUsable());
  };
}

test.each([
  ['file:///backup/repo', '/backup/repo'],
  ['file:///backup//repo/', '/backup/repo'],
  ['FILE:/backup/repo', '/backup/repo'],
  ['file:///', '/'],
  ['memory://bucket', '/bucket'],
  ['memory://bucket/path/', '/bucket/path'],
])('%s opens at the key %s', (location, root) => {
  expect(open(at(location)).root).toBe(root);
});

test('those who open the same place see the same objects', () => {
  runNow(open(at('memory://b/x')).storage.put('/b/x/object', textSource('hi')));
  const again = open(at('memory://b/x')).storage;
  expect(Buffer.from(runNow(readObject(again, '/b/x/object', 10))).toString()).toBe('hi');
});

test.each([
  ['viewfs://n/p', 'ViewFS', 'name the hdfs:// location'],
  ['oss://b/p', 'Aliyun OSS', 's3a://<bucket>/<path>'],
  ['cosn://b/p', 'Tencent COS', 's3a://<bucket>/<path>'],
  ['ks3://b/p', 'Kingsoft KS3', 's3a://<bucket>/<path>'],
  ['obs://b/p', 'Huawei OBS', 's3a://<bucket>/<path>'],
  ['tos://b/p', 'Volcengine TOS', 's3a://<bucket>/<path>'],
  ['gs://b/p', 'Google Cloud Storage', 'storage.googleapis.com'],
  ['adl://a/p', 'Azure Data Lake Storage Gen1', 'use another store'],
  ['abfss://c@a/p', 'Azure Data Lake Storage Gen2', 'use another store'],
  ['wasbs://c@a/p', 'Azure Blob', 'use another store'],
])('%s is refused as %s, with what to use instead', (location, family, instead) => {
  const error = refusal(location);
  expect(error.code).toBe('blob-location-unsupported');
  expect(error.message).toContain(`${location.split(':')[0]}:// (${family}`);
  expect(error.hint).toContain(instead);
});

test('a scheme of nobody is refused with what works', () => {
  expect(refusal('gopher://x/y').message).toContain(
    'scheme gopher:// is unknown; use file:///<path>, s3://<bucket>/<path>, ' +
      'hdfs://<host>:<port>/<path>, memory://<name>',
  );
});

test('a broker reaches what the emulator reaches without one', () => {
  expect(open(at('file:///backup', 'broker7')).root).toBe('/backup');
});

test.each([
  'file://relative/path',
  'file:relative',
  'file:///a/../etc',
  '/no/scheme',
  '',
  'memory://',
])('the location "%s" is refused', (location) => {
  expect(refusal(location).code).toBe('blob-location-unsupported');
});

test('memory:// is refused where there is no store in memory', () => {
  const clock = new VirtualClock();
  open = createOpenBlob({ files, faults: noFaults, clock, hasNetwork: false });
  expect(refusal('memory://b').message).toContain('use file:///<path>');
});

test('s3:// and hdfs:// are refused by name where nothing outside can be reached', () => {
  const clock = new VirtualClock();
  open = createOpenBlob({ files, faults: noFaults, clock, hasNetwork: false });
  expect(refusal('s3://b/p').message).toContain('s3:// is not reached');
  expect(refusal('hdfs://n/p').message).toContain('hdfs:// is not reached');
});

test.each(['hdfs://n:8020/p', 'hdfs://n:9000//p/', 'webhdfs://n/p'])(
  '%s is a directory of one HDFS',
  (location) => {
    expect(open(at(location)).root).toBe('/p');
    expect(open(at(location)).storage).toBe(open(at('hdfs://n')).storage);
  },
);

test.each(['s3://b/p', 's3a://b/p/', 'S3N://b//p'])(
  '%s is a bucket and a key in it',
  (location) => {
    expect(open(at(location)).root).toBe('/p');
    expect(open(at(location)).storage).toBe(open(at('s3://b')).storage);
  },
);

test('no secret of a location or its properties is in an error', () => {
  const error = refusal('s3a://key:hunter2@bucket/path');
  expect(`${error.message} ${error.hint}`).not.toContain('hunter2');
});

test('a directory that is missing or a file is told by its path, one that is there is fine', () => {
  runNow(files.makeDirectory('/backup'));
  expect(checkOf(open(at('file:///backup')))).not.toThrow();
  expect(checkOf(open(at('file:///backup/typo')))).toThrow('/backup/typo does not exist');
  runNow(open(at('file:///')).storage.put('/backup/object', textSource('x')));
  expect(checkOf(open(at('file:///backup/object')))).toThrow('/backup/object is a file');
});
