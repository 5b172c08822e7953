/**
 * Why a call to WebHDFS failed, as data: the answer of the server, or that there was none. What it
 * means for a caller says `hdfs-errors.ts`.
 */

export interface HdfsFailureFacts {
  /** Host and port that was asked. */
  readonly server: string;
  readonly text: string;
  /** Of the answer; absent when none came. */
  readonly status?: number;
  /** The simple name of the Java exception; absent when the answer was not Hadoop's. */
  readonly exception?: string;
  /** The answer is not one of WebHDFS: something else listens there. */
  readonly isForeign?: true;
  /** Of the connection, as the operating system names it. */
  readonly errno?: string;
}

export class HdfsFailure extends Error {
  override readonly name = 'HdfsFailure';
  readonly facts: HdfsFailureFacts;

  constructor(facts: HdfsFailureFacts, cause?: unknown) {
    super(facts.text, cause === undefined ? undefined : { cause });
    this.facts = facts;
  }
}

/** No answer came: refused, unknown host, broken off, silent. */
export function connectionFailure(error: unknown, server: string): HdfsFailure {
  const from = (typeof error === 'object' && error !== null ? error : {}) as {
    readonly code?: unknown;
    readonly message?: unknown;
  };
  const errno = typeof from.code === 'string' ? from.code : 'ECONNRESET';
  return new HdfsFailure({ server, errno, text: String(from.message || errno) }, error);
}

/** An answer that is not what was asked for. `body` is its text, or the JSON read out of it. */
export function answerFailure(status: number, body: unknown, server: string): HdfsFailure {
  const remote = remoteException(body);
  if (remote !== undefined) return new HdfsFailure({ server, status, ...remote });
  const text = typeof body === 'string' ? plain(body) : '';
  const isForeign = status === 404 || status < 300 ? { isForeign: true as const } : {};
  return new HdfsFailure({ server, status, ...isForeign, text: text || `HTTP status ${status}` });
}

/** `{"RemoteException": {"exception", "javaClassName", "message"}}`. */
function remoteException(body: unknown): { exception: string; text: string } | undefined {
  const json = typeof body === 'string' ? parsed(body) : body;
  if (typeof json !== 'object' || json === null || !('RemoteException' in json)) return undefined;
  const remote = (json.RemoteException ?? {}) as {
    readonly exception?: unknown;
    readonly message?: unknown;
  };
  const exception = String(remote.exception ?? 'Exception');
  // What follows the first line is the stack of the server.
  const text = String(remote.message ?? exception).split('\n', 1)[0] ?? exception;
  return { exception, text };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const TEXT_CHARS_MAX = 200;

/** A text of another server, often HTML, in one short line. */
function plain(text: string): string {
  const words = text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  return words.trim().slice(0, TEXT_CHARS_MAX);
}
