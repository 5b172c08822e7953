/** What statements work with: the parts of a frontend, handed to every executor. */
import type { Clock } from '../base/clock.ts';
import type { Events } from '../base/events.ts';
import type { FaultPlan } from '../base/fault-plan.ts';
import type { Files } from '../base/files.ts';
import type { Logger } from '../base/log.ts';
import type { Op } from '../base/op.ts';
import type { Random } from '../base/random.ts';
import { type ResultColumn, type Row, type RowStream, rowStreamOf } from '../base/row-stream.ts';
import type { Cell, SqlType } from '../base/sql-type.ts';
import type { Catalog } from '../catalog/model.ts';
import type { BackupHandler } from '../jobs/backup-handler.ts';
import type { IdSource } from '../jobs/ports.ts';
import type { QueryContext } from '../protocol/query.ts';
import type { RepositoryMgr } from '../repository/repository-mgr.ts';
import type { Expr, QueryNode, Statement } from '../sql/ast.ts';
import type { AgentTaskQueue } from './agent-task-queue.ts';
import type { AutoIncrementIds } from './auto-increment.ts';
import type { BackendDirectory } from './backend-directory.ts';
import type { Brokers } from './brokers.ts';
import type { CommitPublisher } from './commit-publisher.ts';
import type { Config } from './config.ts';
import type { HandlerStepper } from './handler-stepper.ts';
import type { LoadHistory } from './load-history.ts';
import type { LoadLabels } from './load-labels.ts';
import type { LoadTransactions } from './load-transactions.ts';
import type { DatabaseLocks } from './locks.ts';
import type { MaterializedViewRefresher } from './materialized-views/view-refresher.ts';
import type { Accounts } from './privileges/accounts.ts';
import type { Profile } from './profile.ts';
import type { FrontendRecord } from './records.ts';
import type { Session } from './session.ts';
import type { TabletStats } from './tablet-stats.ts';
import type { GlobalVariables } from './variables.ts';

/** The query engine, as the frontend needs it. */
export interface Queries {
  /** `load`: its rows go into a table. */
  run(query: QueryNode, context: QueryContext, use?: 'select' | 'load'): Op<RowStream>;
  evaluate(expr: Expr, context: QueryContext): Op<Cell>;
  /** With the type of the value: what a load needs to store it. */
  evaluateTyped(
    expr: Expr,
    context: QueryContext,
  ): Op<{ readonly cell: Cell; readonly type: SqlType }>;
  /** The columns that a query would give, by binding alone. */
  describe(query: QueryNode, context: QueryContext): readonly ResultColumn[];
  /** The same where files may be looked into, as `FILES(...)` needs it. */
  describeReading(query: QueryNode, context: QueryContext): Op<readonly ResultColumn[]>;
  close(): Op<void>;
}

export interface FrontendOptions {
  readonly profile: Profile;
  /** Refuse every convenience that a real FE does not have. */
  readonly strict: boolean;
  readonly systemTimeZone: string;
  readonly clusterId: number;
  readonly host: string;
  readonly queryPort: () => number;
  readonly httpPort: () => number;
}

/** Switches backends off and on: what no real frontend can do. */
export interface BackendPower {
  /** As `kill -9`; one that is down stays so. Throws `bad-option` for an unknown id. */
  kill(backendId: number): void;
  /** On what its disk holds; one that runs goes on. */
  start(backendId: number): Op<void>;
}

export interface FrontendContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly files: Files;
  readonly faultPlan: FaultPlan;
  readonly events: Events;
  readonly logger: Logger;
  readonly options: FrontendOptions;
  readonly config: Config;
  readonly globals: GlobalVariables;
  readonly catalog: Catalog;
  readonly accounts: Accounts;
  readonly locks: DatabaseLocks;
  readonly ids: IdSource;
  readonly autoIncrement: AutoIncrementIds;
  readonly backends: BackendDirectory;
  readonly backendPower: BackendPower;
  readonly tasks: AgentTaskQueue;
  readonly stats: TabletStats;
  readonly publisher: CommitPublisher;
  readonly loads: LoadTransactions;
  readonly labels: LoadLabels;
  readonly loadHistory: LoadHistory;
  readonly refresher: MaterializedViewRefresher;
  readonly handler: BackupHandler;
  readonly stepper: HandlerStepper;
  readonly repositories: RepositoryMgr;
  readonly brokers: Brokers;
  readonly queries: Queries;
  readonly sessions: ReadonlyMap<number, Session>;
  readonly startedAtMs: number;
  /** Writes a record, syncs it, applies it; a failure stops the frontend. */
  readonly log: (record: FrontendRecord) => Op<void>;
  /** False once the log has failed: what it was given last may be on disk or not. */
  readonly isLogUsable: () => boolean;
  /** Sequence number of the last applied record. */
  readonly lastSequence: () => number;
}

export type StatementResult =
  | {
      readonly kind: 'ok';
      readonly affectedRows: number;
      readonly info?: string;
      readonly warningCount?: number;
    }
  | ({ readonly kind: 'rows' } & RowStream);

export const DONE: StatementResult = Object.freeze({ kind: 'ok', affectedRows: 0 });

export type Executor<K extends Statement['kind']> = (
  frontend: FrontendContext,
  session: Session,
  statement: Extract<Statement, { readonly kind: K }>,
) => Op<StatementResult>;

/** A SHOW result: named VARCHAR columns over rows of text (sql-surface.md 1.5). */
export function showResult(names: readonly string[], rows: readonly Row[]): StatementResult {
  const columns = names.map((name) => ({ name, type: SHOW_TYPE }));
  return { kind: 'rows', ...rowStreamOf(columns, rows.map(nullMarked)) };
}

/** StarRocks' null marker: a cell that is exactly this goes out as NULL (resolutions.md 13). */
const NULL_MARKER = '\\N';

function nullMarked(row: Row): Row {
  return row.includes(NULL_MARKER) ? row.map((cell) => (cell === NULL_MARKER ? null : cell)) : row;
}

/** The nominal length limits nothing. */
export const SHOW_TYPE: SqlType = Object.freeze({ name: 'VARCHAR', length: 30 } as const);
