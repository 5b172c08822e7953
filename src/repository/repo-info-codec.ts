/**
 * `__repo_info`: the small file that makes a directory a repository (repository.md 1.5). Its time
 * is written as it reads in the session's zone and read back as +08:00, as StarRocks does:
 * elsewhere a repository may show another create time than where it was made.
 */
import type { Millis } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import { formatDateTime, parseDateTime } from '../base/time-zone.ts';
import { asString, field, JsonFieldError, parseJsonObject } from './json-fields.ts';
import { compactJson } from './json-text.ts';

export interface RepoInfo {
  readonly name: string;
  readonly createTimeMs: Millis;
}

/** The zone in which every reader takes the time to be. */
const READ_ZONE = '+08:00';

const TIME_FORM = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

/** Text to be stored as UTF-8; milliseconds are lost. */
export function encodeRepoInfo({ name, createTimeMs }: RepoInfo, sessionTimeZone: string): string {
  return compactJson(
    new Map([
      ['name', name],
      ['create_time', formatDateTime(createTimeMs, sessionTimeZone)],
    ]),
  );
}

/** Throws `metadata-unreadable` that says what is wrong. Keys that are not known are ignored. */
export function decodeRepoInfo(text: string): RepoInfo {
  try {
    const json = parseJsonObject(text, '__repo_info');
    const name = asString(field(json, 'name'), 'name');
    const created = asString(field(json, 'create_time'), 'create_time');
    return { name, createTimeMs: parseCreateTime(created) };
  } catch (error) {
    if (!(error instanceof JsonFieldError)) throw error;
    throw new SimError('metadata-unreadable', `malformed __repo_info: ${error.message}`, {
      cause: error,
    });
  }
}

function parseCreateTime(text: string): Millis {
  const time = TIME_FORM.test(text) ? parseDateTime(text, READ_ZONE) : undefined;
  if (time !== undefined) return time;
  throw new SimError('metadata-unreadable', `failed to parse create time of repository: ${text}`);
}
