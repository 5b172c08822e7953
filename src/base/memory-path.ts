/** Paths of a simulated disk, taken apart. */
import { SimError } from './errors.ts';

export function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (let from = 0; from < path.length; ) {
    const slash = path.indexOf('/', from);
    const to = slash < 0 ? path.length : slash;
    const name = path.slice(from, to);
    if (name === '.' || name === '..') throw notAbsolute(path);
    if (name !== '') segments.push(name);
    from = to + 1;
  }
  return segments;
}

export function lengthWithoutSlash(path: string): number {
  let end = path.length;
  while (path.charCodeAt(end - 1) === SLASH) end -= 1;
  return end;
}

/** What a path names, and where; the path is not that of the root. */
export function splitPath(path: string): { readonly directory: string; readonly name: string } {
  const end = lengthWithoutSlash(path);
  const nameAt = path.lastIndexOf('/', end - 1) + 1;
  const name = path.slice(nameAt, end);
  if (name === '.' || name === '..') throw notAbsolute(path);
  return { directory: nameAt <= 1 ? '/' : path.slice(0, nameAt - 1), name };
}

export const SLASH = 47;

export function notAbsolute(path: string): SimError {
  return new SimError('bug', `a path that is not absolute: ${path}`);
}
