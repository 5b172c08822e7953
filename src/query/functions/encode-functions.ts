/** Functions that write text in other letters, or make a number or a digest of it. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { SimError } from '../../base/errors.ts';
import type { Cell } from '../../base/sql-type.ts';
import { BIGINT, INT, isInteger, STRING } from '../types.ts';
import { CALL_ARGS_MAX, type CallArgument, type FunctionSpec, fixed } from './function-spec.ts';

const text1 = (name: string, value: (text: string) => Cell): FunctionSpec =>
  fixed(name, [STRING], STRING, { evaluate: ([text]) => value(String(text)) });

/** Bytes as text; bytes that are no text have no value here. */
function textOfBytes(functionName: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SimError('unsupported', `${functionName} of bytes that are no text`, { cause });
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function unhex(text: string): string {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return '';
  return textOfBytes('unhex', Buffer.from(text, 'hex'));
}

const SHA2_NAMES: Readonly<Record<string, string>> = {
  0: 'sha256',
  224: 'sha224',
  256: 'sha256',
  384: 'sha384',
  512: 'sha512',
};

const urlEncode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

function urlDecode(text: string): string {
  const bytes = text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  // Characters above a byte stand for themselves.
  const isPlain = /^[\0-\xff]*$/.test(text);
  return isPlain ? textOfBytes('url_decode', Buffer.from(bytes, 'latin1')) : bytes;
}

const URL_FORM =
  /^(?<PROTOCOL>[^:/?#]+):\/\/(?<AUTHORITY>(?:(?<USERINFO>[^@/?#]*)@)?(?<HOST>[^:/?#]*)(?::(?<PORT>\d+))?)(?<PATH>\/[^?#]*)?(?:\?(?<QUERY>[^#]*))?(?:#(?<REF>.*))?$/s;

function urlPart([url, part]: readonly Cell[]): Cell {
  const groups = URL_FORM.exec(String(url).trim())?.groups;
  const name = String(part);
  if (name !== 'FILE') return groups?.[name] ?? null;
  const query = groups?.['QUERY'];
  const path = groups?.['PATH'];
  return path === undefined ? null : `${path}${query === undefined ? '' : `?${query}`}`;
}

const rotate = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

/** MurmurHash3 of 32 bits; each argument is the seed of the next. */
function murmur3(bytes: Uint8Array, seed: number): number {
  const mixed = (word: number): number =>
    Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);
  const blocks = bytes.length >> 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let hash = seed;
  for (let block = 0; block < blocks; block += 1) {
    hash = Math.imul(rotate(hash ^ mixed(view.getUint32(block * 4, true)), 13), 5) + 0xe6546b64;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= blocks * 4; at -= 1) tail = (tail << 8) | (bytes[at] ?? 0);
  hash ^= mixed(tail) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const MURMUR_SEED = 104_729;

const murmurHash: FunctionSpec = Object.freeze({
  name: 'MURMUR_HASH3_32',
  argsMin: 1,
  argsMax: CALL_ARGS_MAX,
  types: (given: readonly CallArgument[]) => ({ args: given.map(() => STRING), result: INT }),
  evaluate: (args: readonly Cell[]) =>
    args.reduce<number>((seed, arg) => murmur3(Buffer.from(String(arg)), seed), MURMUR_SEED),
});

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The whole number at the start of a text in a base; none is zero. */
function parseInBase(text: string, base: number): bigint {
  const [, sign = '', word = ''] = /^\s*([+-]?)([0-9A-Za-z]*)/.exec(text) ?? [];
  let value = 0n;
  for (const char of word.toUpperCase()) {
    const digit = DIGITS.indexOf(char);
    if (digit >= base) break;
    value = value * BigInt(base) + BigInt(digit);
  }
  return sign === '-' ? -value : value;
}

/** Bases are 2 to 36; a negative target base reads the number as one with a sign. */
function convert([value, from, to]: readonly Cell[]): Cell {
  const [source, target] = [Math.abs(Number(from)), Math.abs(Number(to))];
  if (source < 2 || source > 36 || target < 2 || target > 36) return null;
  const whole = parseInBase(String(value), source);
  const shown = Number(to) < 0 ? BigInt.asIntN(64, whole) : BigInt.asUintN(64, whole);
  return shown.toString(target).toUpperCase();
}

const conv: FunctionSpec = Object.freeze({
  name: 'CONV',
  argsMin: 3,
  argsMax: 3,
  types: ([value]: readonly CallArgument[]) => ({
    args: [value !== undefined && isInteger(value.type) ? BIGINT : STRING, INT, INT],
    result: STRING,
  }),
  evaluate: convert,
});

export const ENCODE_FUNCTIONS: readonly FunctionSpec[] = [
  text1('UNHEX', unhex),
  text1('TO_BASE64', (text) => Buffer.from(text).toString('base64')),
  text1('FROM_BASE64', (text) =>
    BASE64.test(text) ? textOfBytes('from_base64', Buffer.from(text, 'base64')) : null,
  ),
  text1('URL_ENCODE', urlEncode),
  text1('URL_DECODE', urlDecode),
  fixed('PARSE_URL', [STRING, STRING], STRING, { evaluate: urlPart }),
  fixed('SHA2', [STRING, INT], STRING, {
    evaluate: ([text, bits]) => {
      const name = SHA2_NAMES[String(bits)];
      return name === undefined ? null : createHash(name).update(String(text)).digest('hex');
    },
  }),
  fixed('CRC32', [STRING], BIGINT, { evaluate: ([text]) => BigInt(crc32(String(text))) }),
  murmurHash,
  conv,
  fixed('CHAR', [INT], STRING, {
    evaluate: ([n]) => {
      const code = Number(n);
      if (code >= 0 && code < 128) return String.fromCharCode(code);
      throw new SimError('unsupported', `char(${code}): only 0 to 127 are supported`);
    },
  }),
];
