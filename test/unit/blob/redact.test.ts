import { expect, test } from 'vitest';
import { redactLocation, redactProperties } from '../../../src/blob/redact.ts';

test('values of properties that are secrets by their name are masked, others stay', () => {
  const masked = redactProperties({
    'aws.s3.access_key': 'AK',
    'aws.s3.secret_key': 'SK',
    'aws.s3.session_token': 'T',
    'aws.s3.region': 'us-east-1',
    'fs.s3a.secret.key': 'S2',
    'fs.oss.accessKeySecret': 'S3',
    'fs.ks3.AccessSecret': 'S4',
    'azure.adls1.oauth2_credential': 'C',
    kerberos_keytab_content: 'K',
    username: 'me',
    password: 'P',
  });
  expect(masked).toEqual({
    'aws.s3.access_key': '******',
    'aws.s3.secret_key': '******',
    'aws.s3.session_token': '******',
    'aws.s3.region': 'us-east-1',
    'fs.s3a.secret.key': '******',
    'fs.oss.accessKeySecret': '******',
    'fs.ks3.AccessSecret': '******',
    'azure.adls1.oauth2_credential': '******',
    kerberos_keytab_content: '******',
    username: 'me',
    password: '******',
  });
});

test('user and password before a host are masked', () => {
  expect(redactLocation('s3a://key:secret@bucket/path@x')).toBe('s3a://******@bucket/path@x');
  expect(redactLocation('file:///a/b@c')).toBe('file:///a/b@c');
});
