/**
 * A certificate that a server signs for itself, with a key made for it: X.509 in DER by hand, as
 * Node can read certificates but not make them (RFC 5280). P-256 and SHA-256.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { isIP } from 'node:net';
import type { Millis } from './clock.ts';
import { DAY_MS } from './units.ts';

export interface SelfSigned {
  /** PEM texts. */
  readonly certificate: string;
  readonly privateKey: string;
}

/** Clocks of clients may be behind. */
const BEFORE_MS: number = DAY_MS;
const VALID_MS: number = 825 * DAY_MS;
const SERIAL_BYTES = 16;

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
  dnsName: 0x82,
  ipAddress: 0x87,
} as const;

/** As they stand in DER, without tag and length. */
const OBJECT_ID = {
  ecdsaWithSha256: '2a8648ce3d040302',
  commonName: '550403',
  subjectAltName: '551d11',
  basicConstraints: '551d13',
} as const;

/** What clients may call a server that listens on `host`. */
export function certifiedHosts(host: string): readonly string[] {
  return [...new Set(['localhost', '127.0.0.1', '::1', host])];
}

/** For these host names or addresses, from a day before `nowMs` on for two years. */
export function selfSignedCertificate(hosts: readonly string[], nowMs: Millis): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keyInfo = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = der(TAG.sequence, objectId('ecdsaWithSha256'));
  const name = distinguishedName('starrocks-emulator');
  const body = der(
    TAG.sequence,
    der(TAG.version, der(TAG.integer, Buffer.of(2))),
    der(TAG.integer, serialOf(keyInfo)),
    algorithm,
    name,
    der(TAG.sequence, time(nowMs - BEFORE_MS), time(nowMs + VALID_MS)),
    name,
    keyInfo,
    der(TAG.extensions, der(TAG.sequence, authority(), alternativeNames(hosts))),
  );
  const signature = sign('sha256', body, privateKey);
  const bytes = der(TAG.sequence, body, algorithm, der(TAG.bits, Buffer.of(0), signature));
  return {
    certificate: pem('CERTIFICATE', bytes),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

/** Positive, and another one for each key. */
function serialOf(keyInfo: Buffer): Buffer {
  const serial = createHash('sha256').update(keyInfo).digest().subarray(0, SERIAL_BYTES);
  serial[0] = 0x40 | ((serial[0] ?? 0) & 0x3f);
  return serial;
}

const distinguishedName = (commonName: string): Buffer =>
  der(
    TAG.sequence,
    der(TAG.set, der(TAG.sequence, objectId('commonName'), der(TAG.utf8, Buffer.from(commonName)))),
  );

/** Clients may take the certificate itself as the authority they trust. */
const authority = (): Buffer =>
  der(
    TAG.sequence,
    objectId('basicConstraints'),
    der(TAG.boolean, Buffer.of(0xff)),
    der(TAG.octets, der(TAG.sequence, der(TAG.boolean, Buffer.of(0xff)))),
  );

const alternativeNames = (hosts: readonly string[]): Buffer =>
  der(
    TAG.sequence,
    objectId('subjectAltName'),
    der(TAG.octets, der(TAG.sequence, ...hosts.map(alternativeName))),
  );

function alternativeName(host: string): Buffer {
  return isIP(host) === 0
    ? der(TAG.dnsName, Buffer.from(host))
    : der(TAG.ipAddress, addressBytes(host));
}

/** Of an IPv4 or IPv6 address, with or without `::`. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // A URL writes all eight groups in hexadecimal, an IPv4 address within included.
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros = new Array<string>(8 - before.length - after.length).fill('0');
  const hex = [...before, ...zeros, ...after].map((group) => group.padStart(4, '0'));
  return Buffer.from(hex.join(''), 'hex');
}

/** `YYMMDDhhmmssZ`, which holds until 2049. */
function time(ms: Millis): Buffer {
  const text = new Date(ms).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(TAG.utcTime, Buffer.from(`${text}Z`));
}

const objectId = (name: keyof typeof OBJECT_ID): Buffer =>
  der(TAG.objectId, Buffer.from(OBJECT_ID[name], 'hex'));

/** Tag, length, content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const form = length < 0x80 ? [] : length < 0x100 ? [0x81] : [0x82, length >> 8];
  return Buffer.concat([Buffer.of(tag, ...form, length & 0xff), content]);
}

const PEM_COLUMNS = /.{1,64}/g;

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(PEM_COLUMNS) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
