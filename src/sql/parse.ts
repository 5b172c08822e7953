/** Text to statements: the whole text is parsed before any of it runs (sql-surface.md 1.4). */
import { SimError } from '../base/errors.ts';
import type { Position, SetItem, Statement } from './ast.ts';
import { NESTING_MAX, TokenCursor } from './cursor.ts';
import { positionOf } from './parse-common.ts';
import { parseHints } from './parse-hints.ts';
import type { ParseOptions } from './parse-options.ts';
import { parseStatement } from './parse-statement.ts';
import { isDeeperThan, TREE_DEPTH_MAX } from './tree-depth.ts';

export type { ParseOptions } from './parse-options.ts';

export interface ParsedStatement {
  readonly statement: Statement;
  /** As written, without the semicolon and comments around it. */
  readonly text: string;
  readonly position: Position;
  /** How many `?` it has. */
  readonly parameterCount: number;
  /** Variables that its hints set for it alone. */
  readonly hints: readonly SetItem[];
}

/**
 * All statements of the text, in order; none for an empty one. Stray semicolons are skipped.
 * Throws a `SimError` and nothing else: `syntax` with line, column and token; `unsupported` for
 * what StarRocks has and the emulator has not; `limit-reached` for a text that is too big or deep.
 */
export function parseStatements(text: string, options: ParseOptions): readonly ParsedStatement[] {
  const cursor = new TokenCursor(text, options);
  const statements: ParsedStatement[] = [];
  for (;;) {
    while (cursor.accept(';'));
    if (cursor.isAtEnd()) return statements;
    cursor.beginStatement();
    const position = positionOf(cursor);
    const statement = parseStatement(cursor);
    refuseDeepTree(cursor, statement);
    statements.push({
      statement,
      text: text.slice(position.offset, cursor.previousEnd),
      position,
      parameterCount: cursor.parameterCount,
      hints: parseHints(cursor, position.offset, cursor.previousEnd),
    });
    if (!cursor.isAtEnd() && !cursor.accept(';')) cursor.fail();
  }
}

/** Most trees cannot be too deep; only the others are measured. */
function refuseDeepTree(cursor: TokenCursor, statement: Statement): void {
  if (cursor.chainSteps <= TREE_DEPTH_MAX - 2 * NESTING_MAX) return;
  if (!isDeeperThan(statement, TREE_DEPTH_MAX)) return;
  throw new SimError('limit-reached', `a statement is nested deeper than ${TREE_DEPTH_MAX} levels`);
}
