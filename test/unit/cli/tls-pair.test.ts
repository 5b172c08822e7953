/** The options of `start` about TLS: whole pairs only, and no secret in what is said about them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { isSimError } from '../../../src/base/errors.ts';
import { tlsPairOf } from '../../../src/cli/tls-pair.ts';

const NONE = { host: '127.0.0.1', tls: false, requireTls: false };
const folder = mkdtempSync(join(tmpdir(), 'tls-pair-'));
const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
writeFileSync(certFile, 'a certificate');
writeFileSync(keyFile, 'a key');
afterAll(() => {
  rmSync(folder, { recursive: true });
});

test('nothing without a word, a made pair with --tls, files with both names', async () => {
  expect(await tlsPairOf(NONE)).toBeUndefined();
  const made = await tlsPairOf({ ...NONE, tls: true, requireTls: true });
  expect(made?.certificate).toMatch(/^-----BEGIN CERTIFICATE-----\n/);
  expect(await tlsPairOf({ ...NONE, tlsCert: certFile, tlsKey: keyFile })).toEqual({
    certificate: 'a certificate',
    privateKey: 'a key',
  });
});

test.each([
  ['half a pair', { tlsCert: certFile }, 'belong together'],
  ['the other half', { tlsKey: keyFile }, 'belong together'],
  ['a made pair beside files', { tls: true, tlsCert: certFile, tlsKey: keyFile }, '--tls makes'],
  ['TLS required and none offered', { requireTls: true }, '--require-tls'],
  ['a file that is not there', { tlsCert: certFile, tlsKey: join(folder, 'no') }, '--tls-key'],
])('%s is refused', async (_what, options, text) => {
  const error = await tlsPairOf({ ...NONE, ...options }).catch((thrown: unknown) => thrown);
  expect(isSimError(error, 'bad-option')).toBe(true);
  expect(String(error)).toContain(text);
});
