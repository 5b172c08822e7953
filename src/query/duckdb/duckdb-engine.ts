/**
 * Runs plans in DuckDB over the files of opened tablets and streams the rows out. A replica whose
 * file turns out unreadable when the query starts is left out and the query begun again.
 */
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import type { Cancellation } from '../../base/cancellation.ts';
import { SimError } from '../../base/errors.ts';
import { type Op, wait } from '../../base/op.ts';
import type { ResultColumn, Row, RowStream } from '../../base/row-stream.ts';
import { exprsOf, type Plan, type TabletTable, visitExpr, visitPlans } from '../bound.ts';
import {
  type FindBackend,
  type OpenedReplica,
  type OpenedTablets,
  openTablets,
  replicaKey,
} from '../opened-tablets.ts';
import { DuckDbPool } from './duckdb-pool.ts';
import { JsFunctions } from './js-functions.ts';
import { printPlan } from './print-plan.ts';
import { globPath, printScan } from './print-scan.ts';
import { rowsOfChunk } from './read-chunk.ts';
import { RESULT_BYTES_MAX, ResultCache } from './result-cache.ts';

/** Unreadable replicas that one query leaves out before it gives up. */
export const REPLICAS_LEFT_OUT_MAX = 20;

export class DuckDbEngine {
  readonly #pool = new DuckDbPool();
  readonly #results = new ResultCache();
  readonly #functions = new JsFunctions();
  readonly #findBackend: FindBackend;

  constructor(findBackend: FindBackend) {
    this.#findBackend = findBackend;
  }

  /** A cancellation interrupts DuckDB itself, which would go on computing otherwise. */
  *run(plan: Plan, cancellation?: Cancellation): Op<RowStream> {
    const tables: TabletTable[] = [];
    visitPlans(plan, (inner) => {
      if (inner.kind === 'scan') tables.push(inner.table);
    });
    const bad = new Set<string>();
    for (;;) {
      const opened = yield* openTablets(tables, bad, this.#findBackend);
      try {
        return yield* this.#begin(plan, opened, cancellation);
      } catch (error) {
        const culprit = unreadableReplica(error, opened);
        opened.close();
        const file = culprit === undefined ? unreadableFile(error, plan) : undefined;
        if (file !== undefined) throw file;
        if (culprit === undefined || bad.size >= REPLICAS_LEFT_OUT_MAX) throw error;
        bad.add(replicaKey(culprit.tablet.tabletId, culprit.backendId));
      }
    }
  }

  close(): Op<void> {
    return this.#pool.close();
  }

  *#begin(
    plan: Plan,
    opened: OpenedTablets,
    cancellation: Cancellation | undefined,
  ): Op<RowStream> {
    const sql = printPlan(plan, {
      printScan: (scan) => printScan(scan, opened),
      jsCall: (spec, types, args) => this.#functions.call(spec, types, args),
    });
    const key = isRepeatable(plan) ? resultKey(sql, plan) : undefined;
    const known = key === undefined ? undefined : this.#results.stream(key, plan.columns);
    if (known !== undefined) {
      opened.close();
      return known;
    }
    const connection = yield* this.#pool.acquire();
    const unhook = cancellation?.onCancel(() => connection.interrupt());
    const stream = new DuckDbStream(plan.columns, connection, (isDrained) => {
      unhook?.();
      this.#pool.release(connection, isDrained);
      opened.close();
    });
    try {
      this.#functions.register(yield* wait(import('@duckdb/node-api')), connection);
      yield* stream.begin(sql);
      return key === undefined ? stream : this.#results.keeping(key, stream);
    } catch (error) {
      unhook?.();
      this.#pool.release(connection, false);
      throw error;
    }
  }
}

/** Functions that give another value each time. */
const VOLATILE: ReadonlySet<string> = new Set(['RAND', 'UUID']);

/** Whether equal SQL has equal answers: nothing by chance, no files that others may change. */
function isRepeatable(plan: Plan): boolean {
  let isSame = true;
  visitPlans(plan, (inner) => {
    if (inner.kind === 'files') isSame = false;
    for (const expr of exprsOf(inner)) {
      visitExpr(expr, (part) => {
        if (part.kind === 'call' && VOLATILE.has(part.spec.name)) isSame = false;
      });
    }
  });
  return isSame;
}

/** Names are not in the SQL, and types not always; `undefined` for a text too long to keep. */
function resultKey(sql: string, { columns }: Plan): string | undefined {
  const key = `${JSON.stringify(columns.map(({ name, type }) => [name, type]))}${sql}`;
  return key.length > RESULT_BYTES_MAX / 2 ? undefined : key;
}

/** Rows of a running query; the first batch is fetched before the stream is handed out. */
class DuckDbStream implements RowStream {
  readonly columns: readonly ResultColumn[];
  readonly #connection: DuckDBConnection;
  readonly #release: (isDrained: boolean) => void;
  #result: DuckDBResult | undefined;
  #first: readonly Row[] | undefined;
  #isOver = false;

  constructor(
    columns: readonly ResultColumn[],
    connection: DuckDBConnection,
    release: (isDrained: boolean) => void,
  ) {
    this.columns = columns.map(({ name, type }) => ({ name, type }));
    this.#connection = connection;
    this.#release = release;
  }

  *begin(sql: string): Op<void> {
    try {
      this.#result = yield* wait(this.#connection.stream(sql));
      this.#first = yield* this.#fetch(this.#result);
    } catch (error) {
      throw duckDbError(error);
    }
  }

  *next(): Op<readonly Row[] | undefined> {
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) return first;
    if (this.#isOver || this.#result === undefined) return undefined;
    try {
      const rows = yield* this.#fetch(this.#result);
      if (rows === undefined) this.#end(true);
      return rows;
    } catch (error) {
      this.#end(false);
      throw duckDbError(error);
    }
  }

  *close(): Op<void> {
    this.#end(false);
  }

  *#fetch(result: DuckDBResult): Op<readonly Row[] | undefined> {
    const types = this.columns.map(({ type }) => type);
    for (;;) {
      const chunk = yield* wait(result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return undefined;
      return rowsOfChunk(chunk, types);
    }
  }

  #end(isDrained: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#result = undefined;
    this.#release(isDrained);
  }
}

function unreadableReplica(error: unknown, opened: OpenedTablets): OpenedReplica | undefined {
  if (!(error instanceof SimError) || error.code !== 'tablet-unreadable') return undefined;
  for (const replica of opened.replicas) {
    const isNamed = replica.tablet.files.some(
      ({ path }) => error.message.includes(path) || error.message.includes(globPath(path)),
    );
    if (isNamed) return replica;
  }
  return undefined;
}

/** Files of `FILES(...)` are nobody's replicas. */
function unreadableFile(error: unknown, plan: Plan): SimError | undefined {
  if (!(error instanceof SimError) || error.code !== 'tablet-unreadable') return undefined;
  let found: SimError | undefined;
  visitPlans(plan, (inner) => {
    if (inner.kind !== 'files') return;
    const text = `FILES: ${inner.table.displayName}: ${error.message}`;
    found ??= new SimError('file-error', text, { cause: error });
  });
  return found;
}

/** DuckDB's errors by their first words; a text that we printed wrongly is a bug of ours. */
function duckDbError(error: unknown): SimError {
  if (error instanceof SimError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const text = message.split('\n')[0] ?? '';
  const code = ERROR_WORDS.find(([words]) => words.test(message))?.[1] ?? 'bug';
  return new SimError(code, `query failed: ${text}`, { cause: error });
}

const ERROR_WORDS: readonly (readonly [
  RegExp,
  'tablet-unreadable' | 'unsupported' | 'analysis' | 'limit-reached' | 'query-cancelled',
])[] = [
  [/^IO Error|parquet|TProtocolException/i, 'tablet-unreadable'],
  [/^(Out of Range|Conversion) Error/, 'unsupported'],
  [/More than one row returned by a subquery/, 'analysis'],
  [/^Invalid Input Error/, 'analysis'],
  [/^Not implemented Error/i, 'unsupported'],
  [/^Out of Memory Error/, 'limit-reached'],
  [/^INTERRUPT Error/, 'query-cancelled'],
];
