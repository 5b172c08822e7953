/** Puts values in the places of `?` in a tree: the way a prepared query becomes one to run. */
import type { Expr } from './ast-query.ts';

/** `place` is the name of the field the parameter stands in, such as `limit`. */
export type ParameterFill = (index: number, place: string) => Expr;

/** The same tree with every parameter replaced; parts without one are shared, not copied. */
export function fillParameters<T>(tree: T, fill: ParameterFill): T {
  return filled(tree, fill, '') as T;
}

function filled(value: unknown, fill: ParameterFill, place: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) {
    const items = value.map((item) => filled(item, fill, place));
    return items.some((item, at) => item !== value[at]) ? items : value;
  }
  if (isParameter(value)) return fill(value.index, place);
  const entries = Object.entries(value).map(
    ([key, field]) => [key, filled(field, fill, key), field] as const,
  );
  if (entries.every(([, after, before]) => after === before)) return value;
  return Object.fromEntries(entries.map(([key, after]) => [key, after]));
}

function isParameter(value: object): value is Extract<Expr, { readonly kind: 'parameter' }> {
  return 'kind' in value && value.kind === 'parameter';
}
