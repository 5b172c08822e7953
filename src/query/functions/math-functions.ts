/** Functions on numbers, with StarRocks' result types: rounding a DOUBLE to a whole gives BIGINT. */
import { integerCell } from '../../base/cast-cell.ts';
import { divideRounded, formatDecimal, parseDecimal, rescale } from '../../base/decimal-text.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import {
  BIGINT,
  DOUBLE,
  decimalType,
  INT,
  isInteger,
  LARGEINT,
  SMALLINT,
  STRING,
} from '../types.ts';
import { type CallArgument, type CallTypes, type FunctionSpec, fixed } from './function-spec.ts';

const wholeOf = (value: number): Cell =>
  Number.isFinite(value) ? (integerCell(BigInt(value), 'BIGINT') ?? null) : null;

const finite = (value: number): Cell => (Number.isFinite(value) ? value : null);

function absType(type: SqlType): SqlType {
  switch (type.name) {
    case 'BOOLEAN':
    case 'TINYINT':
      return SMALLINT;
    case 'SMALLINT':
      return INT;
    case 'INT':
      return BIGINT;
    case 'BIGINT':
    case 'LARGEINT':
      return LARGEINT;
    default:
      return type.name === 'DECIMAL' ? type : DOUBLE;
  }
}

const abs: FunctionSpec = Object.freeze({
  name: 'ABS',
  argsMin: 1,
  argsMax: 1,
  types: ([given]: readonly CallArgument[]) => {
    const result = absType(given?.type ?? DOUBLE);
    return { args: [result], result };
  },
  duckdb: ([x]: readonly string[]) => `abs(${x})`,
  evaluate: ([x]: readonly Cell[]) => {
    if (typeof x === 'bigint') return x < 0n ? -x : x;
    if (typeof x === 'number') return Math.abs(x);
    return typeof x === 'string' ? x.replace(/^-/, '') : null;
  },
});

/** ROUND and TRUNCATE: decimals stay decimals, ROUND of one argument gives a whole number. */
function rounding(name: 'ROUND' | 'TRUNCATE', duckdbName: string): FunctionSpec {
  return Object.freeze({
    name,
    argsMin: name === 'ROUND' ? 1 : 2,
    argsMax: 2,
    types: ([value, digits]: readonly CallArgument[]): CallTypes => {
      const type = value?.type ?? DOUBLE;
      const places = digits === undefined ? 0 : digits.literal;
      if (type.name === 'DECIMAL' && (typeof places === 'number' || digits === undefined)) {
        const scale = Math.max(0, Math.min(type.scale ?? 0, Number(places)));
        const args = digits === undefined ? [type] : [type, INT];
        return { args, result: decimalType(38, scale) };
      }
      if (digits !== undefined) return { args: [DOUBLE, INT], result: DOUBLE };
      return { args: [DOUBLE], result: BIGINT };
    },
    duckdb: ([x, places]: readonly string[], { result }: CallTypes) => {
      if (result.name === 'BIGINT') return `TRY_CAST(${duckdbName}(${x}) AS BIGINT)`;
      const call = `${duckdbName}(${x}, ${places ?? 0})`;
      return result.name === 'DECIMAL' ? `CAST(${call} AS DECIMAL(38,${result.scale}))` : call;
    },
    evaluate: ([x, places]: readonly Cell[], { result }: CallTypes) => {
      const digits = Number(places ?? 0);
      if (typeof x === 'string') return roundDecimal(x, digits, result.scale ?? 0, name);
      const rounded = roundDouble(Number(x), digits, name);
      return result.name === 'BIGINT' ? wholeOf(rounded) : finite(rounded);
    },
  });
}

function roundDouble(value: number, digits: number, name: 'ROUND' | 'TRUNCATE'): number {
  const factor = 10 ** Math.abs(digits);
  const scaled = digits >= 0 ? value * factor : value / factor;
  if (!Number.isFinite(scaled)) return value;
  const size = Math.abs(scaled);
  const whole = Math.sign(scaled) * (name === 'ROUND' ? Math.floor(size + 0.5) : Math.floor(size));
  return digits >= 0 ? whole / factor : whole * factor;
}

function roundDecimal(text: string, digits: number, scale: number, name: string): Cell {
  const decimal = parseDecimal(text);
  if (decimal === undefined) return null;
  if (digits >= decimal.scale) return formatDecimal(rescale(decimal, scale), scale);
  const unit = 10n ** BigInt(decimal.scale - digits);
  const kept = name === 'ROUND' ? divideRounded(decimal.unscaled, unit) : decimal.unscaled / unit;
  const unscaled = rescale({ unscaled: kept * unit, scale: decimal.scale }, scale);
  return formatDecimal(unscaled, scale);
}

const double1 = (name: string, call: (x: string) => string, value: (x: number) => Cell) =>
  fixed(name, [DOUBLE], DOUBLE, {
    duckdb: ([x = '']) => call(x),
    evaluate: ([x]) => value(Number(x)),
  });

const guardedLog = (name: string, duckdbName: string, value: (x: number) => number) =>
  double1(
    name,
    (x) => `CASE WHEN ${x} > 0 THEN ${duckdbName}(${x}) END`,
    (x) => (x > 0 ? value(x) : null),
  );

const whole1 = (name: string, call: string, value: (x: number) => number) =>
  fixed(name, [DOUBLE], BIGINT, {
    duckdb: ([x]) => `TRY_CAST(${call}(${x}) AS BIGINT)`,
    evaluate: ([x]) => wholeOf(value(Number(x))),
  });

const hex: FunctionSpec = Object.freeze({
  name: 'HEX',
  argsMin: 1,
  argsMax: 1,
  types: ([given]: readonly CallArgument[]) => {
    const type = given?.type ?? STRING;
    if (type.name === 'VARBINARY') return { args: [type], result: STRING };
    return { args: [isInteger(type) ? BIGINT : STRING], result: STRING };
  },
  duckdb: ([x]: readonly string[]) => `hex(${x})`,
  evaluate: ([x]: readonly Cell[]) => {
    if (typeof x === 'bigint') return BigInt.asUintN(64, x).toString(16).toUpperCase();
    return Buffer.from(x instanceof Uint8Array ? x : String(x))
      .toString('hex')
      .toUpperCase();
  },
});

const power = (name: string): FunctionSpec =>
  fixed(name, [DOUBLE, DOUBLE], DOUBLE, {
    duckdb: ([x, y]) => `sr_finite(pow(${x}, ${y}))`,
    evaluate: ([x, y]) => finite(Number(x) ** Number(y)),
  });

/** The remainder with the sign of the divisor. */
const pmod: FunctionSpec = Object.freeze({
  name: 'PMOD',
  argsMin: 2,
  argsMax: 2,
  types: (given: readonly CallArgument[]) => {
    const type = given.every(({ type: { name } }) => isInteger({ name })) ? BIGINT : DOUBLE;
    return { args: [type, type], result: type };
  },
  evaluate: ([a, b]: readonly Cell[]) => {
    if (typeof a === 'bigint' && typeof b === 'bigint') return b === 0n ? null : ((a % b) + b) % b;
    return Number(b) === 0 ? null : ((Number(a) % Number(b)) + Number(b)) % Number(b);
  },
});

const ceil = (name: string): FunctionSpec => whole1(name, 'ceil', Math.ceil);

export const MATH_FUNCTIONS: readonly FunctionSpec[] = [
  abs,
  ceil('CEIL'),
  ceil('CEILING'),
  whole1('FLOOR', 'floor', Math.floor),
  rounding('ROUND', 'round'),
  rounding('TRUNCATE', 'trunc'),
  power('POWER'),
  power('POW'),
  hex,
  double1(
    'SQRT',
    (x) => `CASE WHEN ${x} >= 0 THEN sqrt(${x}) END`,
    (x) => (x >= 0 ? Math.sqrt(x) : null),
  ),
  double1(
    'EXP',
    (x) => `sr_finite(exp(${x}))`,
    (x) => finite(Math.exp(x)),
  ),
  guardedLog('LN', 'ln', Math.log),
  guardedLog('LOG10', 'log10', Math.log10),
  guardedLog('LOG2', 'log2', Math.log2),
  pmod,
  fixed('FMOD', [DOUBLE, DOUBLE], DOUBLE, {
    evaluate: ([x, y]) => (Number(y) === 0 ? null : Number(x) % Number(y)),
  }),
  fixed('PI', [], DOUBLE, { duckdb: () => 'pi()', evaluate: () => Math.PI }),
  fixed(
    'SIGN',
    [DOUBLE],
    { name: 'FLOAT' },
    {
      duckdb: ([x]) => `CAST(sign(${x}) AS FLOAT)`,
      evaluate: ([x]) => Math.sign(Number(x)),
    },
  ),
  fixed('BIN', [BIGINT], STRING, {
    duckdb: ([x]) => `bin(${x})`,
    evaluate: ([x]) => BigInt.asUintN(64, typeof x === 'bigint' ? x : 0n).toString(2),
  }),
];
