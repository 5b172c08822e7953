/** What UPDATE and DELETE share: a query over the table itself, whose rows go back as a load. */
import type { Op } from '../../base/op.ts';
import type { OlapTable } from '../../catalog/model.ts';
import type { Expr, PartitionNames, QueryNode, SelectItem, TableName } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';
import type { FrontendContext } from '../frontend-context.ts';

/** `SELECT items FROM table [PARTITION (...)] WHERE condition`, as a tree. */
export function rowsQuery(
  name: TableName,
  partitions: PartitionNames | undefined,
  items: readonly SelectItem[],
  where: Expr,
): QueryNode {
  return {
    kind: 'query',
    with: [],
    recursive: false,
    body: {
      kind: 'select',
      distinct: false,
      items,
      from: [{ kind: 'table', name, partitions, alias: undefined }],
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
    expr: { kind: 'column', path: [name], position: table.position },
    alias: name,
    text: name,
  };
}

export function refuseUnlessPrimaryKey(table: OlapTable, what: 'UPDATE' | 'DELETE'): void {
  if (table.keysType === 'PRIMARY_KEYS') return;
  throw analysisError(
    `${what} is supported on primary key tables only; '${table.name}' is ${table.keysType}`,
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
