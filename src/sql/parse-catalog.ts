/** CREATE, DROP and SHOW CREATE of external catalogs (sql-surface.md 4.10). */
import type { Statement } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseComment, parseIfExists, parseIfNotExists, parseProperties } from './parse-common.ts';

/** After CREATE EXTERNAL CATALOG. */
export function parseCreateCatalog(cursor: TokenCursor): Statement {
  const ifNotExists = parseIfNotExists(cursor);
  const name = cursor.nameOrString();
  const comment = parseComment(cursor);
  if (!cursor.at('PROPERTIES')) cursor.fail('PROPERTIES');
  return {
    kind: 'create-catalog',
    ifNotExists,
    name,
    comment,
    properties: parseProperties(cursor),
  };
}

/** After DROP CATALOG. */
export function parseDropCatalog(cursor: TokenCursor): Statement {
  const ifExists = parseIfExists(cursor);
  return { kind: 'drop-catalog', ifExists, name: cursor.nameOrString() };
}

/** After SHOW; undefined when it is something else. */
export function parseShowCreateCatalog(cursor: TokenCursor): Statement | undefined {
  if (!cursor.accept('CREATE', 'CATALOG')) return undefined;
  return { kind: 'show-create-catalog', name: cursor.nameOrString() };
}
