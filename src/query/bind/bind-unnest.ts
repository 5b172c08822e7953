/**
 * `FROM t, unnest(t.a, t.b) AS u(x, y)`: a row for each element of arrays, which may be those of
 * the relation before it. Of arrays of several lengths the shorter ones are filled up with NULL.
 */
import { SimError } from '../../base/errors.ts';
import type { Relation } from '../../sql/ast.ts';
import type { BoundExpr, Plan } from '../bound.ts';
import { bindExpr } from './bind-expr.ts';
import type { BoundRelation, RelationEnv } from './bind-relation.ts';
import { condition } from './coerce.ts';
import { newId, type Scope, type ScopeColumn } from './scope.ts';

type TableFunction = Extract<Relation, { kind: 'table-function' }>;
type Join = Pick<Extract<Relation, { kind: 'join' }>, 'type' | 'on' | 'using'>;

export function isUnnest(relation: Relation): relation is TableFunction {
  return relation.kind === 'table-function' && relation.name.toLowerCase() === 'unnest';
}

/** The relation before it, each row as often as its arrays have elements. */
export function bindUnnest(
  left: BoundRelation,
  relation: TableFunction,
  join: Join,
  env: RelationEnv,
): BoundRelation {
  const isLeft = join.type === 'LEFT';
  if (join.using.length > 0 || !['INNER', 'CROSS', 'LEFT'].includes(join.type)) {
    throw new SimError('unsupported', `${join.type} JOIN with unnest is not supported`);
  }
  const leftScope: Scope = { columns: left.columns, parent: env.parent };
  const args = relation.args.map((arg) => bindExpr(arg, env.exprEnv(leftScope, 'unnest')));
  const added = columnsOf(relation, args, env);
  const columns = [...left.columns, ...added];
  const plan: Plan = {
    kind: 'unnest',
    input: left.plan,
    args,
    keepsEmpty: isLeft,
    columns: [...left.plan.columns, ...added.map(({ id, name, type }) => ({ id, name, type }))],
  };
  if (join.on === undefined) return { plan, columns };
  const on = condition(
    bindExpr(join.on, env.exprEnv({ columns, parent: env.parent }, 'ON clause')),
  );
  if (on.kind === 'literal' && on.value === true) return { plan, columns };
  if (isLeft) throw new SimError('unsupported', 'LEFT JOIN unnest needs the condition TRUE');
  return { plan: { kind: 'filter', input: plan, condition: on, columns: plan.columns }, columns };
}

function columnsOf(
  { args: written, columns: names, alias }: TableFunction,
  args: readonly BoundExpr[],
  env: RelationEnv,
): readonly ScopeColumn[] {
  if (args.length === 0) throw new SimError('analysis', 'unnest needs an array');
  if (names.length > 0 && names.length !== written.length) {
    throw new SimError('analysis', `unnest gives ${written.length} columns, not ${names.length}`);
  }
  return args.map(({ type }, index) => {
    if (type.element === undefined) {
      throw new SimError(
        'analysis',
        `No matching function with signature: unnest(${type.name.toLowerCase()})`,
      );
    }
    return {
      id: newId(env.state),
      name: names[index] ?? 'unnest',
      type: type.element,
      table: alias ?? 'unnest',
      db: undefined,
      catalog: undefined,
    };
  });
}
