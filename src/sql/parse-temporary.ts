/** Actions of ALTER TABLE on temporary partitions (sql-surface.md 3.4). */
import type { AlterAction, PartitionNames } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseAdded } from './parse-added-partition.ts';
import { parseIfExists, parsePartitionNames, parseProperties } from './parse-common.ts';

/** The action, if it is one of these; nothing is taken otherwise. */
export function parseTemporaryAction(cursor: TokenCursor): AlterAction | undefined {
  if (cursor.accept('ADD', 'TEMPORARY')) {
    return { kind: 'add-temporary-partition', ...parseAdded(cursor) };
  }
  if (cursor.accept('DROP', 'ALL', 'TEMPORARY', 'PARTITIONS')) {
    return { kind: 'drop-all-temporary-partitions' };
  }
  if (cursor.accept('DROP', 'TEMPORARY', 'PARTITION')) {
    const ifExists = parseIfExists(cursor);
    const name = cursor.name();
    // A temporary partition is gone at once, with or without FORCE.
    cursor.accept('FORCE');
    return { kind: 'drop-temporary-partition', name, ifExists };
  }
  if (!cursor.at('REPLACE', 'PARTITION')) return undefined;
  cursor.expect('REPLACE');
  const replaced = parseNames(cursor, false);
  cursor.expect('WITH');
  const temporary = parseNames(cursor, true);
  return { kind: 'replace-partitions', replaced, temporary, properties: parseProperties(cursor) };
}

function parseNames(cursor: TokenCursor, isTemporary: boolean): PartitionNames {
  const names = parsePartitionNames(cursor);
  if (names?.isTemporary === isTemporary) return names;
  return cursor.fail(isTemporary ? 'TEMPORARY' : 'PARTITION');
}
