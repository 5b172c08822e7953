/** FROM: tables, subqueries, series and joins, as a plan and the columns it makes nameable. */
import { SimError } from '../../base/errors.ts';
import type { ResolvedTable, TableReference } from '../../protocol/query.ts';
import type { FilesRelation, Relation } from '../../sql/ast.ts';
import type { BoundExpr, JoinType, Plan, PlanColumn } from '../bound.ts';
import { evaluateConstant } from '../interpret/evaluate-expr.ts';
import { BIGINT, INT } from '../types.ts';
import { bindExpr, type ExprEnv, logic } from './bind-expr.ts';
import { bindQuery } from './bind-query.ts';
import { bindUnnest, isUnnest } from './bind-unnest.ts';
import { bindView } from './bind-view.ts';
import { coerce, compare, condition, TRUE_LITERAL } from './coerce.ts';
import {
  type BindState,
  type CommonTables,
  columnExpr,
  countRelation,
  newId,
  type Scope,
  type ScopeColumn,
} from './scope.ts';

export interface BoundRelation {
  readonly plan: Plan;
  readonly columns: readonly ScopeColumn[];
}

export interface RelationEnv {
  readonly state: BindState;
  readonly commonTables: CommonTables;
  /** Scope of the query around the whole select. */
  readonly parent: Scope | undefined;
  exprEnv(scope: Scope, place: string): ExprEnv;
}

type TableRelation = Extract<Relation, { kind: 'table' }>;
type JoinRelation = Extract<Relation, { kind: 'join' }>;

export function bindRelation(relation: Relation, env: RelationEnv): BoundRelation {
  switch (relation.kind) {
    case 'table':
      return bindTable(relation, env);
    case 'derived': {
      countRelation(env.state);
      const plan = bindQuery(relation.query, env.state, env.commonTables, env.parent);
      return derived(plan, relation.alias, relation.columns);
    }
    case 'table-function':
      if (isUnnest(relation)) return bindUnnest(NO_RELATION, relation, CROSS, env);
      return bindSeries(relation, env);
    case 'files':
      return bindFiles(relation, env);
    case 'join':
      return bindJoin(relation, env);
  }
}

function derived(plan: Plan, alias: string | undefined, names: readonly string[]): BoundRelation {
  if (names.length > 0 && names.length !== plan.columns.length) {
    throw new SimError(
      'analysis',
      `relation '${alias ?? ''}' has ${plan.columns.length} columns, but ${names.length} names`,
    );
  }
  const columns = plan.columns.map((column, index) => ({
    ...column,
    name: names[index] ?? column.name,
  }));
  return {
    plan: { kind: 'derived', input: plan, columns: plan.columns },
    columns: columns.map((column) => scopeColumn(column, alias)),
  };
}

function scopeColumn(
  column: PlanColumn,
  table: string | undefined,
  db?: string,
  catalog?: string,
): ScopeColumn {
  return { id: column.id, name: column.name, type: column.type, table, db, catalog };
}

function bindTable(relation: TableRelation, env: RelationEnv): BoundRelation {
  countRelation(env.state);
  const { name, alias, partitions } = relation;
  const common = name.db === undefined ? env.commonTables.get(name.name) : undefined;
  if (common !== undefined) {
    const plan = bindQuery(common.table.query, env.state, common.visible, undefined);
    return derived(plan, alias ?? name.name, common.table.columns);
  }
  const reference: TableReference = {
    name: name.name,
    ...(name.catalog === undefined ? {} : { catalog: name.catalog }),
    ...(name.db === undefined ? {} : { db: name.db }),
    ...(partitions === undefined ? {} : { partitions }),
  };
  const table = env.state.context.resolveTable(reference);
  const plan = tablePlan(table, env.state);
  const [db, catalog] = alias === undefined ? [name.db, name.catalog] : [undefined, undefined];
  const scoped = plan.columns.map((column) => scopeColumn(column, alias ?? name.name, db, catalog));
  return { plan, columns: scoped };
}

function tablePlan(table: ResolvedTable, state: BindState): Plan {
  if (table.kind === 'view') return bindView(table, state);
  const facts = table.kind === 'tablets' ? table.schema.columns : table.columns;
  const columns = facts.map(({ name, type }) => ({ id: newId(state), name, type }));
  return table.kind === 'tablets'
    ? { kind: 'scan', table, columns }
    : { kind: 'rows', table, columns };
}

function bindSeries(
  relation: Extract<Relation, { kind: 'table-function' }>,
  env: RelationEnv,
): BoundRelation {
  countRelation(env.state);
  if (relation.name.toLowerCase() !== 'generate_series') {
    throw new SimError('unsupported', `table function ${relation.name} is not supported`);
  }
  const { args, alias } = relation;
  if (args.length < 2 || args.length > 3) {
    throw new SimError('analysis', 'generate_series needs a start, an end and perhaps a step');
  }
  const exprEnv = env.exprEnv({ columns: [], parent: undefined }, 'table function');
  const bound = args.map((arg) => bindExpr(arg, exprEnv));
  const values = bound.map((arg) => evaluateConstant(coerce(arg, BIGINT)));
  const [start, end, step = 1n] = values;
  if (typeof start !== 'bigint' || typeof end !== 'bigint' || typeof step !== 'bigint') {
    throw new SimError('analysis', 'generate_series needs whole numbers');
  }
  if (step === 0n) throw new SimError('analysis', 'generate_series step size cannot equal zero');
  const isBig = bound.some(({ type }) => type.name === 'BIGINT' || type.name === 'LARGEINT');
  const type = isBig ? BIGINT : INT;
  const name = relation.columns[0] ?? 'generate_series';
  const columns = [{ id: newId(env.state), name, type }];
  return {
    plan: { kind: 'series', start, end, step, columns },
    columns: columns.map((column) => scopeColumn(column, alias ?? 'generate_series')),
  };
}

/** The files have been opened before: binding reads nothing. */
function bindFiles(relation: FilesRelation, env: RelationEnv): BoundRelation {
  countRelation(env.state);
  const table = env.state.files.get(relation);
  if (table === undefined) {
    throw new SimError('unsupported', 'FILES is not supported in this statement', {
      hint: 'use it in a SELECT or in an INSERT ... SELECT',
    });
  }
  const columns = table.columns.map(({ name, type }) => ({ id: newId(env.state), name, type }));
  const plan: Plan =
    table.kind === 'rows' ? { kind: 'rows', table, columns } : { kind: 'files', table, columns };
  return { plan, columns: columns.map((column) => scopeColumn(column, relation.alias)) };
}

const JOIN_TYPES: Readonly<Record<JoinRelation['type'], JoinType>> = {
  INNER: 'INNER',
  LEFT: 'LEFT',
  RIGHT: 'RIGHT',
  FULL: 'FULL',
  CROSS: 'CROSS',
  'LEFT SEMI': 'SEMI',
  'LEFT ANTI': 'ANTI',
  // With its sides changed, in `bindJoin`.
  'RIGHT SEMI': 'SEMI',
  'RIGHT ANTI': 'ANTI',
};

function bindJoin(relation: JoinRelation, env: RelationEnv): BoundRelation {
  const left = bindRelation(relation.left, env);
  if (isUnnest(relation.right)) return bindUnnest(left, relation.right, relation, env);
  const right = bindRelation(relation.right, env);
  const keepsRight = relation.type === 'RIGHT SEMI' || relation.type === 'RIGHT ANTI';
  return keepsRight ? join(right, left, relation, env) : join(left, right, relation, env);
}

function join(
  left: BoundRelation,
  right: BoundRelation,
  relation: Pick<JoinRelation, 'type' | 'on' | 'using'>,
  env: RelationEnv,
): BoundRelation {
  const type = JOIN_TYPES[relation.type];
  refuseSameNames(left, right);
  const scope: Scope = { columns: [...left.columns, ...right.columns], parent: env.parent };
  const on =
    relation.using.length > 0
      ? usingCondition(left, right, relation, env)
      : relation.on === undefined
        ? undefined
        : condition(bindExpr(relation.on, env.exprEnv(scope, 'ON clause')));
  const isOuter = type !== 'INNER' && type !== 'CROSS';
  if (on === undefined && isOuter) {
    throw new SimError('analysis', `${relation.type} JOIN needs a condition`);
  }
  const keepsRight = type !== 'SEMI' && type !== 'ANTI';
  const columns = keepsRight ? [...left.plan.columns, ...right.plan.columns] : left.plan.columns;
  return {
    plan: { kind: 'join', type, left: left.plan, right: right.plan, on, columns },
    columns: keepsRight ? mergedColumns(left, right, relation) : left.columns,
  };
}

function refuseSameNames(left: BoundRelation, right: BoundRelation): void {
  const names = (relation: BoundRelation): Set<string> =>
    new Set(relation.columns.map(({ table, db }) => `${db ?? ''}.${table ?? ''}`));
  const known = names(left);
  for (const name of names(right)) {
    if (known.has(name) && !name.endsWith('.')) {
      throw new SimError(
        'analysis',
        `Not unique table/alias: '${name.slice(name.indexOf('.') + 1)}'`,
      );
    }
  }
}

const CROSS = Object.freeze({ type: 'CROSS', on: undefined, using: [] } as const);
const NO_RELATION: BoundRelation = Object.freeze({
  plan: Object.freeze({ kind: 'one-row', columns: [] }),
  columns: [],
});

/** All of FROM: relations side by side. */
export function bindFrom(relations: readonly Relation[], env: RelationEnv): BoundRelation {
  const [first, ...rest] = relations;
  if (first === undefined) return NO_RELATION;
  return rest.reduce(
    (left, relation) =>
      isUnnest(relation)
        ? bindUnnest(left, relation, CROSS, env)
        : join(left, bindRelation(relation, env), CROSS, env),
    bindRelation(first, env),
  );
}

function named(relation: BoundRelation, name: string): ScopeColumn {
  const found = relation.columns.filter(
    (column) => column.isMerged !== true && column.name.toLowerCase() === name.toLowerCase(),
  );
  const [column] = found;
  if (column !== undefined && found.length === 1) return column;
  throw new SimError(
    column === undefined ? 'unknown-column' : 'analysis',
    `Column \`${name}\` of USING ${column === undefined ? 'cannot be resolved' : 'is ambiguous'}`,
  );
}

function usingCondition(
  left: BoundRelation,
  right: BoundRelation,
  relation: Pick<JoinRelation, 'type' | 'using'>,
  _env: RelationEnv,
): BoundExpr {
  if (relation.type === 'FULL') {
    throw new SimError('unsupported', 'FULL JOIN with USING is not supported', {
      hint: 'Write the condition with ON.',
    });
  }
  return relation.using
    .map((name) => compare('=', columnExpr(named(left, name)), columnExpr(named(right, name))))
    .reduce((all, each) => logic('AND', all, each), TRUE_LITERAL as BoundExpr);
}

/** With USING, one of the two columns of a pair is hidden: the one that an outer join may not fill. */
function mergedColumns(
  left: BoundRelation,
  right: BoundRelation,
  relation: Pick<JoinRelation, 'type' | 'using'>,
): readonly ScopeColumn[] {
  const hidden = new Set(
    relation.using.map((name) => named(relation.type === 'RIGHT' ? left : right, name).id),
  );
  return [...left.columns, ...right.columns].map((column) =>
    hidden.has(column.id) ? { ...column, isMerged: true } : column,
  );
}
