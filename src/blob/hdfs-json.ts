/**
 * Bodies of WebHDFS answers as data. A body that is not what WebHDFS says is a failure that names
 * what is missing, since then something else than a NameNode has answered.
 */
import { HdfsFailure } from './hdfs-failure.ts';

export interface FileStatus {
  /** The name below the directory that was listed; empty for the path itself. */
  readonly pathSuffix: string;
  readonly isFile: boolean;
  readonly sizeBytes: number;
}

/** `{"FileStatus": {...}}`. */
export function asStatus(body: unknown): FileStatus {
  return readStatus(field(body, 'FileStatus'));
}

/** `{"FileStatuses": {"FileStatus": [...]}}`. */
export function asStatuses(body: unknown): readonly FileStatus[] {
  const list = field(field(body, 'FileStatuses'), 'FileStatus');
  if (!Array.isArray(list)) throw notWebHdfs('FileStatus');
  return list.map(readStatus);
}

/** `{"DirectoryListing": {"partialListing": {"FileStatuses": ...}, "remainingEntries": 0}}`. */
export function asListing(text: string): {
  readonly files: readonly FileStatus[];
  readonly hasMore: boolean;
} {
  const listing = field(parsed(text), 'DirectoryListing');
  const files = asStatuses(field(listing, 'partialListing'));
  return { files, hasMore: Number(field(listing, 'remainingEntries')) > 0 };
}

/** `{"boolean": true}`; `undefined` for answers without a yes or no. */
export function asBoolean(body: unknown): boolean | undefined {
  if (typeof body !== 'object' || body === null || !('boolean' in body)) return undefined;
  return body.boolean === true;
}

function readStatus(json: unknown): FileStatus {
  const type = field(json, 'type');
  const sizeBytes = Number(field(json, 'length'));
  if (!Number.isSafeInteger(sizeBytes)) throw notWebHdfs('length');
  return { pathSuffix: String(field(json, 'pathSuffix')), isFile: type !== 'DIRECTORY', sizeBytes };
}

function field(json: unknown, key: string): unknown {
  if (typeof json === 'object' && json !== null && key in json) {
    return (json as Readonly<Record<string, unknown>>)[key];
  }
  throw notWebHdfs(key);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notWebHdfs('JSON');
  }
}

function notWebHdfs(missing: string): HdfsFailure {
  const text = `the answer is not one of WebHDFS: no ${missing} in it`;
  return new HdfsFailure({ server: '', status: 200, isForeign: true, text });
}
