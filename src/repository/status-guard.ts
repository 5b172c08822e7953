/**
 * The border between code that throws and code that answers with a `Status`: errors of stores and
 * disks become statuses, bugs go on upwards.
 */
import { SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import { type ErrCode, failed, OK, type Status, type StatusOr } from './status.ts';

type FailedStatus = { readonly status: Status };

/** A failure as a value. */
export function failure(code: Exclude<ErrCode, 'OK'>, msg: string): FailedStatus {
  return { status: failed(code, msg) };
}

export function success<T>(value: T): { readonly status: typeof OK; readonly value: T } {
  return { status: OK, value };
}

/** Text for a user: the error, and what to do about it. */
export function errorText(error: SimError): string {
  return error.hint === undefined ? error.message : `${error.message}. ${error.hint}`;
}

/** The result, or `code` with the error's text after `what`; bugs are thrown. */
export function* guard<T>(
  what: string,
  op: Op<T>,
  code: Exclude<ErrCode, 'OK'> = 'COMMON_ERROR',
): Op<StatusOr<T>> {
  try {
    return success(yield* op);
  } catch (error) {
    return { status: statusOf(what, error, code) };
  }
}

/** As `guard`, for code that does not wait. */
export function guardNow<T>(what: string, run: () => T): StatusOr<T> {
  try {
    return success(run());
  } catch (error) {
    return { status: statusOf(what, error) };
  }
}

/** A caught error as a status; bugs are thrown again. */
export function statusOf(
  what: string,
  error: unknown,
  code: Exclude<ErrCode, 'OK'> = 'COMMON_ERROR',
): Status {
  if (!(error instanceof SimError) || error.code === 'bug') throw error;
  return failed(code, `${what}: ${errorText(error)}`);
}

/** Whether there is a value; narrows the type. */
export function isOk<T>(
  result: StatusOr<T>,
): result is { readonly status: typeof OK; readonly value: T } {
  return result.status.code === 'OK';
}
