/** Hints of a statement: `SET_VAR (name = value, ...)` counts, others are advice (sql-surface.md 2.1). */
import type { SetItem } from './ast.ts';
import { TokenCursor } from './cursor.ts';
import { parseSetValue } from './parse-set.ts';

const HINT = /\/\*\+([\s\S]*?)\*\//g;
const LINE_COMMENT = /--.*/g;

/** The variables that the hints in the text behind each token set, from one offset to another. */
export function parseHints(cursor: TokenCursor, from: number, to: number): readonly SetItem[] {
  if (!cursor.text.includes('/*+')) return [];
  const items: SetItem[] = [];
  for (const gap of cursor.gapsWithin(from, to)) {
    for (const [, text = ''] of gap.replace(LINE_COMMENT, '').matchAll(HINT)) {
      items.push(...parseHint(new TokenCursor(text, cursor.options)));
    }
  }
  return items;
}

function parseHint(cursor: TokenCursor): readonly SetItem[] {
  const items: SetItem[] = [];
  while (!cursor.isAtEnd()) {
    if (cursor.at('SET_USER_VARIABLE')) cursor.unsupported('the hint SET_USER_VARIABLE');
    if (cursor.accept('SET_VAR')) items.push(...cursor.parenthesized(() => parseItem(cursor)));
    else cursor.next();
  }
  return items;
}

function parseItem(cursor: TokenCursor): SetItem {
  const name = cursor.name();
  cursor.expect('=');
  return { scope: 'session', name, value: parseSetValue(cursor) };
}
