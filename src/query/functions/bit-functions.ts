/** Bits of whole numbers by function names; the operators are arithmetic. */
import { integerCell } from '../../base/cast-cell.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import { BIGINT, commonType, isInteger } from '../types.ts';
import type { CallArgument, FunctionSpec } from './function-spec.ts';

const BITS: Readonly<Partial<Record<SqlType['name'], number>>> = {
  TINYINT: 8,
  SMALLINT: 16,
  INT: 32,
  BIGINT: 64,
  LARGEINT: 128,
};

const whole = (cell: Cell | undefined): bigint => BigInt((cell ?? 0) as number | bigint);
const wholeType = (argument: CallArgument | undefined): SqlType =>
  argument !== undefined && isInteger(argument.type) ? argument.type : BIGINT;

function onBits(name: string, value: (a: bigint, b: bigint) => bigint, count = 2): FunctionSpec {
  return Object.freeze({
    name,
    argsMin: count,
    argsMax: count,
    types: (given: readonly CallArgument[]) => {
      const type = given.map(wholeType).reduce(commonType);
      return { args: given.map(() => type), result: type };
    },
    evaluate: ([a, b]: readonly Cell[], { result }: { readonly result: SqlType }) =>
      integerCell(value(whole(a), whole(b)), result.name) ?? null,
  });
}

/** Shifts within the bits of the first argument's type. */
function shift(name: string, value: (a: bigint, by: bigint, bits: number) => bigint): FunctionSpec {
  return Object.freeze({
    name,
    argsMin: 2,
    argsMax: 2,
    types: ([given]: readonly CallArgument[]) => {
      const type = wholeType(given);
      return { args: [type, BIGINT], result: type };
    },
    evaluate: ([a, by]: readonly Cell[], { result }: { readonly result: SqlType }) => {
      const bits = BITS[result.name] ?? 64;
      const steps = whole(by);
      // What a processor does with such a count is its own affair.
      if (steps < 0n || steps >= BigInt(bits)) return null;
      return integerCell(BigInt.asIntN(bits, value(whole(a), steps, bits)), result.name) ?? null;
    },
  });
}

export const BIT_FUNCTIONS: readonly FunctionSpec[] = [
  onBits('BITAND', (a, b) => a & b),
  onBits('BITOR', (a, b) => a | b),
  onBits('BITXOR', (a, b) => a ^ b),
  onBits('BITNOT', (a) => ~a, 1),
  shift('BIT_SHIFT_LEFT', (a, by) => a << by),
  shift('BIT_SHIFT_RIGHT', (a, by) => a >> by),
  shift('BIT_SHIFT_RIGHT_LOGICAL', (a, by, bits) => BigInt.asUintN(bits, a) >> by),
];
