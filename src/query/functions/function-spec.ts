/**
 * What is known of one scalar function: its types, its form in DuckDB and, where virtual mode has
 * it too, its value. Both forms must give the same answer; a test holds them to that.
 */
import { SimError } from '../../base/errors.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import { commonType } from '../types.ts';

export interface CallTypes {
  /** Each argument is cast to its type here. */
  readonly args: readonly SqlType[];
  readonly result: SqlType;
}

/** What a function may know of an argument while it is bound: its type, its value if written. */
export interface CallArgument {
  readonly type: SqlType;
  readonly literal: Cell | undefined;
}

export interface FunctionSpec {
  /** Upper case. */
  readonly name: string;
  readonly argsMin: number;
  readonly argsMax: number;
  types(args: readonly CallArgument[]): CallTypes;
  /**
   * The call as DuckDB SQL; each argument is an expression that stands by itself. Without it,
   * DuckDB calls `evaluate`.
   */
  readonly duckdb?: (
    args: readonly string[],
    types: CallTypes,
    given: readonly CallArgument[],
  ) => string;
  /** The value for arguments of the types above; without it, only DuckDB has the function. */
  readonly evaluate?: (args: readonly Cell[], types: CallTypes) => Cell;
  /** Without this, a NULL argument gives NULL and `evaluate` never sees one. */
  readonly handlesNull?: boolean;
}

/** The most arguments a function with a list of them takes. */
export const CALL_ARGS_MAX = 1000;

/** A function whose argument types are fixed; later arguments may be left out from `argsMin` on. */
export function fixed(
  name: string,
  args: readonly SqlType[],
  result: SqlType,
  rest: Pick<FunctionSpec, 'duckdb' | 'evaluate' | 'handlesNull'> & { readonly argsMin?: number },
): FunctionSpec {
  const { argsMin = args.length, ...forms } = rest;
  return Object.freeze({
    name,
    argsMin,
    argsMax: args.length,
    types: (given: readonly CallArgument[]) => ({ args: args.slice(0, given.length), result }),
    ...forms,
  });
}

/** A function of one or more values that meet in one type, which the result has too. */
export function ofCommonType(
  name: string,
  rest: Pick<FunctionSpec, 'duckdb' | 'evaluate' | 'handlesNull'>,
): FunctionSpec {
  return Object.freeze({
    name,
    argsMin: 1,
    argsMax: CALL_ARGS_MAX,
    types: (given: readonly CallArgument[]) => {
      const common = given.map(({ type }) => type).reduce(commonType);
      return { args: given.map(() => common), result: common };
    },
    ...rest,
  });
}

/** The text of an argument that has to be written as a literal. */
export function literalText(functionName: string, what: string, argument?: CallArgument): string {
  if (typeof argument?.literal === 'string') return argument.literal;
  throw new SimError(
    'unsupported',
    `function ${functionName.toLowerCase()} needs ${what} as a literal`,
  );
}

/** Text as a DuckDB literal. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
