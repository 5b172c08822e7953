/** User-defined functions: what tells one from another in a database (sql-surface.md 3.5). */
import type { SqlType } from '../base/sql-type.ts';
import type { UserFunction } from './model.ts';

/** `f(INT,VARCHAR)`: unique within a database; overloads differ here. */
export function functionSignature(
  fn: Pick<UserFunction, 'name' | 'argTypes' | 'hasVarArgs'>,
): string {
  const types = fn.argTypes.map(functionTypeText);
  return `${fn.name}(${[...types, ...(fn.hasVarArgs ? ['...'] : [])].join(',')})`;
}

/** Lengths of texts make no overload of their own. */
export function functionTypeText({ name, precision, scale }: SqlType): string {
  return name === 'DECIMAL' ? `DECIMAL(${precision ?? 10},${scale ?? 0})` : name;
}
