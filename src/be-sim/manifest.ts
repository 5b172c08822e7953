/**
 * The header of a tablet in a snapshot directory: `<tablet id>.hdr`, for primary keys `meta`. It
 * is JSON and lists every file, which is what makes a missing one visible at a move.
 */
import { SimError } from '../base/errors.ts';
import type { Files } from '../base/files.ts';
import { asId, type TabletId } from '../base/ids.ts';
import type { NumberedForm } from '../base/instant-files.ts';
import { NumberedBytes, NumberedTemplate } from '../base/numbered-bytes.ts';
import type { Op } from '../base/op.ts';
import { KEYS_TYPES, type TabletSchema } from '../protocol/tablet-schema.ts';
import type { Rowset, RowsetFile } from './meta-records.ts';

export interface TabletManifest {
  readonly formatVersion: 1;
  readonly tabletId: TabletId;
  readonly schema: TabletSchema;
  readonly version: number;
  readonly rowsets: readonly Rowset[];
}

export const PRIMARY_KEY_MANIFEST = 'meta';
export const MANIFEST_SUFFIX = '.hdr';

export function manifestName(tabletId: TabletId, schema: TabletSchema): string {
  return schema.keysType === 'PRIMARY_KEYS'
    ? PRIMARY_KEY_MANIFEST
    : `${tabletId}${MANIFEST_SUFFIX}`;
}

/** As `JSON.stringify` indents it. */
export function encodeManifest(manifest: TabletManifest): Uint8Array {
  const { tabletId, schema, version, rowsets } = manifest;
  return Buffer.from(`${manifestHead(schema, version, rowsets)}${tabletId}${MANIFEST_TAIL}`);
}

/** The same, as bytes of which a simulated disk keeps the tablet's id alone. */
export function shareManifest(manifest: TabletManifest): NumberedBytes {
  const { tabletId, schema, version, rowsets } = manifest;
  return new NumberedBytes(manifestTemplate(schema, version, rowsets), tabletId);
}

/** The directories and headers of all tablets without rows that are alike in schema and version. */
export function emptySnapshotForm(schema: TabletSchema, version: number): NumberedForm {
  const known = emptyForms.get(schema);
  if (known?.version === version) return known.form;
  const form: NumberedForm = {
    below: (tabletId) => `${tabletId}/${schema.schemaHash}`,
    depth: 2,
    fileName: (tabletId) => manifestName(asId(tabletId), schema),
    template: manifestTemplate(schema, version, []),
  };
  emptyForms.set(schema, { version, form });
  return form;
}

/** Of the version that was asked for last. */
const emptyForms = new WeakMap<
  TabletSchema,
  { readonly version: number; readonly form: NumberedForm }
>();

function manifestTemplate(
  schema: TabletSchema,
  version: number,
  rowsets: readonly Rowset[],
): NumberedTemplate {
  const head = manifestHead(schema, version, rowsets);
  return new NumberedTemplate(Buffer.from(head), Buffer.from(MANIFEST_TAIL));
}

const MANIFEST_TAIL = '\n}\n';

/** All but the tablet's id, which comes last: what most headers have in common goes before. */
function manifestHead(schema: TabletSchema, version: number, rowsets: readonly Rowset[]): string {
  let schemaText = schemaTexts.get(schema);
  if (schemaText === undefined) {
    schemaText = nestedJson(schema);
    schemaTexts.set(schema, schemaText);
  }
  const fields = [
    '"formatVersion": 1',
    `"schema": ${schemaText}`,
    `"version": ${version}`,
    `"rowsets": ${nestedJson(rowsets)}`,
    '"tabletId": ',
  ];
  return `{\n ${fields.join(',\n ')}`;
}

/** The schema is alike for all tablets of an index. */
const schemaTexts = new WeakMap<TabletSchema, string>();

function nestedJson(value: unknown): string {
  return JSON.stringify(value, null, 1).replaceAll('\n', '\n ');
}

/** Throws `file-error`, naming the file, for what is no header. */
export function* readManifest(files: Files, path: string): Op<TabletManifest> {
  const manifest = decodeManifest(yield* files.read(path));
  if (manifest !== undefined) return manifest;
  throw new SimError('file-error', `tablet header ${path} cannot be read`);
}

/** Undefined for what is no header of ours, such as that of a real backend. */
export function decodeManifest(bytes: Uint8Array): TabletManifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return undefined;
  }
  return isManifest(value) ? value : undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function isManifest(value: unknown): value is TabletManifest {
  if (!isObject(value) || value['formatVersion'] !== 1) return false;
  const { version, rowsets, schema } = value as Partial<TabletManifest>;
  return (
    typeof version === 'number' &&
    isObject(schema) &&
    KEYS_TYPES.includes(schema.keysType as TabletSchema['keysType']) &&
    Array.isArray(schema.columns) &&
    Array.isArray(rowsets) &&
    rowsets.every(isRowset)
  );
}

function isRowset(value: unknown): value is Rowset {
  if (!isObject(value)) return false;
  const { rowsetId, startVersion, endVersion, files } = value as Partial<Rowset>;
  return (
    typeof rowsetId === 'string' &&
    typeof startVersion === 'number' &&
    typeof endVersion === 'number' &&
    Array.isArray(files) &&
    files.every(isRowsetFile)
  );
}

function isRowsetFile(value: unknown): value is RowsetFile {
  if (!isObject(value)) return false;
  const { name, kind, sizeBytes, md5, rowCount, hasRowVersions } = value as Partial<RowsetFile>;
  return (
    typeof name === 'string' &&
    !name.includes('/') &&
    (kind === 'data' || kind === 'delete') &&
    typeof sizeBytes === 'number' &&
    typeof md5 === 'string' &&
    typeof rowCount === 'number' &&
    typeof hasRowVersions === 'boolean'
  );
}
