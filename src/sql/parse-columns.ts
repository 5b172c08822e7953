/** Actions of ALTER TABLE on columns (sql-surface.md 3.4). */
import type { ColumnAction, ColumnChangeDef, ColumnPlaceDef } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseColumn, parseSortKey } from './parse-create-table.ts';

/** The actions, if these are some; nothing is taken otherwise. */
export function parseColumnAction(cursor: TokenCursor): ColumnAction | undefined {
  const first = parseChange(cursor);
  if (first === undefined) return undefined;
  const changes = [...first];
  while (cursor.accept(',')) {
    const more = parseChange(cursor);
    if (more === undefined) cursor.unsupported('ALTER TABLE with actions of several kinds');
    changes.push(...more);
  }
  return { kind: 'change-columns', changes };
}

function parseChange(cursor: TokenCursor): readonly ColumnChangeDef[] | undefined {
  if (cursor.accept('ADD', 'COLUMN')) return parseAdded(cursor);
  if (cursor.accept('DROP', 'COLUMN')) {
    const name = cursor.name();
    refuseTail(cursor, 'FROM');
    return [{ kind: 'drop', name }];
  }
  if (cursor.accept('MODIFY', 'COLUMN')) {
    if (cursor.peek(1).key === 'COMMENT') cursor.unsupported('MODIFY COLUMN ... COMMENT alone');
    const column = parseColumn(cursor);
    const place = parsePlace(cursor);
    refuseTail(cursor, 'FROM');
    return [{ kind: 'modify', column, place }];
  }
  if (cursor.accept('RENAME', 'COLUMN')) {
    const name = cursor.name();
    cursor.expect('TO');
    return [{ kind: 'rename', name, newName: cursor.name() }];
  }
  if (!cursor.at('ORDER', 'BY')) return undefined;
  const columns = parseSortKey(cursor);
  refuseTail(cursor, 'FROM');
  return [{ kind: 'order', columns }];
}

/** `c INT [FIRST | AFTER a]` or `(c INT, d INT)`. */
function parseAdded(cursor: TokenCursor): readonly ColumnChangeDef[] {
  const isList = cursor.at('(');
  const columns = isList ? cursor.parenthesized(() => parseColumn(cursor)) : [parseColumn(cursor)];
  const place = isList ? undefined : parsePlace(cursor);
  refuseTail(cursor, 'TO');
  return columns.map((column) => ({ kind: 'add', column, place }));
}

function parsePlace(cursor: TokenCursor): ColumnPlaceDef | undefined {
  if (cursor.accept('FIRST')) return { kind: 'first' };
  return cursor.accept('AFTER') ? { kind: 'after', column: cursor.name() } : undefined;
}

/** Of one rollup alone: that is not ours. */
function refuseTail(cursor: TokenCursor, word: 'TO' | 'FROM'): void {
  if (cursor.at(word)) cursor.unsupported('columns of one rollup in ALTER TABLE');
  if (cursor.at('PROPERTIES')) cursor.unsupported('PROPERTIES of a column change');
}
