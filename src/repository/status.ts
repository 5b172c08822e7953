/**
 * `Status` of StarRocks: how backup and restore steps report failure without throwing
 * (backup-jobs.md 1.1, repository.md 4.1).
 */

export const ERR_CODES = [
  'OK',
  'NOT_FOUND',
  'BAD_FILE',
  'CREATE_REMOTE_PATH_FAILED',
  'IS_DIR',
  'IS_FILE',
  'TIMEOUT',
  'BAD_CONNECTION',
  'COMMON_ERROR',
  'OLAP_VERSION_ALREADY_MERGED',
  'UNSUPPORTED',
  'BAD_REPLACE',
] as const;
export type ErrCode = (typeof ERR_CODES)[number];

export interface Status {
  readonly code: ErrCode;
  readonly msg: string;
}

export const OK: Status = Object.freeze({ code: 'OK', msg: '' });

export function failed(code: Exclude<ErrCode, 'OK'>, msg: string): Status {
  return { code, msg };
}

/** A value, or the status that says why there is none. */
export type StatusOr<T> =
  | { readonly status: typeof OK; readonly value: T }
  | { readonly status: Status; readonly value?: undefined };

/** `[OK]` or `[CODE, msg: text]`, as in the Status cell of SHOW BACKUP. */
export function statusText(status: Status): string {
  return status.code === 'OK' ? '[OK]' : `[${status.code}, msg: ${status.msg}]`;
}
