/**
 * From the columns of the body to those of the table: the header `columns` names the former and
 * may compute the latter; the header `where` chooses rows. Both become one query over the body,
 * which sees nothing else.
 */
import { SimError } from '../../base/errors.ts';
import type { Row } from '../../base/row-stream.ts';
import { STRING_LENGTH } from '../../base/sql-type.ts';
import type { Column } from '../../catalog/model.ts';
import type { QueryContext } from '../../protocol/query.ts';
import type { Expr, QueryNode } from '../../sql/ast.ts';
import { tokenize } from '../../sql/lexer.ts';
import { parseStatements } from '../../sql/parse.ts';

export interface ColumnMapping {
  /** Columns of the body, in order. */
  readonly source: readonly string[];
  /** For each column of the table that is written: which of the body's, or what to compute. */
  readonly targets: readonly { readonly column: Column; readonly from: string | Expr }[];
}

const SOURCE_TABLE = 'body';
const TEXT = Object.freeze({ name: 'VARCHAR', length: STRING_LENGTH } as const);

/** Throws `analysis` or `unsupported`, naming the column. */
export function columnMapping(
  header: string | undefined,
  schema: readonly Column[],
): ColumnMapping {
  const columnOf = (name: string): Column | undefined =>
    schema.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (header === undefined || header.trim() === '') {
    const targets = schema.map((column) => ({ column, from: column.name }));
    return { source: schema.map(({ name }) => name), targets };
  }
  const source: string[] = [];
  const targets = new Map<Column, string | Expr>();
  for (const item of itemsOf(header)) {
    const { name, expr } = item;
    if (name.toLowerCase() === '__op') {
      throw new SimError('unsupported', '__op of Stream Load is not supported', {
        hint: 'use DELETE',
      });
    }
    const column = columnOf(name);
    if (expr === undefined) {
      source.push(name);
      // A name of no column is one that expressions may use.
      if (column !== undefined && !targets.has(column)) targets.set(column, name);
    } else if (column === undefined) {
      throw new SimError('analysis', `columns: '${name}' is not a column of the table`);
    } else targets.set(column, expr);
  }
  if (source.length === 0) throw new SimError('analysis', 'columns names none of the body');
  return { source, targets: [...targets].map(([column, from]) => ({ column, from })) };
}

interface Item {
  readonly name: string;
  readonly expr: Expr | undefined;
}

/** `a, b, c = f(a, b)`: commas at the top part the items, the first `=` name and expression. */
function itemsOf(header: string): readonly Item[] {
  const tokens = tokenize(header).filter(({ kind }) => kind !== 'end');
  const items: Item[] = [];
  let depth = 0;
  let from = 0;
  const end = (to: number): void => {
    const [first, second, third] = tokens.slice(from, to);
    const last = tokens[to - 1];
    const isName =
      first?.kind === 'word' || first?.kind === 'quoted-name' || first?.kind === 'digit-word';
    const isAssigned = second?.key === '=' && third !== undefined && last !== undefined;
    if (first === undefined || !isName || (to - from > 1 && !isAssigned)) {
      throw new SimError('analysis', `columns: '${header}' is not a list of columns`);
    }
    const expr = isAssigned ? expressionOf(header.slice(third.offset, last.end)) : undefined;
    items.push({ name: first.value, expr });
    from = to + 1;
  };
  for (const [at, { key }] of tokens.entries()) {
    if (key === '(') depth += 1;
    else if (key === ')') depth -= 1;
    else if (key === ',' && depth === 0) end(at);
  }
  end(tokens.length);
  return items;
}

const PARSE_OPTIONS = {
  pipesAsConcat: false,
  newBackupForms: false,
  dropSnapshot: false,
  strict: true,
} as const;

/** An expression that a header holds. Throws `syntax` for anything else. */
export function expressionOf(text: string): Expr {
  const [parsed, ...others] = parseStatements(`SELECT (${text}\n)`, PARSE_OPTIONS);
  const query = parsed?.statement.kind === 'select' ? parsed.statement.query : undefined;
  const select = query?.body.kind === 'select' ? query.body : undefined;
  const [item, ...more] = select?.items ?? [];
  const isAlone = others.length === 0 && more.length === 0 && select?.from.length === 0;
  if (item !== undefined && isAlone && item.expr.kind !== 'subquery') return item.expr;
  throw new SimError('analysis', `'${text}' is not an expression`);
}

/** The query over the body that gives the targets, in order. */
export function mappingQuery({ targets }: ColumnMapping, where: string | undefined): QueryNode {
  const position = { offset: 0, line: 1, column: 1 };
  const items = targets.map(({ column, from }) => ({
    expr: typeof from === 'string' ? ({ kind: 'column', path: [from], position } as const) : from,
    alias: column.name,
    text: column.name,
  }));
  return {
    kind: 'query',
    with: [],
    recursive: false,
    body: {
      kind: 'select',
      distinct: false,
      items,
      from: [
        {
          kind: 'table',
          name: { name: SOURCE_TABLE, position },
          partitions: undefined,
          alias: undefined,
        },
      ],
      where: where === undefined || where.trim() === '' ? undefined : expressionOf(where),
      groupBy: [],
      having: undefined,
      qualify: undefined,
    },
    orderBy: [],
    limit: undefined,
    offset: undefined,
  };
}

/** What that query sees: the body and the facts of the session, no table of anyone. */
export function mappingContext(
  context: QueryContext,
  source: readonly string[],
  rows: readonly Row[],
): QueryContext {
  return {
    ...context,
    resolveTable({ db, name }) {
      if (db !== undefined || name !== SOURCE_TABLE) {
        throw new SimError('unsupported', `a Stream Load cannot read the table '${name}'`);
      }
      const columns = source.map((column) => ({ name: column, type: TEXT }));
      return { kind: 'rows', displayName: 'the body', columns, rows };
    },
  };
}
