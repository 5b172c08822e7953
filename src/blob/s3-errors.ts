/**
 * What an S3 store answers, as the errors of `blob-storage.ts`: which object, what happened, what
 * to do. Never a credential.
 */
import { type ErrorCode, SimError } from '../base/errors.ts';
import type { BlobKey } from './blob-storage.ts';

/** The parts of an error of the client library that say something. */
interface Answer {
  readonly name: string;
  readonly message: string;
  readonly status: number | undefined;
  /** Of the connection, as the operating system names it. */
  readonly errno: string | undefined;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly text: string;
  readonly hint?: string;
}

export interface S3Subject {
  readonly operation: string;
  readonly key: BlobKey;
  readonly bucket: string;
  readonly endpoint: string | undefined;
}

export function s3Error(error: unknown, subject: S3Subject): SimError {
  if (error instanceof SimError) return error;
  const { code, text, hint } = meaningOf(answerOf(error), subject);
  const { operation, bucket, key } = subject;
  return new SimError(code, `${operation} ${key} in bucket ${bucket}: ${text}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

export function isNotFound(error: unknown): boolean {
  const { name, status } = answerOf(error);
  return name === 'NoSuchKey' || name === 'NotFound' || (status === 404 && name !== 'NoSuchBucket');
}

export function isRangeRefusal(error: unknown): boolean {
  const { name, status } = answerOf(error);
  return name === 'InvalidRange' || status === 416;
}

function answerOf(error: unknown): Answer {
  const from = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly name?: unknown;
    readonly Code?: unknown;
    readonly message?: unknown;
    readonly code?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  return {
    name: String(from.Code ?? from.name ?? 'Error'),
    message: String(from.message ?? error),
    status: from.$metadata?.httpStatusCode,
    errno: typeof from.code === 'string' ? from.code : undefined,
  };
}

function meaningOf(answer: Answer, { bucket, endpoint }: S3Subject): Meaning {
  const { name, message, status, errno } = answer;
  const server = endpoint ?? 'AWS';
  switch (name) {
    case 'NoSuchBucket':
      return {
        code: 'blob-location-unusable',
        text: 'the bucket does not exist',
        hint: `Create the bucket ${bucket} on ${server}, or mend the location.`,
      };
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
      return {
        code: 'blob-not-permitted',
        text: `${server} refused the credentials (${name})`,
        hint: 'Check aws.s3.access_key and aws.s3.secret_key of the repository.',
      };
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
      return {
        code: 'blob-location-unusable',
        text: `${server} says that the bucket is in another region (${message})`,
        hint: 'Set aws.s3.region, and aws.s3.endpoint to the address of that region.',
      };
    default:
      break;
  }
  if (isNotFound(answerError(answer))) return { code: 'blob-not-found', text: 'no such object' };
  if (status === 403 || status === 401 || name === 'AccessDenied') {
    // The answer to a HEAD has no body, so wrong credentials may come without their own name.
    return {
      code: 'blob-not-permitted',
      text: `${server} denied access`,
      hint:
        'Check aws.s3.access_key and aws.s3.secret_key of the repository: they need to list, ' +
        `read, write and delete in bucket ${bucket}.`,
    };
  }
  if (errno === 'ENOTFOUND' || errno === 'EAI_AGAIN') {
    return {
      code: 'blob-unreachable',
      text: `the host of ${server} is unknown`,
      hint: 'Check aws.s3.endpoint; most stores other than AWS need path-style access too.',
    };
  }
  if (isNotTls(answer)) {
    return {
      code: 'blob-location-unusable',
      text: `${server} does not speak TLS`,
      hint: "Set 'aws.s3.enable_ssl' = 'false', or write http:// before aws.s3.endpoint.",
    };
  }
  if (isTransient(answer)) {
    return {
      code: 'blob-unreachable',
      text: `${server} did not serve the request (${name}: ${message})`,
      hint: 'Check that the server runs and that aws.s3.endpoint names it, then try again.',
    };
  }
  return { code: 'blob-error', text: `${name}: ${message}` };
}

/** The shape that `isNotFound` looks at, out of what was read before. */
const answerError = ({ name, status }: Answer): unknown => ({
  name,
  $metadata: { httpStatusCode: status },
});

/** OpenSSL's words for an answer that is no handshake, such as one in plain HTTP. */
function isNotTls({ errno, message }: Answer): boolean {
  return errno === 'EPROTO' || /wrong version number|packet length too long/i.test(message);
}

const TRANSIENT = new Set([
  'SlowDown',
  'RequestTimeout',
  'TimeoutError',
  'InternalError',
  'ServiceUnavailable',
]);

function isTransient({ name, status, errno }: Answer): boolean {
  return TRANSIENT.has(name) || errno !== undefined || (status !== undefined && status >= 500);
}
