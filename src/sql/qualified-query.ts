/**
 * A query's text with every table named in full and in backticks: what a materialized view keeps,
 * so that it means the same in every session, and so that a restore can put other names in.
 */
import { SimError } from '../base/errors.ts';
import type { QueryNode, TableName } from './ast.ts';
import { type Token, tokenize } from './lexer.ts';
import { parseStatements } from './parse.ts';

export interface FullTableName {
  readonly db: string;
  readonly name: string;
}

export interface QualifiedQuery {
  readonly text: string;
  /** The tables, each once, in the order in which they stand in the text. */
  readonly tables: readonly FullTableName[];
  readonly query: QueryNode;
  /** Functions that are called, in lower case. */
  readonly functions: ReadonlySet<string>;
}

interface Found {
  readonly tables: { readonly name: TableName; readonly alias: string | undefined }[];
  /** What names come before columns and stars, the table last. */
  readonly qualifiers: { readonly path: readonly string[]; readonly offset: number }[];
  readonly commonTables: Set<string>;
  readonly functions: Set<string>;
}

/** The query of a text that holds nothing else. */
export function parseQueryText(text: string, pipesAsConcat: boolean): QueryNode {
  const [parsed, ...others] = parseStatements(text, {
    pipesAsConcat,
    newBackupForms: false,
    dropSnapshot: false,
    strict: true,
  });
  if (parsed?.statement.kind === 'select' && others.length === 0) return parsed.statement.query;
  throw new SimError('metadata-unreadable', 'the definition of a view is not a query');
}

/** `resolve` says in which database a name stands; it throws for one that may not be used. */
export function qualifiedQuery(
  text: string,
  pipesAsConcat: boolean,
  resolve: (name: TableName) => FullTableName,
): QualifiedQuery {
  const query = parseQueryText(text, pipesAsConcat);
  const found: Found = {
    tables: [],
    qualifiers: [],
    commonTables: new Set(),
    functions: new Set(),
  };
  collect(query, found);
  const tokens = tokenize(text);
  const edits: Edit[] = [];
  const tables: FullTableName[] = [];
  const qualifiers = new Map<string, FullTableName>();
  const ambiguous = new Set(found.commonTables);
  for (const { name, alias } of found.tables) {
    if (alias !== undefined) ambiguous.add(alias);
    if (name.db === undefined && found.commonTables.has(name.name)) continue;
    const full = resolve(name);
    if (!tables.some((one) => isSameTable(one, full))) tables.push(full);
    edits.push(editAt(tokens, name.position.offset, partsOf(name), full));
    if (alias !== undefined) continue;
    const other = qualifiers.get(name.name);
    if (other !== undefined && !isSameTable(other, full)) ambiguous.add(name.name);
    qualifiers.set(name.name, full);
  }
  for (const { path, offset } of found.qualifiers) {
    const tableName = path.at(-1) ?? '';
    const full = qualifiers.get(tableName);
    if (full === undefined || ambiguous.has(tableName)) continue;
    edits.push(editAt(tokens, offset, path.length, full));
  }
  return { text: edited(text, edits), tables, query, functions: found.functions };
}

function quotedTable({ db, name }: FullTableName): string {
  return `${quotedName(db)}.${quotedName(name)}`;
}

function quotedName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

function isSameTable(a: FullTableName, b: FullTableName): boolean {
  return a.db === b.db && a.name === b.name;
}

function partsOf({ catalog, db }: TableName): number {
  return catalog === undefined ? (db === undefined ? 1 : 2) : 3;
}

/** Goes through the whole tree: its nodes are plain objects told apart by `kind`. */
function collect(node: unknown, found: Found): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, found);
    return;
  }
  if (typeof node !== 'object' || node === null || node instanceof Uint8Array) return;
  note(node as Readonly<Record<string, unknown>>, found);
  for (const value of Object.values(node)) collect(value, found);
}

function note(node: Readonly<Record<string, unknown>>, found: Found): void {
  switch (node['kind']) {
    case 'query':
      for (const { name } of (node as unknown as QueryNode).with) found.commonTables.add(name);
      return;
    case 'table':
      found.tables.push(node as unknown as Found['tables'][number]);
      return;
    case 'call':
      found.functions.add(String(node['name']).toLowerCase());
      return;
    case 'column': {
      const { path, position } = node as unknown as ColumnNode;
      const names = path.slice(0, -1);
      if (names.length > 0) found.qualifiers.push({ path: names, offset: position.offset });
      return;
    }
    case 'star': {
      const { table, position } = node as unknown as StarNode;
      if (position !== undefined) found.qualifiers.push({ path: table, offset: position.offset });
      return;
    }
    default:
  }
}

interface ColumnNode {
  readonly path: readonly string[];
  readonly position: { readonly offset: number };
}

interface StarNode {
  readonly table: readonly string[];
  readonly position?: { readonly offset: number };
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** In the place of a name of so many parts, which has dots between them. */
function editAt(
  tokens: readonly Token[],
  offset: number,
  parts: number,
  full: FullTableName,
): Edit {
  const first = tokens.findIndex((token) => token.offset === offset);
  const last = tokens[first + 2 * (parts - 1)];
  if (first < 0 || last === undefined) throw new SimError('bug', 'a name is not in its text');
  return { start: offset, end: last.end, text: quotedTable(full) };
}

function edited(text: string, edits: readonly Edit[]): string {
  let result = text;
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => b.start - a.start)) {
    result = result.slice(0, start) + replacement + result.slice(end);
  }
  return result;
}
