/** How a table is partitioned, and the texts of its partitions, from SHOW CREATE TABLE. */
import { type Connection, cell } from '../connection/connection.ts';
import { quotePath } from '../connection/sql-text.ts';

export interface TableKind {
  /** `automatic`: a load makes the partitions that it needs. */
  readonly kind: 'none' | 'range' | 'list' | 'automatic';
  /** `VALUES [...)` or `VALUES IN (...)` by partition. */
  readonly definitions: ReadonlyMap<string, string>;
}

export async function tableKind(
  connection: Connection,
  database: string,
  table: string,
): Promise<TableKind> {
  const [row] = await connection.query(`SHOW CREATE TABLE ${quotePath(database, table)}`);
  return parseTableKind(row === undefined ? '' : cell(row, 'Create Table'));
}

export function parseTableKind(text: string): TableKind {
  const by = /^PARTITION BY (.*)$/m.exec(text)?.[1] ?? '';
  if (by === '') return { kind: 'none', definitions: new Map() };
  const isRange = /^RANGE\s*\(/i.test(by);
  const isList = /^LIST\s*\(/i.test(by);
  if (!isRange && !isList) return { kind: 'automatic', definitions: new Map() };
  const definitions = new Map<string, string>();
  for (const match of text.matchAll(/\(?PARTITION `?([^`\s]+)`? (VALUES )/g)) {
    const from = match.index + match[0].length;
    definitions.set(match[1] ?? '', `VALUES ${balancedText(text, from)}`);
  }
  return { kind: isRange ? 'range' : 'list', definitions };
}

/** Up to where the first bracket is closed. A range opens with `[` and ends with `)`. */
function balancedText(text: string, from: number): string {
  let depth = 0;
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (quote !== '') {
      if (char === '\\') at += 1;
      else if (char === quote) quote = '';
    } else if (char === '"' || char === "'") quote = char;
    else if (char === '(' || char === '[') depth += 1;
    else if (char === ')' || char === ']') {
      depth -= 1;
      if (depth === 0) return text.slice(from, at + 1);
    }
  }
  throw new Error(`SHOW CREATE TABLE: a partition has no end: ${text.slice(from, from + 80)}`);
}
