/** Paths into JSON as `jsonpaths` and `json_root` write them: `$.a.b[0]."odd name"`. */
import { SimError } from '../../base/errors.ts';

/** Keys of objects and positions in arrays, from the outside in. */
export type JsonPath = readonly (string | number)[];

const STEP = /\.(?:"([^"]+)"|([^.[\]"]+))|\[(?:(\d+)|"([^"]+)")\]/y;

/** `bad-option` names a path that is none. */
export function jsonPath(written: string): JsonPath {
  const path: (string | number)[] = [];
  const text = written.trim();
  STEP.lastIndex = 1;
  while (text.startsWith('$') && STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (match === null) break;
    const index = match[3];
    path.push(index === undefined ? (match[1] ?? match[2] ?? match[4] ?? '') : Number(index));
    if (STEP.lastIndex === text.length) return path;
  }
  if (text === '$') return path;
  throw new SimError('bad-option', `JSON path '${written}' must have the form $.name[0].name`);
}

/** What stands at the path; `undefined` where nothing does. */
export function atPath(value: unknown, path: JsonPath): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string | number, unknown>>)[step];
  }
  return at;
}
