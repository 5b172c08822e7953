/** Groups and aggregates over rows in memory. */
import { integerCell } from '../../base/cast-cell.ts';
import { divideRounded, formatDecimal, parseDecimal } from '../../base/decimal-text.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import type { BoundAggregate, Plan } from '../bound.ts';
import { compareCells, rowKey } from '../compare-cells.ts';
import { compileExpr, needsEngine, overflow, type Slots } from './evaluate-expr.ts';

interface Accumulator {
  add(values: readonly Cell[]): void;
  result(): Cell;
}

function counter(): Accumulator {
  let count = 0n;
  return {
    add: (values) => {
      if (!values.includes(null)) count += 1n;
    },
    result: () => count,
  };
}

function best(type: SqlType, sign: 1 | -1): Accumulator {
  let kept: Cell = null;
  return {
    add: ([value = null]) => {
      if (value === null) return;
      if (kept === null || compareCells(value, kept, type) * sign > 0) kept = value;
    },
    result: () => kept,
  };
}

/** SUM and AVG: exact on whole numbers and decimals, floating on the rest. */
function total(aggregate: BoundAggregate, argument: SqlType): Accumulator {
  const isFloat = argument.name === 'DOUBLE';
  const scale = argument.scale ?? 0;
  let exact = 0n;
  let floating = 0;
  let count = 0n;
  return {
    add: ([value = null]) => {
      if (value === null) return;
      count += 1n;
      if (isFloat) floating += Number(value);
      else if (typeof value === 'string') exact += parseDecimal(value)?.unscaled ?? 0n;
      else exact += BigInt(value as number | bigint);
    },
    result: () => {
      if (count === 0n) return null;
      const { name, type } = aggregate;
      if (type.name === 'DOUBLE') {
        const sum = isFloat ? floating : Number(exact);
        return name === 'AVG' ? sum / Number(count) : sum;
      }
      if (type.name === 'DECIMAL') {
        const digits = type.scale ?? 0;
        const unscaled =
          name === 'AVG' ? divideRounded(exact * 10n ** BigInt(digits - scale), count) : exact;
        return formatDecimal(unscaled, digits);
      }
      if (type.name === 'BIGINT') return BigInt.asIntN(64, exact);
      const cell = integerCell(exact, type.name);
      if (cell === undefined) throw overflow(type);
      return cell;
    },
  };
}

function anyTrue(decisive: boolean): Accumulator {
  let seen: Cell = null;
  return {
    add: ([value = null]) => {
      if (value === null) return;
      if (value === decisive || seen === null) seen = value;
    },
    result: () => seen,
  };
}

function firstValue(): Accumulator {
  let kept: Cell = null;
  return {
    add: ([value = null]) => {
      kept ??= value;
    },
    result: () => kept,
  };
}

function accumulator(aggregate: BoundAggregate): Accumulator {
  const type = aggregate.args[0]?.type ?? aggregate.type;
  switch (aggregate.name) {
    case 'COUNT_ALL':
    case 'COUNT':
      return counter();
    case 'SUM':
    case 'AVG':
      return total(aggregate, type);
    case 'MIN':
      return best(type, -1);
    case 'MAX':
      return best(type, 1);
    case 'ANY_VALUE':
      return firstValue();
    case 'BOOL_OR':
      return anyTrue(true);
    case 'BOOL_AND':
      return anyTrue(false);
    default:
      throw needsEngine(`aggregate ${aggregate.name.toLowerCase()}`);
  }
}

function ofDistinct(inner: Accumulator): Accumulator {
  const seen = new Set<string>();
  return {
    add: (values) => {
      const key = rowKey(values);
      if (seen.has(key)) return;
      seen.add(key);
      inner.add(values);
    },
    result: () => inner.result(),
  };
}

/** One row per group, keys first; without keys one row, also of no input. */
export function aggregateRows(
  plan: Extract<Plan, { kind: 'aggregate' }>,
  rows: readonly (readonly Cell[])[],
  slots: Slots,
): Cell[][] {
  const keys = plan.groups.map(({ expr }) => compileExpr(expr, slots));
  const inputs = plan.aggregates.map(({ args }) => args.map((arg) => compileExpr(arg, slots)));
  const groups = new Map<string, { key: Cell[]; accumulators: Accumulator[] }>();
  const open = (key: Cell[]): { key: Cell[]; accumulators: Accumulator[] } => ({
    key,
    accumulators: plan.aggregates.map((aggregate) =>
      aggregate.distinct ? ofDistinct(accumulator(aggregate)) : accumulator(aggregate),
    ),
  });
  if (keys.length === 0) groups.set('', open([]));
  for (const row of rows) {
    const key = keys.map((expr) => expr(row));
    const text = rowKey(key);
    let group = groups.get(text);
    if (group === undefined) {
      group = open(key);
      groups.set(text, group);
    }
    for (const [index, item] of group.accumulators.entries()) {
      item.add((inputs[index] ?? []).map((input) => input(row)));
    }
  }
  return Array.from(groups.values(), ({ key, accumulators }) => [
    ...key,
    ...accumulators.map((item) => item.result()),
  ]);
}
