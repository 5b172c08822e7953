/**
 * What the frontend needs to run a query. Names have been resolved before: a source says which
 * tablets to read at which version. Two engines stand behind it: DuckDB over the tablets' files
 * (real mode), and an interpreter of a small, exact subset over scanned rows (virtual mode).
 *
 * `QueryContext`, `ResolvedTable` and `TabletToRead` live in `src/protocol/query.ts`, `RowStream`
 * and `ResultColumn` in `src/base/row-stream.ts`: the frontend shares them and may not import this.
 */
import type { Op } from '../base/op.ts';
import type { ResultColumn, RowStream } from '../base/row-stream.ts';
import type { Cell, SqlType } from '../base/sql-type.ts';
import type { QueryContext } from '../protocol/query.ts';
import type { Expr, QueryNode } from '../sql/ast.ts';

export type { RowStream } from '../base/row-stream.ts';
export type {
  QueryContext,
  ResolvedTable,
  TableReference,
  TabletToRead,
} from '../protocol/query.ts';

/** A value and the type it has, which a cast into a column needs: DECIMAL cells are text. */
export interface TypedCell {
  readonly cell: Cell;
  readonly type: SqlType;
}

/** `load`: the rows go into a table, whose columns may say how texts of files are read. */
export type QueryUse = 'select' | 'load';

export interface QueryEngine {
  run(query: QueryNode, context: QueryContext, use?: QueryUse): Op<RowStream>;
  /** An expression without columns, as in INSERT VALUES, SET and DEFAULT. */
  evaluate(expr: Expr, context: QueryContext): Op<Cell>;
  evaluateTyped(expr: Expr, context: QueryContext): Op<TypedCell>;
  /** The columns that a query would give; nothing is read. Throws as `run` would while binding. */
  describe(query: QueryNode, context: QueryContext): readonly ResultColumn[];
  /** The same where files may be looked into, as `FILES(...)` needs it. */
  describeReading(query: QueryNode, context: QueryContext): Op<readonly ResultColumn[]>;
  close(): Op<void>;
}
