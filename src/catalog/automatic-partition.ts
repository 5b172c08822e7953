/**
 * The partitions that a load makes for rows without one, with the names that StarRocks gives them
 * (sql-surface.md 3.3; `AnalyzerUtils`). Pure: says which, makes none.
 */
import { assert } from '../base/assert.ts';
import type { Cell } from '../base/sql-type.ts';
import { compareMoments, dateText, dateTimeText, parseMoment, plus, startOf } from './calendar.ts';
import type { ListDefinition } from './list-definition.ts';
import type { Column, ExpressionUnit, OlapTable, Partition, PartitionBy } from './model.ts';
import { listKey } from './partition-list.ts';
import { partitionColumns } from './partition-range.ts';
import { automaticName, type RangeDefinition } from './range-definition.ts';

/** Whether loads make partitions of the table. */
export function isAutomatic(partitionBy: PartitionBy): boolean {
  return (
    partitionBy.kind === 'EXPR_RANGE' || (partitionBy.kind === 'LIST' && partitionBy.isAutomatic)
  );
}

/** A new partition as ADD PARTITION IF NOT EXISTS would define it. */
export type AutomaticDefinition =
  | Exclude<RangeDefinition, { readonly kind: 'batch' | 'less-than' }>
  | (ListDefinition & { readonly kind: 'list' });

/**
 * One definition for each partition that the rows lack, in the order of the rows. `rows` are
 * values of the partition columns; a partition that several of them need comes once.
 */
export function automaticPartitions(
  table: OlapTable,
  rows: readonly (readonly Cell[])[],
): readonly AutomaticDefinition[] {
  const { partitionBy } = table;
  assert(isAutomatic(partitionBy), `${table.name} has automatic partitions`);
  const byName = new Map<string, AutomaticDefinition>();
  if (partitionBy.kind === 'EXPR_RANGE') {
    const [column] = partitionColumns(table);
    assert(column !== undefined, 'an expression has a column');
    for (const [cell = null] of rows) {
      const definition = unitPartition(cell, partitionBy.unit, column);
      byName.set(definition.name, definition);
    }
    return [...byName.values()];
  }
  const taken = new Map<string, Pick<Partition, 'list'>>(
    [...table.partitions].map(([name, one]) => [name.toLowerCase(), one]),
  );
  const seen = new Set<string>();
  for (const row of rows) {
    const key = listKey(row);
    if (seen.has(key)) continue;
    seen.add(key);
    const values = [row.map((cell) => (cell === null ? null : String(cell)))];
    const name = freeName(listName(row), key, taken);
    taken.set(name.toLowerCase(), { list: values });
    byName.set(name, { kind: 'list', name, ifNotExists: true, values, properties: NO_PROPERTIES });
  }
  return [...byName.values()];
}

const NO_PROPERTIES: ReadonlyMap<string, string> = new Map();

/** NULL belongs to the first day there is. */
const FIRST_DAY = '0000-01-01';
const LAST_YEAR = 9999;

function unitPartition(cell: Cell, unit: ExpressionUnit, column: Column): AutomaticDefinition {
  const moment = parseMoment(cell === null ? FIRST_DAY : String(cell));
  assert(moment !== undefined, `a date in column ${column.name}`);
  const start = startOf(unit, moment);
  const end = plus(unit, start, 1);
  assert(compareMoments(start, end) < 0, 'a unit of time is longer than nothing');
  const text = column.type.name === 'DATE' ? dateText : dateTimeText;
  return {
    kind: 'fixed',
    name: automaticName(unit, start),
    ifNotExists: true,
    lower: [{ kind: 'value', text: text(start) }],
    upper: [end.year > LAST_YEAR ? { kind: 'maxvalue' } : { kind: 'value', text: text(end) }],
    properties: NO_PROPERTIES,
  };
}

const LIST_NAME_LENGTH_MAX = 50;

/** `p20220401_Houston`; NULL is `pNULL`. */
function listName(row: readonly Cell[]): string {
  const name = `p${row.map((cell) => nameText(cell === null ? 'NULL' : String(cell))).join('_')}`;
  if (name.length <= LIST_NAME_LENGTH_MAX) return name;
  return `${name.slice(0, LIST_NAME_LENGTH_MAX)}_${hex(textHash(name))}`;
}

/** Letters and digits; of the rest, `-`, `:` and blanks go, others become their code in hex. */
function nameText(value: string): string {
  let text = value.startsWith('-') ? '_' : '';
  for (let at = 0; at < value.length; at += 1) {
    const letter = value.charAt(at);
    if (/[A-Za-z0-9]/.test(letter)) text += letter;
    else if (!/[-: ]/.test(letter)) text += (value.codePointAt(at) ?? 0).toString(16);
  }
  return text;
}

/** Other values of the same name make it another one. */
function freeName(
  name: string,
  key: string,
  taken: ReadonlyMap<string, Pick<Partition, 'list'>>,
): string {
  const isFree = (candidate: string): boolean => {
    const other = taken.get(candidate.toLowerCase());
    return other === undefined || (other.list ?? []).some((values) => listKey(values) === key);
  };
  if (isFree(name)) return name;
  let hash = textHash(name);
  let candidate = `${name}_${hex(hash)}`;
  while (!isFree(candidate)) {
    hash = (hash + 1) | 0;
    candidate = `${name}_${hex(hash)}`;
  }
  return candidate;
}

/** `String.hashCode` of Java, which makes the ends of such names in StarRocks. */
function textHash(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at += 1) hash = (hash * 31 + text.charCodeAt(at)) | 0;
  return hash;
}

function hex(value: number): string {
  return (value >>> 0).toString(16);
}
