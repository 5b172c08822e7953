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
  /** What to do where the place that failed knows nothing better. */
  readonly advice: string;
}

const row = (title: string, exit: number, advice: string): BrErrorRow => ({ title, exit, advice });

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
  usage: row('USAGE ERROR', EXIT.usage, 'srbr <command> --help lists the options, with an example'),
  'config-file': row(
    'CONFIG FILE NOT FOUND',
    EXIT.failed,
    'name the file with --config or STARROCKS_BR_CONFIG',
  ),
  config: row(
    'CONFIGURATION ERROR',
    EXIT.failed,
    'correct the configuration; docs/srbr.md describes its keys',
  ),
  connection: row(
    'CONNECTION FAILED',
    EXIT.failed,
    'check that the frontend runs and that host and port are right',
  ),
  failed: row(
    'OPERATION FAILED',
    EXIT.failed,
    'srbr doctor looks for what may be wrong; --verbose shows every statement',
  ),
  'schema-created': row(
    'SCHEMA CREATED',
    EXIT.preflight,
    'fill the inventory, then run the command again',
  ),
  unhealthy: row(
    'CLUSTER HEALTH CHECK FAILED',
    EXIT.preflight,
    'bring the nodes back, or see preflight.require_all_be',
  ),
  preflight: row('PREFLIGHT FAILED', EXIT.preflight, 'srbr doctor shows every check'),
  unsupported: row(
    'NOT SUPPORTED',
    EXIT.preflight,
    'BACKUP and RESTORE work in shared-nothing clusters only',
  ),
  'repository-missing': row(
    'REPOSITORY NOT FOUND',
    EXIT.preflight,
    'SHOW REPOSITORIES lists what there is',
  ),
  'group-unknown': row('NO TABLES FOUND', EXIT.notFound, 'srbr inventory list shows the groups'),
  'tables-missing': row(
    'INVALID TABLES IN INVENTORY',
    EXIT.notFound,
    'srbr inventory validate tells what is missing',
  ),
  'no-full-backup': row('NO FULL BACKUP FOUND', EXIT.notFound, 'srbr backup full makes one'),
  'label-unknown': row('SNAPSHOT NOT FOUND', EXIT.notFound, 'srbr list shows what there is'),
  'table-unknown': row('TABLE NOT FOUND', EXIT.notFound, 'srbr show <label> lists its tables'),
  'table-name': row(
    'INVALID TABLE NAME',
    EXIT.failed,
    'give --group, or --table with the name of a table alone',
  ),
  'snapshot-missing': row(
    'SNAPSHOT MISSING IN REPOSITORY',
    EXIT.notFound,
    'srbr audit finds backups that cannot be restored',
  ),
  'snapshot-exists': row('SNAPSHOT ALREADY EXISTS', EXIT.failed, 'choose another --name'),
  'no-changes': row('NO PARTITIONS FOUND', EXIT.nothingToDo, '--allow-empty makes this a success'),
  conflict: row(
    'CONCURRENCY CONFLICT',
    EXIT.conflict,
    'srbr status shows what runs; --wait-for-slot 30m waits for its end',
  ),
  'job-failed': row(
    'OPERATION FAILED',
    EXIT.failed,
    'srbr doctor looks for what may be wrong; then run it again',
  ),
  unfinished: row(
    'OUTCOME NOT KNOWN',
    EXIT.unfinished,
    'srbr status shows what runs; srbr reconcile closes the books of what does not',
  ),
  'temporary-table': row('TEMPORARY TABLE EXISTS', EXIT.failed, '--overwrite-temp drops it first'),
  'cut-over': row('RESTORE FAILED', EXIT.failed, 'run the restore once more'),
  restore: row(
    'RESTORE FAILED',
    EXIT.failed,
    'srbr verify <label> tells whether a backup can be restored',
  ),
  mismatch: row(
    'VERIFICATION FAILED',
    EXIT.mismatch,
    'srbr audit and srbr verify <label> tell more; take a new full backup',
  ),
  declined: row('OPERATION CANCELLED', EXIT.declined, 'answer y, or give --yes'),
  dependents: row('BACKUPS DEPEND ON IT', EXIT.failed, '--cascade deletes what stands on it too'),
  partial: row('PARTLY DONE', EXIT.partial, 'run it again; what was done stays done'),
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
    const { advice = [] } = details;
    this.advice = advice.length > 0 ? advice : [BR_ERRORS[code].advice];
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
