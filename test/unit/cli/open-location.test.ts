import { describe, expect, test } from 'vitest';
import { readLocation } from '../../../src/cli/storage/open-location.ts';

const KEYS = {
  AWS_ACCESS_KEY_ID: 'AKID',
  AWS_SECRET_ACCESS_KEY: 'canary',
  AWS_REGION: '',
  AWS_DEFAULT_REGION: 'eu-west-1',
};

describe('a location on the command line', () => {
  test('is a path where it has no scheme', () => {
    const { location, shown, properties } = readLocation('backups', [], KEYS);
    expect(location).toBe(`file://${process.cwd()}/backups`);
    expect({ shown, properties }).toEqual({ shown: 'backups', properties: {} });
    expect(readLocation('/a/b', [], {}).location).toBe('file:///a/b');
  });

  test('takes what no property says from the environment', () => {
    expect(readLocation('s3://b/p', ['aws.s3.access_key=mine'], KEYS).properties).toEqual({
      'aws.s3.access_key': 'mine',
      'aws.s3.secret_key': 'canary',
      'aws.s3.region': 'eu-west-1',
    });
    expect(readLocation('hdfs://n/p', [], { HADOOP_USER_NAME: 'ann' }).properties).toEqual({
      username: 'ann',
    });
  });

  test('takes a server of the environment to have no name for each bucket', () => {
    const environment = { AWS_ENDPOINT_URL: 'http://127.0.0.1:9000' };
    expect(readLocation('s3a://b', [], environment).properties).toEqual({
      'aws.s3.endpoint': 'http://127.0.0.1:9000',
      'aws.s3.enable_path_style_access': 'true',
    });
    const told = readLocation('s3a://b', ['aws.s3.endpoint=https://s3.example.org'], environment);
    expect(told.properties).toEqual({ 'aws.s3.endpoint': 'https://s3.example.org' });
  });

  test('leaves the environment alone beside properties of the older spelling', () => {
    const properties = ['fs.s3a.access.key=k', 'fs.s3a.secret.key=s'];
    expect(readLocation('s3a://b', properties, KEYS).properties).toEqual({
      'fs.s3a.access.key': 'k',
      'fs.s3a.secret.key': 's',
    });
  });

  test('keeps all after the first = of a property', () => {
    expect(readLocation('s3a://b', ['aws.s3.secret_key=a=b='], {}).properties).toEqual({
      'aws.s3.secret_key': 'a=b=',
    });
  });

  test.each(['aws.s3.secret_key', '=canary', 'canary'])(
    'refuses the property %s without showing it',
    (property) => {
      const read = (): unknown => readLocation('s3a://b', ['x=y', property], {});
      expect(read).toThrow(/^--property number 2 must have the form key=value/);
    },
  );

  test('shows no user or password that stands in the URL, and refuses an empty one', () => {
    expect(readLocation('s3a://k:canary@b/p', [], {}).shown).not.toContain('canary');
    expect(() => readLocation(' ', [], {})).toThrow('the URL must not be empty');
  });
});
