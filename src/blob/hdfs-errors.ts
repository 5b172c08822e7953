/**
 * Failures of WebHDFS as the errors of `blob-storage.ts`: which object, what happened, what to do.
 * Hadoop answers 403 to most of what goes wrong, so the name of the Java exception decides.
 */
import { type ErrorCode, SimError } from '../base/errors.ts';
import type { BlobKey } from './blob-storage.ts';
import { HdfsFailure, type HdfsFailureFacts } from './hdfs-failure.ts';

export interface HdfsSubject {
  readonly operation: string;
  readonly key: BlobKey;
  /** Who asks, as HDFS knows it; absent when the location names no user. */
  readonly userName: string | undefined;
}

interface Meaning {
  readonly code: ErrorCode;
  readonly text: string;
  readonly hint?: string;
}

/** Anything but a failure of WebHDFS stays what it is. */
export function hdfsError(error: unknown, subject: HdfsSubject): unknown {
  if (!(error instanceof HdfsFailure)) return error;
  const { code, text, hint } = meaningOf(error.facts, subject);
  return new SimError(code, `${subject.operation} ${subject.key} in HDFS: ${text}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** Nothing is there, also because what should be a directory above is a file. */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof HdfsFailure)) return false;
  const { exception, text } = error.facts;
  if (exception === 'FileNotFoundException' || exception === 'ParentNotDirectoryException') {
    return true;
  }
  // What releases before 3 say of a path below a file.
  return exception === 'AccessControlException' && text.includes('is not a directory');
}

export function isExisting(error: unknown): boolean {
  return error instanceof HdfsFailure && error.facts.exception === 'FileAlreadyExistsException';
}

function meaningOf(facts: HdfsFailureFacts, subject: HdfsSubject): Meaning {
  const { server, text, errno, exception, status, isForeign } = facts;
  if (errno !== undefined) return connectionMeaning(errno, server, text);
  if (isForeign) {
    return {
      code: 'blob-location-unusable',
      text: `${server === '' ? 'the server' : server} answered, but not as WebHDFS (${text})`,
      hint: "Name the NameNode's HTTP address, as in 'dfs.namenode.http-address' = 'host:9870'.",
    };
  }
  return exceptionMeaning(exception ?? '', facts, subject) ?? statusMeaning(status ?? 0, facts);
}

function connectionMeaning(errno: string, server: string, text: string): Meaning {
  if (errno === 'ENOTFOUND' || errno === 'EAI_AGAIN') {
    return {
      code: 'blob-unreachable',
      text: `the host of ${server} is unknown`,
      hint: 'Check the location; the names of DataNodes must be known to this machine too.',
    };
  }
  return {
    code: 'blob-unreachable',
    text: `${server} did not serve the request (${errno}: ${text})`,
    hint:
      "Check that HDFS runs with WebHDFS, and that 'dfs.namenode.http-address' of the " +
      'repository names the NameNode, then try again.',
  };
}

function exceptionMeaning(
  exception: string,
  { text, server }: HdfsFailureFacts,
  { userName }: HdfsSubject,
): Meaning | undefined {
  switch (exception) {
    case 'FileNotFoundException':
      return { code: 'blob-not-found', text: 'no such file' };
    case 'AccessControlException':
      return {
        code: 'blob-not-permitted',
        text,
        hint: `Let the user ${userName ?? "(none: set 'username')"} read and write there, or name another one in 'username'.`,
      };
    case 'SecurityException':
    case 'AuthenticationException':
      return authenticationMeaning(server, text);
    case 'StandbyException':
      return {
        code: 'blob-unreachable',
        text: `${server} is a NameNode on standby`,
        hint: 'Name the active NameNode, or all of them in dfs.ha.namenodes behind a broker.',
      };
    case 'SafeModeException':
    case 'RetriableException':
      return {
        code: 'blob-unreachable',
        text: `${server} does not take changes now (${text})`,
        hint: 'Wait until the NameNode has left safe mode, then try again.',
      };
    case 'NSQuotaExceededException':
    case 'DSQuotaExceededException':
    case 'QuotaByStorageTypeExceededException':
      return {
        code: 'blob-error',
        text,
        hint: 'Raise the quota of the directory (hdfs dfsadmin), or remove old snapshots.',
      };
    case 'InvalidPathException':
      return {
        code: 'blob-error',
        text: `HDFS does not allow this name (${text})`,
        hint: "A name in HDFS may not hold ':'.",
      };
    default:
      return undefined;
  }
}

function statusMeaning(status: number, { server, text, exception }: HdfsFailureFacts): Meaning {
  if (status === 401) return authenticationMeaning(server, text);
  if (/could only be (written|replicated) to/.test(text)) {
    return {
      code: 'blob-error',
      text,
      hint: 'The DataNodes are full or down: make room, then try again.',
    };
  }
  const said = exception === undefined ? text : `${exception}: ${text}`;
  if (status >= 500) {
    return { code: 'blob-unreachable', text: `${server} failed (${status}, ${said})` };
  }
  return { code: 'blob-error', text: said };
}

function authenticationMeaning(server: string, text: string): Meaning {
  return {
    code: 'blob-not-permitted',
    text: `${server} wants another authentication (${text})`,
    hint: 'The emulator speaks simple authentication only, not Kerberos.',
  };
}
