/** The forms of Apache Doris: `WITH S3 | HDFS | LOCAL`. */
import { describe, expect, test } from 'vitest';
import { placeOfForm } from '../../../src/fe/execute/repository-forms.ts';
import type { CreateRepository } from '../../../src/sql/ast.ts';
import { smallWorld } from './support/world.ts';

function placeOf(
  withWord: CreateRepository['withWord'],
  location: string,
  properties: Readonly<Record<string, string>> = {},
): unknown {
  return placeOfForm({
    kind: 'create-repository',
    readOnly: false,
    name: 'r',
    withWord,
    broker: undefined,
    location,
    properties: new Map(Object.entries(properties)),
  });
}

describe('a repository in the words of Doris', () => {
  test('in S3 is one with the properties of StarRocks', () => {
    const properties = {
      's3.endpoint': 'http://minio:9000',
      's3.region': 'r',
      's3.access_key': 'a',
      AWS_SECRET_KEY: 's',
      use_path_style: 'true',
      other: 'x',
    };
    expect(placeOf('S3', 's3://b/p', properties)).toEqual({
      location: 's3://b/p',
      properties: {
        'aws.s3.endpoint': 'http://minio:9000',
        'aws.s3.region': 'r',
        'aws.s3.access_key': 'a',
        'aws.s3.secret_key': 's',
        'aws.s3.enable_path_style_access': 'true',
        other: 'x',
      },
    });
    expect(placeOf('S3', 's3://b', { 's3.endpoint': 'minio:9000' })).toMatchObject({
      properties: { 'aws.s3.enable_ssl': 'false' },
    });
  });

  test('in HDFS names its user, on the disk its path', () => {
    const hdfs = { 'fs.defaultFS': 'hdfs://n:9000', 'hadoop.username': 'ann' };
    expect(placeOf('HDFS', 'hdfs:///p', hdfs)).toEqual({
      location: 'hdfs:///p',
      properties: { 'fs.defaultFS': 'hdfs://n:9000', username: 'ann' },
    });
    expect(placeOf('LOCAL', '/p')).toMatchObject({ location: 'file:///p' });
    expect(placeOf('LOCAL', 'file:///p')).toMatchObject({ location: 'file:///p' });
  });

  test('is left alone behind a broker', () => {
    const properties = { 's3.endpoint': 'e' };
    expect(placeOf('BROKER', 'anything', properties)).toEqual({ location: 'anything', properties });
  });

  test.each<[CreateRepository['withWord'], string, Readonly<Record<string, string>>, string]>([
    ['S3', 'hdfs://n/p', {}, 'WITH S3 wants a location that begins with s3://'],
    ['HDFS', '/p', {}, 'WITH HDFS wants a location that begins with hdfs:// or webhdfs://'],
    ['LOCAL', 's3://b', {}, 'WITH LOCAL wants'],
    ['S3', 's3://b', { 's3.region': 'a', AWS_REGION: 'b' }, 'aws.s3.region is given twice'],
  ])('WITH %s at %s is refused', (word, location, properties, text) => {
    expect(() => placeOf(word, location, properties)).toThrow(text);
  });
});

test('a repository WITH LOCAL is kept and shown under its file:// location', () => {
  const world = smallWorld();
  world.clock.run(world.files.makeDirectory('/backups'));
  world.run("CREATE REPOSITORY r WITH LOCAL ON LOCATION '/backups'");
  expect(world.rows('SHOW REPOSITORIES').map((row) => row[4])).toEqual(['file:///backups']);
  expect(world.failure("CREATE REPOSITORY x WITH HDFS ON LOCATION '/p'")).toMatchObject({
    code: 1064,
  });
});

test('conditions of the emulator for a store are refused with --strict', () => {
  const create = (name: string): string => `CREATE REPOSITORY ${name} WITH BROKER
    ON LOCATION 'memory://b' PROPERTIES ('emulator.lag_ms' = '5')`;
  expect(smallWorld({ strict: true }).failure(create('r'))).toMatchObject({
    code: 1064,
    text: expect.stringContaining('emulator.lag_ms, which --strict refuses'),
  });
  const world = smallWorld();
  world.run(create('r'));
  expect(world.rows('SHOW SNAPSHOT ON r')).toEqual([]);
});
