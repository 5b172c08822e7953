/** Functions of angles, roots and logarithms; a result that is no finite number is NULL. */
import type { Cell } from '../../base/sql-type.ts';
import { DOUBLE } from '../types.ts';
import { type FunctionSpec, fixed } from './function-spec.ts';

const finite = (value: number): Cell => (Number.isFinite(value) ? value : null);

const of = (name: string, value: (x: number) => number): FunctionSpec =>
  fixed(name, [DOUBLE], DOUBLE, { evaluate: ([x]) => finite(value(Number(x))) });

const logarithm = (base: number, x: number): Cell =>
  base <= 0 || base === 1 || x <= 0 ? null : finite(Math.log(x) / Math.log(base));

export const LOG_WITH_BASE: FunctionSpec = fixed('LOG', [DOUBLE, DOUBLE], DOUBLE, {
  evaluate: ([base, x]) => logarithm(Number(base), Number(x)),
});

export const TRIGONOMETRIC_FUNCTIONS: readonly FunctionSpec[] = [
  of('SIN', Math.sin),
  of('COS', Math.cos),
  of('TAN', Math.tan),
  of('COT', (x) => 1 / Math.tan(x)),
  of('ASIN', Math.asin),
  of('ACOS', Math.acos),
  of('ATAN', Math.atan),
  of('SINH', Math.sinh),
  of('COSH', Math.cosh),
  of('TANH', Math.tanh),
  fixed('ATAN2', [DOUBLE, DOUBLE], DOUBLE, {
    evaluate: ([y, x]) => Math.atan2(Number(y), Number(x)),
  }),
  of('DEGREES', (x) => (x * 180) / Math.PI),
  of('RADIANS', (x) => (x / 180) * Math.PI),
  of('SQUARE', (x) => x * x),
  of('CBRT', Math.cbrt),
  fixed('E', [], DOUBLE, { evaluate: () => Math.E }),
];
