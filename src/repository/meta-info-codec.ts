/**
 * `__meta`: whole catalog objects behind a length (repository.md 3.2). Only the framing and the top
 * level are known here; a table's JSON is the catalog's own and comes in as `TableCodec`.
 */

import { SimError } from '../base/errors.ts';
import { MIB } from '../base/units.ts';
import { gathered } from '../base/write-file.ts';
import {
  decodeExternalCatalog,
  decodeFunction,
  decodeView,
  externalCatalogJson,
  functionJson,
  isViewJson,
  viewJson,
} from '../catalog/codec-objects.ts';
import type { JsonText } from '../catalog/json-chunks.ts';
import { JsonCursor } from '../catalog/json-cursor.ts';
import type { Table, View } from '../catalog/model.ts';
import { asArray, asObject, field, JsonFieldError, parseJsonObject } from './json-fields.ts';
import type { BackupMeta } from './meta-info.ts';

/** The one JSON codec of tables, which edit log and image use too. Encoding twice is the same. */
export interface TableCodec {
  /** The JSON text of a table in pieces; no piece ends inside a surrogate pair. */
  encodeTable(table: Table): JsonText;
  /** Throws a `SimError` that names what it cannot read. */
  decodeTable(json: unknown): Table;
}

export interface MetaForm {
  /** `functions` and `catalogs` are written from 3.4 on (resolutions.md 6). */
  readonly hasFunctionsAndCatalogs: boolean;
}

export const CURRENT_META_FORM: MetaForm = Object.freeze({ hasFunctionsAndCatalogs: true });

/** What StarRocks' reader allocates at most. */
export const META_BYTES_MAX = 1_073_741_822;

/** Of text that is kept until its length is known; what is longer is encoded again. */
const HELD_BYTES_MAX: number = 64 * MIB;

const LENGTH_BYTES = 4;
const OPENING_BRACE = 0x7b;

/**
 * The bytes of the file, in pieces. A catalog too large to be held is encoded twice, first to learn
 * the length: it is hundreds of megabytes of JSON, of which never more than a piece is held.
 */
export function* encodeMeta(
  meta: BackupMeta,
  codec: TableCodec,
  form: MetaForm = CURRENT_META_FORM,
  heldBytesMax: number = HELD_BYTES_MAX,
): Iterable<Uint8Array> {
  let sizeBytes = 0;
  let held: Uint8Array[] | undefined = [];
  for (const bytes of gathered(metaText(meta, codec, form))) {
    sizeBytes += bytes.length;
    if (sizeBytes > heldBytesMax) held = undefined;
    held?.push(bytes);
  }
  if (sizeBytes > META_BYTES_MAX) {
    throw new SimError(
      'limit-reached',
      `__meta would be ${sizeBytes} bytes, at most ${META_BYTES_MAX} can be read back`,
    );
  }
  const head = Buffer.alloc(LENGTH_BYTES);
  head.writeUInt32BE(sizeBytes);
  yield head;
  let written = 0;
  for (const bytes of held ?? gathered(metaText(meta, codec, form))) {
    written += bytes.length;
    yield bytes;
  }
  if (written !== sizeBytes) {
    throw new SimError('bug', `__meta came to ${written} bytes after ${sizeBytes} were counted`);
  }
}

function* metaText(meta: BackupMeta, codec: TableCodec, form: MetaForm): JsonText {
  yield '{"tblNameMap":{';
  let lead = '';
  for (const [name, table] of meta.tables) {
    yield `${lead}${quoteGson(name)}:`;
    yield* codec.encodeTable(table);
    lead = ',';
  }
  for (const [name, view] of meta.views) {
    yield `${lead}${quoteGson(name)}:${JSON.stringify(viewJson(view))}`;
    lead = ',';
  }
  const functions = JSON.stringify(meta.functions.map(functionJson));
  const catalogs = JSON.stringify(meta.catalogs.map(externalCatalogJson));
  yield form.hasFunctionsAndCatalogs ? `},"functions":${functions},"catalogs":${catalogs}}` : '}}';
}

/** A key as gson writes it: characters that mean something in HTML are escaped. */
function quoteGson(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&='\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * Throws `metadata-unreadable` that says what is wrong with the file. Functions of a real cluster
 * lack what the emulator adds: they are refused, naming the path.
 */
export function decodeMeta(bytes: Uint8Array, codec: TableCodec): BackupMeta {
  const json = metaJson(bytes);
  if (json === undefined) throw binaryMeta();
  try {
    const root = parseJsonObject(json, '__meta');
    const objects = asObject(field(root, 'tblNameMap'), '__meta.tblNameMap');
    const tables = new Map<string, Table>();
    const views = new Map<string, View>();
    for (const [name, object] of Object.entries(objects)) {
      const json = new JsonCursor(object);
      if (isViewJson(json)) views.set(name, decodeView(json));
      else tables.set(name, codec.decodeTable(object));
    }
    const functions = asArray(field(root, 'functions') ?? [], '__meta.functions');
    const catalogs = asArray(field(root, 'catalogs') ?? [], '__meta.catalogs');
    return {
      tables,
      views,
      functions: functions.map((one) => decodeFunction(new JsonCursor(one))),
      catalogs: catalogs.map((one) => decodeExternalCatalog(new JsonCursor(one))),
    };
  } catch (error) {
    if (!(error instanceof JsonFieldError)) throw error;
    throw new SimError('metadata-unreadable', `malformed snapshot meta: ${error.message}`, {
      cause: error,
    });
  }
}

function binaryMeta(): SimError {
  return new SimError(
    'metadata-unreadable',
    '__meta is in the binary form of Apache Doris and of StarRocks before 3.3, ' +
      'which cannot be read',
    { hint: 'Make the backup again with a newer release.' },
  );
}

/**
 * The text behind the length, or undefined for the binary form of Apache Doris and of StarRocks
 * before 3.3. Throws `metadata-unreadable` for what is cut or is no text.
 */
export function metaJson(bytes: Uint8Array): string | undefined {
  if (bytes.length <= LENGTH_BYTES) {
    throw new SimError('metadata-unreadable', `__meta has only ${bytes.length} bytes`);
  }
  if (bytes[LENGTH_BYTES] !== OPENING_BRACE) return undefined;
  const sizeBytes = Buffer.from(bytes.buffer, bytes.byteOffset, LENGTH_BYTES).readUInt32BE();
  if (sizeBytes > META_BYTES_MAX || sizeBytes > bytes.length - LENGTH_BYTES) {
    throw new SimError(
      'metadata-unreadable',
      `__meta announces ${sizeBytes} bytes of JSON and has ${bytes.length - LENGTH_BYTES}`,
    );
  }
  const text = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + sizeBytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(text);
  } catch (error) {
    throw new SimError('metadata-unreadable', '__meta is not UTF-8', { cause: error });
  }
}
