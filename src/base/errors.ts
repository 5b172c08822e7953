/**
 * Errors are data: one table says for each code what a MySQL client sees, with which exit code a
 * program ends, whether trying again may help, and what to do. Texts that StarRocks shows are
 * written where the check is; numbers live only here (sql-surface.md 5.4, resolutions.md (a)).
 */

/** user: a bad request. transient: again may help. permanent: it will not. bug: ours. */
export type ErrorKind = 'user' | 'transient' | 'permanent' | 'bug';

export interface ErrorRow {
  readonly mysql: number;
  readonly state: string;
  readonly exit: number;
  readonly kind: ErrorKind;
}

const user = (mysql: number, state: string): ErrorRow => ({ mysql, state, exit: 1, kind: 'user' });

export const ERROR_CODES = [
  'syntax',
  'analysis',
  'execution',
  'unsupported',
  'common-error',
  'database-exists',
  'drop-unknown-database',
  'too-many-connections',
  'bad-handshake',
  'access-denied-login',
  'no-database-selected',
  'unknown-command',
  'table-exists',
  'duplicate-column',
  'unknown-thread',
  'bad-database-name',
  'bad-table-name',
  'unknown-error',
  'no-columns',
  'packet-too-large',
  'packets-out-of-order',
  'malformed-packet',
  'bad-column-name',
  'unknown-variable',
  'too-many-user-connections',
  'session-only-variable',
  'global-only-variable',
  'bad-variable-value',
  'bad-variable-type',
  'unknown-engine',
  'not-preparable',
  'wrong-object',
  'bad-time-zone',
  'no-default',
  'unknown-query',
  'user-operation-failed',
  'drop-unknown-partition',
  'last-partition',
  'duplicate-partition',
  'plugin-not-loaded',
  'bad-partition-name',
  'bad-partition-range',
  'read-only-variable',
  'unknown-partition',
  'no-partition-for-row',
  'bad-proc-path',
  'table-not-normal',
  'statement-timeout',
  'bad-name-format',
  'colocate-mismatch',
  'bad-dynamic-unit',
  'bad-dynamic-offset',
  'bad-dynamic-buckets',
  'bad-dynamic-enable',
  'bad-dynamic-prefix',
  'bad-dynamic-replication',
  'unknown-catalog',
  'bad-label',
  'bad-dynamic-history',
  'config-set-failed',
  'unknown-config',
  'bad-password-hash',
  'access-denied',
  'tls-required',
  'tls-failed',
  'unknown-database',
  'unknown-table',
  'not-olap-table',
  'unknown-column',
  'catalog-exists',
  'insert-column-count',
  'insert-failed',
  'rows-filtered',
  'tablet-unreadable',
  'backend-unavailable',
  'limit-reached',
  'query-cancelled',
  'bad-option',
  'port-in-use',
  'data-dir-in-use',
  'data-dir-unusable',
  'edit-log-damaged',
  'init-statement-failed',
  'demo-failed',
  'interrupted',
  'connection-lost',
  'file-not-found',
  'file-exists',
  'file-not-permitted',
  'disk-full',
  'file-error',
  'blob-not-found',
  'blob-not-permitted',
  'blob-unreachable',
  'blob-error',
  'blob-location-unsupported',
  'blob-location-unusable',
  'checksum-mismatch',
  'metadata-unreadable',
  'injected-fault',
  'bug',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

export const ERRORS: Readonly<Record<ErrorCode, ErrorRow>> = {
  syntax: user(1064, 'HY000'),
  /** An analysis error without a number of its own; its text gets the analyser's wrapper. */
  analysis: user(1064, 'HY000'),
  /** Found while executing, without a number of its own; its text is bare. */
  execution: user(1064, 'HY000'),
  /** A statement, clause or function that StarRocks has and we have not: named, never ignored. */
  unsupported: user(1064, 'HY000'),
  'common-error': user(5064, '42000'),
  'database-exists': user(1007, 'HY000'),
  'drop-unknown-database': user(1008, 'HY000'),
  /** The total limit, in MySQL's number; 1203 is the limit of one user. */
  'too-many-connections': { mysql: 1040, state: '08004', exit: 1, kind: 'transient' },
  'bad-handshake': user(1043, '08S01'),
  'access-denied-login': user(1045, '28000'),
  'no-database-selected': user(1046, '3D000'),
  'unknown-command': user(1047, '08S01'),
  'table-exists': user(1050, '42S01'),
  'duplicate-column': user(1060, '42S21'),
  'unknown-thread': user(1094, 'HY000'),
  'bad-database-name': user(1102, '42000'),
  'bad-table-name': user(1104, '42000'),
  'unknown-error': { mysql: 1105, state: 'HY000', exit: 1, kind: 'permanent' },
  'no-columns': user(1113, '42000'),
  'packet-too-large': user(1153, '08S01'),
  'packets-out-of-order': user(1156, '08S01'),
  /** A command whose payload ends too early; MySQL's number. */
  'malformed-packet': user(1835, 'HY000'),
  'bad-column-name': user(1166, '42000'),
  'unknown-variable': user(1193, 'HY000'),
  'too-many-user-connections': user(1203, '42000'),
  'session-only-variable': user(1228, 'HY000'),
  'global-only-variable': user(1229, 'HY000'),
  'bad-variable-value': user(1231, '42000'),
  'bad-variable-type': user(1232, '42000'),
  'unknown-engine': user(1286, '42000'),
  'not-preparable': user(1295, 'HY000'),
  'wrong-object': user(1347, 'HY000'),
  'bad-time-zone': user(1298, 'HY000'),
  'no-default': user(1364, 'HY000'),
  'unknown-query': user(1365, '42000'),
  'user-operation-failed': user(1396, 'HY000'),
  'drop-unknown-partition': user(1507, 'HY000'),
  'last-partition': user(1508, 'HY000'),
  'duplicate-partition': user(1517, 'HY000'),
  'plugin-not-loaded': user(1524, 'HY000'),
  'bad-partition-name': user(1567, 'HY000'),
  /** Values that make no range, or one that overlaps another; bare text, found while executing. */
  'bad-partition-range': user(1064, 'HY000'),
  'read-only-variable': user(1621, 'HY000'),
  'unknown-partition': user(1735, 'HY000'),
  'no-partition-for-row': user(1748, 'HY000'),
  'bad-proc-path': user(5001, 'HY000'),
  'table-not-normal': user(5014, 'HY000'),
  'statement-timeout': user(5024, '53400'),
  'bad-name-format': user(5063, '42000'),
  'colocate-mismatch': user(5063, '42000'),
  // Properties of dynamic partitions.
  'bad-dynamic-unit': user(5065, '42000'),
  'bad-dynamic-offset': user(5066, '42000'),
  'bad-dynamic-buckets': user(5067, '42000'),
  'bad-dynamic-enable': user(5068, '42000'),
  'bad-dynamic-prefix': user(5069, '42000'),
  'bad-dynamic-replication': user(5072, '42000'),
  'unknown-catalog': user(5078, '42000'),
  'bad-label': user(5082, '42000'),
  'bad-dynamic-history': user(5092, '42000'),
  'config-set-failed': user(5101, 'F0000'),
  'unknown-config': user(5102, 'F0000'),
  'bad-password-hash': user(5201, 'HY000'),
  'access-denied': user(5203, '42000'),
  'tls-required': user(5205, 'HY000'),
  'tls-failed': user(5400, 'XX000'),
  'unknown-database': user(5501, '3F000'),
  'unknown-table': user(5502, '42602'),
  'not-olap-table': user(5503, '42000'),
  'unknown-column': user(5509, '42S22'),
  'catalog-exists': user(5514, '42000'),
  'insert-column-count': user(5604, '42601'),
  'insert-failed': user(5609, '22000'),
  'rows-filtered': user(5610, '22000'),
  /** No replica of a tablet can be read; the text names the tablet. */
  'tablet-unreadable': { mysql: 1064, state: 'HY000', exit: 1, kind: 'transient' },
  /** A backend did not answer, or too few replicas could be written. */
  'backend-unavailable': { mysql: 1064, state: 'HY000', exit: 1, kind: 'transient' },
  /** A limit of the emulator, named in the text. */
  'limit-reached': { mysql: 1064, state: 'HY000', exit: 1, kind: 'user' },
  'query-cancelled': { mysql: 1064, state: 'HY000', exit: 1, kind: 'transient' },

  // Starting and running the programs: one line on stderr, then the exit code.
  'bad-option': user(1064, 'HY000'),
  'port-in-use': user(1064, 'HY000'),
  'data-dir-in-use': user(1064, 'HY000'),
  'data-dir-unusable': user(1064, 'HY000'),
  'edit-log-damaged': { mysql: 1064, state: 'HY000', exit: 1, kind: 'permanent' },
  'init-statement-failed': user(1064, 'HY000'),
  'demo-failed': { mysql: 1064, state: 'HY000', exit: 1, kind: 'permanent' },
  /** By a signal, or because nobody reads the output any more. */
  interrupted: { mysql: 1064, state: 'HY000', exit: 130, kind: 'permanent' },
  'connection-lost': { mysql: 1064, state: 'HY000', exit: 1, kind: 'transient' },

  // Files and blobs.
  'file-not-found': { mysql: 5064, state: '42000', exit: 1, kind: 'permanent' },
  'file-exists': { mysql: 5064, state: '42000', exit: 1, kind: 'permanent' },
  'file-not-permitted': { mysql: 5064, state: '42000', exit: 1, kind: 'permanent' },
  'disk-full': { mysql: 5064, state: '42000', exit: 1, kind: 'transient' },
  'file-error': { mysql: 5064, state: '42000', exit: 1, kind: 'transient' },
  'blob-not-found': { mysql: 5064, state: '42000', exit: 1, kind: 'permanent' },
  'blob-not-permitted': { mysql: 5064, state: '42000', exit: 1, kind: 'permanent' },
  'blob-unreachable': { mysql: 5064, state: '42000', exit: 1, kind: 'transient' },
  'blob-error': { mysql: 5064, state: '42000', exit: 1, kind: 'transient' },
  'blob-location-unsupported': user(5064, '42000'),
  /** The place of a repository is missing or is no directory; the text names it. */
  'blob-location-unusable': user(5064, '42000'),
  /** JSON of catalog objects that is not what its writer should have written; names the path. */
  'metadata-unreadable': { mysql: 5064, state: '42000', exit: 1, kind: 'permanent' },
  'checksum-mismatch': { mysql: 5064, state: '42000', exit: 1, kind: 'permanent' },
  'injected-fault': { mysql: 5064, state: '42000', exit: 1, kind: 'transient' },

  bug: { mysql: 1105, state: 'HY000', exit: 70, kind: 'bug' },
};

export interface SimErrorOptions {
  /** One sentence: what the reader can do. Shown after the text, never needed to understand it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class SimError extends Error {
  override readonly name = 'SimError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: SimErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  get row(): ErrorRow {
    return ERRORS[this.code];
  }
}

/** Any thrown value as a SimError; what we did not foresee becomes a `bug` that keeps its cause. */
export function asSimError(error: unknown): SimError {
  if (error instanceof SimError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new SimError('bug', text, { cause: error });
}

export function isSimError(error: unknown, code: ErrorCode): error is SimError {
  return error instanceof SimError && error.code === code;
}
