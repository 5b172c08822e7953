/**
 * The query engine: a query is bound once, then run by DuckDB (tables, in real mode) or by the
 * interpreter (no tablets to read, or virtual mode). DuckDB is loaded at the first query for it.
 */
import type { Cancellation } from '../base/cancellation.ts';
import { SimError } from '../base/errors.ts';
import { type Op, wait } from '../base/op.ts';
import { type Random, realRandom } from '../base/random.ts';
import { type ResultColumn, type RowStream, rowStreamOf } from '../base/row-stream.ts';
import type { Cell } from '../base/sql-type.ts';
import type { Expr, QueryNode } from '../sql/ast.ts';
import { bindExpr } from './bind/bind-expr.ts';
import { bindQuery, plainEnv } from './bind/bind-query.ts';
import { newId, newState } from './bind/scope.ts';
import type { BoundExpr, Plan } from './bound.ts';
import { cancellableStream } from './cancellable-stream.ts';
import type { DuckDbEngine } from './duckdb/duckdb-engine.ts';
import { type FilesDeps, type OpenedFiles, openFiles } from './files/open-files.ts';
import { evaluateConstant, needsEngine } from './interpret/evaluate-expr.ts';
import { interpretPlan, type ScanTable } from './interpret/interpret-plan.ts';
import { missingInExpr, missingInPlan, readsMuch } from './interpret/interpretable.ts';
import { type FindBackend, scanTablets } from './opened-tablets.ts';
import type { QueryContext, QueryEngine, QueryUse, TypedCell } from './query-engine.ts';

export interface QueryEngineOptions {
  /** `interpreter`: no promise, no DuckDB; a smaller SQL, the rest refused by name. */
  readonly mode: 'duckdb' | 'interpreter';
  readonly backend: FindBackend;
  /** For `FILES(...)`; without it that is refused. */
  readonly files?: FilesDeps;
  /** For `uuid()`. */
  readonly random?: Random;
}

export function createQueryEngine(options: QueryEngineOptions): QueryEngine {
  const random = options.random ?? realRandom;
  const scan = scanWith(options.backend);
  let duckDb: Promise<DuckDbEngine> | undefined;
  const load = async (): Promise<DuckDbEngine> => {
    const { DuckDbEngine: Engine } = await import('./duckdb/duckdb-engine.ts');
    return new Engine(options.backend);
  };

  function* runPlan(plan: Plan, cancellation?: Cancellation): Op<RowStream> {
    const missing = missingInPlan(plan);
    if (options.mode === 'interpreter') {
      if (missing !== undefined) throw needsEngine(missing);
    } else if (missing !== undefined || readsMuch(plan)) {
      duckDb ??= load();
      const engine = yield* wait(duckDb);
      return yield* engine.run(plan, cancellation);
    }
    return rowStreamOf(plan.columns, yield* interpretPlan(plan, scan));
  }

  function* evaluateTyped(expr: Expr, context: QueryContext): Op<TypedCell> {
    const state = newState(context, random);
    const env = plainEnv(state, new Map(), { columns: [], parent: undefined }, 'expression');
    const bound = bindExpr(expr, env);
    if (missingInExpr(bound) === undefined) {
      return { cell: evaluateConstant(bound), type: bound.type };
    }
    return { cell: yield* onlyCell(yield* runPlan(planOf(bound, newId(state)))), type: bound.type };
  }

  /** The rows of a plan; its files are let go with them, or at once if there are none. */
  function* begin(plan: Plan, files: OpenedFiles, cancellation?: Cancellation): Op<RowStream> {
    try {
      const stream = yield* runPlan(plan, cancellation);
      return files.tables.size === 0 ? stream : releasing(stream, files);
    } catch (error) {
      yield* files.release();
      throw error;
    }
  }

  return Object.freeze({
    *run(query: QueryNode, context: QueryContext, use: QueryUse = 'select'): Op<RowStream> {
      const { timeZone, cancellation } = context;
      const files = yield* openFiles(options.files, query, { timeZone, isLoad: use === 'load' });
      let plan: Plan;
      try {
        const state = newState(context, random, files.tables);
        plan = bindQuery(query, state, new Map(), undefined);
      } catch (error) {
        yield* files.release();
        throw error;
      }
      const begun = begin(plan, files, cancellation);
      // What never waits needs nobody to wait with it.
      const waits = readsMuch(plan) || missingInPlan(plan) !== undefined;
      if (cancellation === undefined || !waits) return yield* begun;
      return yield* cancellableStream(begun, cancellation);
    },
    describe(query: QueryNode, context: QueryContext): readonly ResultColumn[] {
      const plan = bindQuery(query, newState(context, random), new Map(), undefined);
      return plan.columns.map(({ name, type }) => ({ name, type }));
    },
    *describeReading(query: QueryNode, context: QueryContext): Op<readonly ResultColumn[]> {
      const { timeZone } = context;
      const files = yield* openFiles(options.files, query, { timeZone, isLoad: false });
      yield* files.release();
      const plan = bindQuery(query, newState(context, random, files.tables), new Map(), undefined);
      return plan.columns.map(({ name, type }) => ({ name, type }));
    },
    evaluateTyped,
    *evaluate(expr: Expr, context: QueryContext): Op<Cell> {
      return (yield* evaluateTyped(expr, context)).cell;
    },
    *close(): Op<void> {
      if (duckDb !== undefined) yield* (yield* wait(duckDb)).close();
    },
  });
}

/** The stream, which takes the files with it when it ends. */
function releasing(stream: RowStream, files: OpenedFiles): RowStream {
  return {
    columns: stream.columns,
    next: () => stream.next(),
    *close(): Op<void> {
      yield* stream.close();
      yield* files.release();
    },
  };
}

function planOf(expr: BoundExpr, id: number): Plan {
  return {
    kind: 'project',
    input: { kind: 'one-row', columns: [] },
    items: [{ id, expr }],
    columns: [{ id, name: '', type: expr.type }],
  };
}

function* onlyCell(stream: RowStream): Op<Cell> {
  try {
    const rows = yield* stream.next();
    const [row] = rows ?? [];
    if (row === undefined) throw new SimError('bug', 'an expression gave no row');
    return row[0] ?? null;
  } finally {
    yield* stream.close();
  }
}

/** Rows of a table from its tablets' columns. */
function scanWith(backend: FindBackend): ScanTable {
  return function* scan(plan) {
    const tablets = yield* scanTablets(plan.table, backend);
    return tablets.flatMap(({ rowCount, columns }) =>
      Array.from({ length: rowCount }, (_, row) => columns.map((column) => column[row] ?? null)),
    );
  };
}
