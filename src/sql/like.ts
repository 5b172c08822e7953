/**
 * Pattern matching of `LIKE`: `%` is any run of characters, `_` any one, a backslash takes the
 * next character as it is. For SHOW ... LIKE and lookups that the frontend answers itself.
 */

export interface LikeOptions {
  readonly ignoreCase?: boolean;
}

/**
 * Whether the whole `text` fits `pattern`. Time is bounded by the product of both lengths.
 * Matches by Unicode characters, so that `_` stands for one emoji too.
 */
export function matchesLike(pattern: string, text: string, options: LikeOptions = {}): boolean {
  const ignoreCase = options.ignoreCase === true;
  const parts = compile(ignoreCase ? pattern.toLowerCase() : pattern);
  const characters = [...(ignoreCase ? text.toLowerCase() : text)];
  let part = 0;
  let at = 0;
  let restartPart = -1;
  let restartAt = 0;
  while (at < characters.length) {
    const wanted = parts[part];
    if (wanted === ANY_RUN) {
      part += 1;
      restartPart = part;
      restartAt = at;
    } else if (wanted !== undefined && (wanted === ANY_ONE || wanted === characters[at])) {
      part += 1;
      at += 1;
    } else if (restartPart >= 0) {
      part = restartPart;
      restartAt += 1;
      at = restartAt;
    } else {
      return false;
    }
  }
  while (parts[part] === ANY_RUN) part += 1;
  return part === parts.length;
}

const ANY_RUN = Symbol('%');
const ANY_ONE = Symbol('_');

type Part = string | typeof ANY_RUN | typeof ANY_ONE;

function compile(pattern: string): readonly Part[] {
  const characters = [...pattern];
  const parts: Part[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at] ?? '';
    if (character === '%') parts.push(ANY_RUN);
    else if (character === '_') parts.push(ANY_ONE);
    else if (character === '\\' && at + 1 < characters.length) {
      at += 1;
      parts.push(characters[at] ?? '');
    } else parts.push(character);
  }
  return parts;
}
