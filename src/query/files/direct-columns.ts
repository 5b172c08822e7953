/**
 * Which columns of a file go into a table as they are: their texts are then cast to the column's
 * type at once, as StarRocks does by handing the table's columns down to the reader of the file,
 * so that nothing is lost on the way (`00501` into a VARCHAR).
 */
import type { FilesRelation, QueryNode, SelectNode } from '../../sql/ast.ts';

/** Names in lower case; `all`: a `*` stands there. */
export type DirectColumns = 'all' | ReadonlySet<string>;

export function directColumns(query: QueryNode, files: FilesRelation): DirectColumns {
  const select = selectOf(query);
  if (select === undefined || select.distinct || select.groupBy.length > 0) return NONE;
  if (select.from.length !== 1 || select.from[0] !== files) return NONE;
  const names = new Set<string>();
  for (const { expr } of select.items) {
    if (expr.kind === 'star') return 'all';
    if (expr.kind === 'column') names.add((expr.path.at(-1) ?? '').toLowerCase());
  }
  return names;
}

const NONE: ReadonlySet<string> = new Set();

function selectOf({ body, with: commonTables }: QueryNode): SelectNode | undefined {
  return body.kind === 'select' && commonTables.length === 0 ? body : undefined;
}
