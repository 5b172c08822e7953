/** What UPDATE and DELETE share: a query over the table itself, whose rows go back as a load. */
import type { Op } from '../../base/op.ts';
import type { OlapTable } from '../../catalog/model.ts';
import type {
  Expr,
  PartitionNames,
  QueryNode,
  Relation,
  SelectItem,
  TableName,
} from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import type { FrontendContext } from '../frontend-context.ts';

/** What of a table is rewritten. */
export interface RowsToRewrite {
  readonly name: TableName;
  readonly partitions?: PartitionNames | undefined;
  /** Other tables that the condition is about. */
  readonly others: readonly Relation[];
  readonly where: Expr;
}

/** `SELECT [DISTINCT] items FROM table [PARTITION (...)], others WHERE condition`, as a tree. */
export function rowsQuery(
  { name, partitions, others, where }: RowsToRewrite,
  items: readonly SelectItem[],
  distinct: boolean,
): QueryNode {
  return {
    kind: 'query',
    with: [],
    recursive: false,
    body: {
      kind: 'select',
      distinct,
      items,
      from: [{ kind: 'table', name, partitions, alias: undefined }, ...others],
      where,
      groupBy: [],
      having: undefined,
      qualify: undefined,
    },
    orderBy: [],
    limit: undefined,
    offset: undefined,
  };
}

export function columnItem(name: string, table: TableName): SelectItem {
  return {
    expr: { kind: 'column', path: [table.name, name], position: table.position },
    alias: name,
    text: name,
  };
}

export function refuseUnlessPrimaryKey(table: OlapTable): void {
  if (table.keysType === 'PRIMARY_KEYS') return;
  throw analysisError(
    `UPDATE is supported on primary key tables only; '${table.name}' is ${table.keysType}`,
    'unsupported',
  );
}

/** Reading rows and writing them back excludes other such statements on the table. */
export function rewriting<T>(
  frontend: FrontendContext,
  table: OlapTable,
  body: () => Op<T>,
): Op<T> {
  return frontend.locks.readModifyWrite(table.id).hold(body);
}
