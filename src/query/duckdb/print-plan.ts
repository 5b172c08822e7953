/**
 * Plans as DuckDB SQL. Neighbouring steps share one SELECT as far as SQL's own order of steps
 * allows; a step that comes too late for the SELECT at hand wraps it.
 */
import { SimError } from '../../base/errors.ts';
import type { ColumnId, Plan, PlanColumn } from '../bound.ts';
import { ELEMENT_TEXTS } from '../functions/nested-values.ts';
import { STRING } from '../types.ts';
import { resultSql } from './js-functions.ts';
import { printAggregate, printWindow } from './print-aggregate.ts';
import { type PrintEnv, printExpr, printOrder } from './print-expr.ts';
import { printFiles } from './print-files.ts';
import { columnName, duckType, printLiteral } from './sql-text.ts';

type ScanPlan = Extract<Plan, { kind: 'scan' }>;
/** What a plan needs printed that depends on the engine. */
export interface PlanPrinter extends Pick<PrintEnv, 'jsCall'> {
  /** The rows of a table as a SELECT whose columns are named by `columnName`. */
  printScan(plan: ScanPlan): string;
}

/** Rows of one table made by the frontend that a query for DuckDB may carry in its text. */
export const INLINE_ROWS_MAX = 50_000;

const STAGES = ['rows', 'groups', 'windows', 'finished'] as const;
type Stage = (typeof STAGES)[number];

/** One SELECT being put together; `columns` says what each column is called in it. */
interface Block {
  readonly from: string;
  readonly where: readonly string[];
  readonly groupBy: readonly string[] | undefined;
  readonly having: readonly string[];
  readonly columns: ReadonlyMap<ColumnId, string>;
  readonly distinct: boolean;
  /** ORDER BY, LIMIT and OFFSET. */
  readonly tail: string;
  readonly stage: Stage;
}

/** The query of a plan; its columns are the plan's, in order. */
export function printPlan(plan: Plan, printer: PlanPrinter): string {
  return select(build(plan, printer), plan.columns);
}

function select(block: Block, columns: readonly PlanColumn[]): string {
  const list = columns.map(
    ({ id }) => `${block.columns.get(id) ?? columnName(id)} AS ${columnName(id)}`,
  );
  const words = [`SELECT ${block.distinct ? 'DISTINCT ' : ''}${list.join(', ') || '1 AS c0'}`];
  if (block.from !== '') words.push(`FROM ${block.from}`);
  if (block.where.length > 0) words.push(`WHERE ${block.where.join(' AND ')}`);
  if (block.groupBy !== undefined && block.groupBy.length > 0) {
    words.push(`GROUP BY ${block.groupBy.join(', ')}`);
  }
  if (block.having.length > 0) words.push(`HAVING ${block.having.join(' AND ')}`);
  if (block.tail !== '') words.push(block.tail);
  return words.join(' ');
}

function source(from: string, columns: readonly PlanColumn[]): Block {
  return {
    from,
    where: [],
    groupBy: undefined,
    having: [],
    columns: new Map(columns.map(({ id }) => [id, columnName(id)])),
    distinct: false,
    tail: '',
    stage: 'rows',
  };
}

function wrap(block: Block, columns: readonly PlanColumn[]): Block {
  return source(`(${select(block, columns)})`, columns);
}

/** The block if it has not passed `last`, else one around it. */
function notAfter(last: Stage, block: Block, columns: readonly PlanColumn[]): Block {
  return STAGES.indexOf(block.stage) <= STAGES.indexOf(last) ? block : wrap(block, columns);
}

function envOf(block: Block, printer: PlanPrinter): PrintEnv {
  return {
    columns: block.columns,
    printPlan: (plan) => printPlan(plan, printer),
    jsCall: (spec, types, args) => printer.jsCall(spec, types, args),
  };
}

function build(plan: Plan, printer: PlanPrinter): Block {
  switch (plan.kind) {
    case 'one-row':
      return source('', []);
    case 'scan':
      return source(`(${printer.printScan(plan)})`, plan.columns);
    case 'rows':
      return inlineRows(plan);
    case 'files':
      return source(`(${printFiles(plan)})`, plan.columns);
    case 'values':
      return inlineValues(plan, printer);
    case 'series':
      return series(plan);
    case 'join':
      return join(plan, printer);
    case 'set':
      return setOperation(plan, printer);
    case 'unnest':
      return unnest(plan, printer);
    case 'derived':
      return wrap(build(plan.input, printer), plan.columns);
    default:
      return step(plan, printer);
  }
}

type Step = Extract<
  Plan,
  { kind: 'filter' | 'aggregate' | 'window' | 'project' | 'distinct' | 'sort' }
>;

function step(plan: Step, printer: PlanPrinter): Block {
  const built = build(plan.input, printer);
  const below = plan.input.columns;
  switch (plan.kind) {
    case 'filter': {
      const block = notAfter('groups', built, below);
      const test = printExpr(plan.condition, envOf(block, printer));
      return block.stage === 'groups'
        ? { ...block, having: [...block.having, test] }
        : { ...block, where: [...block.where, test] };
    }
    case 'aggregate':
      return aggregate(plan, notAfter('rows', built, below), printer);
    case 'window': {
      const block = notAfter('groups', built, below);
      const env = envOf(block, printer);
      const columns = new Map(block.columns);
      for (const window of plan.windows) columns.set(window.id, printWindow(window, env));
      return { ...block, columns, stage: 'windows' };
    }
    case 'project': {
      const block = built.distinct ? wrap(built, below) : built;
      const env = envOf(block, printer);
      const columns = new Map(plan.items.map(({ id, expr }) => [id, printExpr(expr, env)]));
      return { ...block, columns };
    }
    case 'distinct': {
      const block = notAfter('windows', built, below);
      return { ...wrap(block, below), distinct: true, stage: 'finished' };
    }
    case 'sort': {
      const block = notAfter('windows', built, below);
      const order = printOrder(plan.order, envOf(block, printer));
      const words = order === '' ? [] : [`ORDER BY ${order}`];
      if (plan.limit !== undefined) words.push(`LIMIT ${plan.limit}`);
      if (plan.offset > 0) words.push(`OFFSET ${plan.offset}`);
      return { ...block, tail: words.join(' '), stage: 'finished' };
    }
  }
}

function aggregate(
  plan: Extract<Plan, { kind: 'aggregate' }>,
  block: Block,
  printer: PlanPrinter,
): Block {
  const env = envOf(block, printer);
  const columns = new Map<ColumnId, string>();
  for (const { id, expr } of plan.groups) columns.set(id, printExpr(expr, env));
  const keys = [...columns.values()];
  const sets = plan.sets?.map((set) => `(${set.map((index) => keys[index]).join(', ')})`);
  const groupBy = sets === undefined ? keys : [`GROUPING SETS (${sets.join(', ')})`];
  for (const item of plan.aggregates) columns.set(item.id, printAggregate(item, env));
  // The grouping of all rows is one of no rows for StarRocks: without rows there are no groups.
  const having = sets === undefined ? block.having : ['count(*) > 0'];
  return { ...block, columns, groupBy, having, stage: 'groups' };
}

function join(plan: Extract<Plan, { kind: 'join' }>, printer: PlanPrinter): Block {
  const side = (input: Plan): string => `(${printPlan(input, printer)})`;
  const both = source('', [...plan.left.columns, ...plan.right.columns]);
  const on = plan.on === undefined ? undefined : printExpr(plan.on, envOf(both, printer));
  const isCross = on === undefined;
  const word = isCross ? 'CROSS JOIN' : `${plan.type === 'CROSS' ? 'INNER' : plan.type} JOIN`;
  const condition = isCross ? '' : ` ON ${on}`;
  return source(`${side(plan.left)} ${word} ${side(plan.right)}${condition}`, plan.columns);
}

/** DuckDB repeats a row for the longest of the lists that are unnested side by side. */
function unnest(plan: Extract<Plan, { kind: 'unnest' }>, printer: PlanPrinter): Block {
  const input = source(`(${printPlan(plan.input, printer)})`, plan.input.columns);
  const env = envOf(input, printer);
  const lists = plan.args.map((arg, index) => {
    if (arg.type.element?.name === 'VARBINARY') {
      throw new SimError('unsupported', 'unnest of VARBINARY elements is not supported');
    }
    const types = { args: [arg.type], result: STRING };
    const texts = printer.jsCall(ELEMENT_TEXTS, types, [printExpr(arg, env)]);
    const list = `from_json(${texts}, '["VARCHAR"]')`;
    const kept = plan.keepsEmpty ? `CASE WHEN len(${list}) > 0 THEN ${list} ELSE [NULL] END` : list;
    return `unnest(${kept}) AS u${index}`;
  });
  const added = plan.columns.slice(plan.input.columns.length);
  const columns = [
    ...plan.input.columns.map(({ id }) => columnName(id)),
    ...added.map(({ id, type }, index) => `${resultSql(`u${index}`, type)} AS ${columnName(id)}`),
  ];
  const rows = `SELECT *, ${lists.join(', ')} FROM ${input.from}`;
  return source(`(SELECT ${columns.join(', ')} FROM (${rows}))`, plan.columns);
}

function setOperation(plan: Extract<Plan, { kind: 'set' }>, printer: PlanPrinter): Block {
  const word = `${plan.operator}${plan.all ? ' ALL' : ''}`;
  const left = `(${printPlan(plan.left, printer)})`;
  const right = `(${printPlan(plan.right, printer)})`;
  const names = plan.columns.map(({ id }) => columnName(id)).join(', ');
  return source(`(${left} ${word} ${right}) AS s(${names})`, plan.columns);
}

function inlineValues(plan: Extract<Plan, { kind: 'values' }>, printer: PlanPrinter): Block {
  const env = envOf(source('', []), printer);
  const rows = plan.rows.map((row) => `(${row.map((expr) => printExpr(expr, env)).join(', ')})`);
  const names = plan.columns.map(({ id }) => columnName(id)).join(', ');
  return source(`(VALUES ${rows.join(', ')}) AS v(${names})`, plan.columns);
}

function inlineRows(plan: Extract<Plan, { kind: 'rows' }>): Block {
  const { rows, displayName } = plan.table;
  if (rows.length > INLINE_ROWS_MAX) {
    throw new SimError(
      'limit-reached',
      `${displayName} has more than ${INLINE_ROWS_MAX} rows for a query of this kind`,
    );
  }
  const empty = plan.columns.map(
    ({ id, type }) => `CAST(NULL AS ${duckType(type)}) AS ${columnName(id)}`,
  );
  if (rows.length === 0) return source(`(SELECT ${empty.join(', ')} WHERE FALSE)`, plan.columns);
  const texts = rows.map((row) => {
    const cells = plan.columns.map(({ type }, index) => printLiteral(row[index] ?? null, type));
    return `(${cells.join(', ')})`;
  });
  const names = plan.columns.map(({ id }) => columnName(id)).join(', ');
  return source(`(VALUES ${texts.join(', ')}) AS r(${names})`, plan.columns);
}

function series(plan: Extract<Plan, { kind: 'series' }>): Block {
  const [column] = plan.columns;
  const bounds = [plan.start, plan.end, plan.step].map((bound) => `CAST('${bound}' AS BIGINT)`);
  const name = column === undefined ? 'c0' : columnName(column.id);
  const type = column === undefined ? 'BIGINT' : duckType(column.type);
  const from = `generate_series(${bounds.join(', ')}) AS g(n)`;
  return source(`(SELECT CAST(n AS ${type}) AS ${name} FROM ${from})`, plan.columns);
}
