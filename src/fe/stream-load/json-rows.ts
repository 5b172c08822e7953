/**
 * A JSON body as rows of texts. Numbers keep the digits they are written with: a BIGINT or DECIMAL
 * must not go through a floating number.
 */
import { SimError } from '../../base/errors.ts';
import { atPath } from './json-path.ts';
import type { SourceRow } from './source-rows.ts';
import type { JsonFormat } from './stream-load-options.ts';

/** Stands before the digits of a number that was made a text, so that JSON.parse leaves them be. */
const NUMBER_MARK = '\u0000#';

const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Rows with a value for each of `names`. Throws `rows-filtered` for what is no JSON. */
export function jsonRows(
  body: Buffer,
  { stripsOuterArray, paths, root }: JsonFormat,
  names: readonly string[],
): readonly SourceRow[] {
  const documents = documentsOf(decoded(body));
  const rows = documents.flatMap((document): readonly unknown[] => {
    const value = root === undefined ? document : atPath(document, root);
    if (value === undefined) throw broken('json_root is not there');
    if (!stripsOuterArray) return [value];
    if (Array.isArray(value)) return value;
    throw broken('the value should be array type with strip_outer_array=true');
  });
  return rows.map((row): SourceRow => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) {
      const why = Array.isArray(row) ? ': say strip_outer_array=true' : '';
      return { cells: [], problem: `the value should be object type${why}` };
    }
    const cells = names.map((name, index) => {
      const path = paths?.[index];
      return cellOf(path === undefined ? atPath(row, [name]) : atPath(row, path));
    });
    return { cells };
  });
}

function decoded(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (error) {
    throw new SimError('rows-filtered', 'the body is not UTF-8', { cause: error });
  }
}

/** One value after the other, with or without lines between them. */
function documentsOf(text: string): readonly unknown[] {
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    token.startsWith('"') ? token : JSON.stringify(NUMBER_MARK + token),
  );
  return pieces(marked).map((piece) => {
    try {
      return JSON.parse(piece) as unknown;
    } catch (error) {
      throw broken(piece.slice(0, SHOWN_CHARS_MAX).replaceAll(/"\\u0000#([^"]*)"/g, '$1'), error);
    }
  });
}

const SHOWN_CHARS_MAX = 60;

/** Cut behind each bracket that closes a value at the top. */
function pieces(text: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let from = 0;
  const token = /"(?:[^"\\]|\\.)*"|[[\]{}]/g;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [sign] = match;
    if (sign === '[' || sign === '{') depth += 1;
    else if (sign === ']' || sign === '}') {
      depth -= 1;
      if (depth > 0) continue;
      found.push(text.slice(from, token.lastIndex));
      from = token.lastIndex;
    }
  }
  const rest = text.slice(from);
  return rest.trim() === '' ? found : [...found, rest];
}

function broken(what: string, cause?: unknown): SimError {
  return new SimError('rows-filtered', `parse json failed: ${what}`, { cause });
}

function cellOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'string') {
    return value.startsWith(NUMBER_MARK) ? value.slice(NUMBER_MARK.length) : value;
  }
  return JSON.stringify(value).replaceAll(/"\\u0000#([^"]*)"/g, '$1');
}
