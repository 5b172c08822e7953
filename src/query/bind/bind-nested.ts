/** ARRAY, MAP and STRUCT in expressions: literals, constructors, subscripts and fields. */
import { SimError } from '../../base/errors.ts';
import { type SqlType, typeText } from '../../base/sql-type.ts';
import type { Expr } from '../../sql/ast.ts';
import { BOOLEAN_TYPE, type BoundExpr } from '../bound.ts';
import type { FunctionSpec } from '../functions/function-spec.ts';
import {
  arrayOf,
  ELEMENT_AT,
  MAKE_ARRAY,
  MAKE_MAP,
  MAKE_STRUCT,
  STRUCT_FIELD,
} from '../functions/nested-values.ts';
import { INT } from '../types.ts';
import { bindExpr, type ExprEnv, writtenValue } from './bind-expr.ts';
import { coerce, isNull, literal, unify } from './coerce.ts';

/** The call, or its value when all arguments are written. */
function built(spec: FunctionSpec, args: readonly BoundExpr[], type: SqlType): BoundExpr {
  const cells = args.flatMap((arg) => (arg.kind === 'literal' ? [arg.value] : []));
  if (cells.length < args.length) return { kind: 'call', spec, args, type };
  const types = { args: args.map((arg) => arg.type), result: type };
  return literal(spec.evaluate?.(cells, types) ?? null, type);
}

/** The parts in one type; without one that is not NULL there is nothing to tell it. */
const alike = (parts: readonly BoundExpr[]): ReturnType<typeof unify> =>
  parts.length === 0 ? { exprs: [], type: BOOLEAN_TYPE } : unify(parts);

export function bindArray(expr: Extract<Expr, { kind: 'array' }>, env: ExprEnv): BoundExpr {
  const { exprs, type } = alike(expr.items.map((item) => bindExpr(item, env)));
  const array = built(MAKE_ARRAY, exprs, arrayOf(type));
  return expr.type === undefined ? array : coerce(array, expr.type);
}

export function bindMap(expr: Extract<Expr, { kind: 'map' }>, env: ExprEnv): BoundExpr {
  const parts = expr.entries.flatMap(({ key, value }) => [key, value]);
  const map = mapOf(parts.map((part) => bindExpr(part, env)));
  return expr.type === undefined ? map : coerce(map, expr.type);
}

/** Keys and values in turn: `map(k, v, ...)`. */
export function mapOf(parts: readonly BoundExpr[]): BoundExpr {
  if (parts.length % 2 !== 0)
    throw new SimError('analysis', 'map() needs keys and values in pairs');
  const keys = alike(parts.filter((_, index) => index % 2 === 0));
  const values = alike(parts.filter((_, index) => index % 2 === 1));
  const args = keys.exprs.flatMap((key, index) => [key, values.exprs[index] ?? key]);
  return built(MAKE_MAP, args, { name: 'MAP', key: keys.type, value: values.type });
}

/** `row(a, b)`: fields are called `col1`, `col2` and so on. */
export function rowOf(parts: readonly BoundExpr[]): BoundExpr {
  return structOf(
    parts.map((_, index) => `col${index + 1}`),
    parts,
  );
}

/** `named_struct('a', x, 'b', y)`. */
export function namedStruct(parts: readonly BoundExpr[]): BoundExpr {
  const names = parts.filter((_, index) => index % 2 === 0).map(writtenValue);
  const isWhole = parts.length > 0 && parts.length % 2 === 0;
  if (!isWhole || names.some((name) => name === undefined)) {
    throw new SimError('analysis', 'named_struct needs names written as text, each with a value');
  }
  return structOf(
    names.map(String),
    parts.filter((_, index) => index % 2 === 1),
  );
}

function structOf(names: readonly string[], parts: readonly BoundExpr[]): BoundExpr {
  if (new Set(names.map((name) => name.toLowerCase())).size < names.length) {
    throw new SimError('analysis', 'named_struct contains duplicate subfield name');
  }
  const fields = names.map((name, index) => ({ name, type: parts[index]?.type ?? BOOLEAN_TYPE }));
  return built(MAKE_STRUCT, parts, { name: 'STRUCT', fields });
}

/** `x[index]`: of an array from one on, of a map by key, of a struct by a written number. */
export function bindSubscript(expr: Extract<Expr, { kind: 'subscript' }>, env: ExprEnv): BoundExpr {
  const operand = bindExpr(expr.operand, env);
  const index = bindExpr(expr.index, env);
  const { fields } = operand.type;
  if (fields !== undefined) {
    const at = index.kind === 'literal' && !isNull(index) ? Number(index.value) : Number.NaN;
    if (!(at >= 1 && at <= fields.length)) {
      throw new SimError(
        'analysis',
        `a subscript of ${typeText(operand.type)} is out of its fields`,
      );
    }
    return fieldAt(operand, at - 1);
  }
  const types = ELEMENT_AT.types([
    { type: operand.type, literal: undefined },
    { type: index.type, literal: undefined },
  ]);
  const args = [operand, coerce(index, types.args[1] ?? INT)];
  return { kind: 'call', spec: ELEMENT_AT, args, type: types.result };
}

function fieldAt(operand: BoundExpr, index: number): BoundExpr {
  const field = operand.type.fields?.[index];
  if (field === undefined) throw new SimError('bug', `no field ${index}`);
  const args = [operand, literal(index, INT)];
  return { kind: 'call', spec: STRUCT_FIELD, args, type: field.type };
}

/** The field of that name, without case. */
export function fieldNamed(operand: BoundExpr, name: string): BoundExpr {
  const { fields = [] } = operand.type;
  const index = fields.findIndex((field) => field.name.toLowerCase() === name.toLowerCase());
  if (index >= 0) return fieldAt(operand, index);
  throw new SimError(
    'analysis',
    `Struct subfield '${name}' cannot be resolved in ${typeText(operand.type)}`,
  );
}
