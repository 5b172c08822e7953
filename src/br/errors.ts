/**
 * What can go wrong with a command of `srbr`, as data: the title that people see and the exit code
 * that scripts see (br-cli.md 7.10). What a server says is a `ServerError`, a connection that is
 * gone a `LostConnection`; commands turn both into one of these where they know what it means.
 */

/** Exit codes in extended mode; upstream's mode knows 0, 1 and 2 only. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  conflict: 3,
  preflight: 4,
  nothingToDo: 5,
  notFound: 6,
  partial: 7,
  unfinished: 8,
  declined: 9,
  mismatch: 10,
} as const;

interface BrErrorRow {
  readonly title: string;
  readonly exit: number;
}

const row = (title: string, exit: number): BrErrorRow => ({ title, exit });

export type BrErrorCode =
  | 'usage'
  | 'config-file'
  | 'config'
  | 'connection'
  | 'failed'
  | 'schema-created'
  | 'unhealthy'
  | 'preflight'
  | 'unsupported'
  | 'repository-missing'
  | 'group-unknown'
  | 'tables-missing'
  | 'no-full-backup'
  | 'label-unknown'
  | 'table-unknown'
  | 'table-name'
  | 'snapshot-missing'
  | 'snapshot-exists'
  | 'no-changes'
  | 'conflict'
  | 'job-failed'
  | 'unfinished'
  | 'temporary-table'
  | 'cut-over'
  | 'restore'
  | 'mismatch'
  | 'declined'
  | 'dependents'
  | 'partial';

const BR_ERRORS: Readonly<Record<BrErrorCode, BrErrorRow>> = {
  usage: row('USAGE ERROR', EXIT.usage),
  'config-file': row('CONFIG FILE NOT FOUND', EXIT.failed),
  config: row('CONFIGURATION ERROR', EXIT.failed),
  connection: row('CONNECTION FAILED', EXIT.failed),
  failed: row('OPERATION FAILED', EXIT.failed),
  'schema-created': row('SCHEMA CREATED', EXIT.preflight),
  unhealthy: row('CLUSTER HEALTH CHECK FAILED', EXIT.preflight),
  preflight: row('PREFLIGHT FAILED', EXIT.preflight),
  unsupported: row('NOT SUPPORTED', EXIT.preflight),
  'repository-missing': row('REPOSITORY NOT FOUND', EXIT.preflight),
  'group-unknown': row('NO TABLES FOUND', EXIT.notFound),
  'tables-missing': row('INVALID TABLES IN INVENTORY', EXIT.notFound),
  'no-full-backup': row('NO FULL BACKUP FOUND', EXIT.notFound),
  'label-unknown': row('SNAPSHOT NOT FOUND', EXIT.notFound),
  'table-unknown': row('TABLE NOT FOUND', EXIT.notFound),
  'table-name': row('INVALID TABLE NAME', EXIT.failed),
  'snapshot-missing': row('SNAPSHOT MISSING IN REPOSITORY', EXIT.notFound),
  'snapshot-exists': row('SNAPSHOT ALREADY EXISTS', EXIT.failed),
  'no-changes': row('NO PARTITIONS FOUND', EXIT.nothingToDo),
  conflict: row('CONCURRENCY CONFLICT', EXIT.conflict),
  'job-failed': row('OPERATION FAILED', EXIT.failed),
  unfinished: row('OUTCOME NOT KNOWN', EXIT.unfinished),
  'temporary-table': row('TEMPORARY TABLE EXISTS', EXIT.failed),
  'cut-over': row('RESTORE FAILED', EXIT.failed),
  restore: row('RESTORE FAILED', EXIT.failed),
  mismatch: row('VERIFICATION FAILED', EXIT.mismatch),
  declined: row('OPERATION CANCELLED', EXIT.declined),
  dependents: row('BACKUPS DEPEND ON IT', EXIT.failed),
  partial: row('PARTLY DONE', EXIT.partial),
};

export interface BrErrorDetails {
  /** What to do, one thing each: commands that exist and are correct. */
  readonly advice?: readonly string[];
  /** What the command was given, where it helps. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

export class BrError extends Error {
  override readonly name = 'BrError';
  readonly code: BrErrorCode;
  readonly advice: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;

  constructor(code: BrErrorCode, message: string, details: BrErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.advice = details.advice ?? [];
    this.inputs = details.inputs ?? {};
  }

  get title(): string {
    return BR_ERRORS[this.code].title;
  }

  /** The code of extended mode. */
  get exit(): number {
    return BR_ERRORS[this.code].exit;
  }
}

/** An error packet: the server has understood and refused. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly errno: number;

  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }
}

/** No answer: whether the statement was carried out is not known. The next one connects again. */
export class LostConnection extends Error {
  override readonly name = 'LostConnection';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
