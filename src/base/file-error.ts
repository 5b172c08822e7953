/** Errors of the operating system as `SimError`s with the codes that `files.ts` promises. */
import { type ErrorCode, SimError } from './errors.ts';

/**
 * `rename` onto a directory that is not empty may be either of the last two in POSIX; here it is
 * `file-exists`.
 */
const CODE_OF_ERRNO: Readonly<Record<string, ErrorCode>> = {
  ENOENT: 'file-not-found',
  EEXIST: 'file-exists',
  ENOTEMPTY: 'file-exists',
  EACCES: 'file-not-permitted',
  EPERM: 'file-not-permitted',
  EROFS: 'file-not-permitted',
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
};

const TEXT_OF_CODE: Partial<Readonly<Record<ErrorCode, string>>> = {
  'file-not-found': 'no such file or directory',
  'file-exists': 'file exists already',
  'file-not-permitted': 'no permission',
  'disk-full': 'no space left on the disk',
};

/** `ENOENT` and the like, or `undefined` for anything that the operating system did not say. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const { code } = error;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}

/** An error with one of the codes of `files.ts`, its text names the operation and the path. */
export function fileError(errno: string, action: string, path: string, cause?: unknown): SimError {
  const code = CODE_OF_ERRNO[errno] ?? 'file-error';
  const text = TEXT_OF_CODE[code] ?? errno;
  return new SimError(code, `cannot ${action} ${path}: ${text}`, { cause });
}

/** What `node:fs` threw; anything that carries no errno is passed on as it is. */
export function asFileError(error: unknown, action: string, path: string): unknown {
  const errno = errnoOf(error);
  return errno === undefined ? error : fileError(errno, action, path, error);
}
