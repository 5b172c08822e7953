/**
 * Patterns in the paths of files that a query reads: `*` and `?` stay inside one segment, `[a-c]`,
 * `[^a]` and `{a,b}` as in Hadoop; `\` takes the meaning away from what follows.
 */

/** What of a path is fixed, and a test for each segment below it. */
export interface PathPattern {
  /** Without the patterns; `/` if the first segment is one. */
  readonly fixed: string;
  readonly segments: readonly RegExp[];
}

const SPECIAL = /[*?[\]{}\\]/;

export function pathPattern(path: string): PathPattern {
  const parts = path.split('/').filter((part) => part !== '');
  const first = parts.findIndex((part) => SPECIAL.test(part));
  const fixed = first < 0 ? parts : parts.slice(0, first);
  const rest = first < 0 ? [] : parts.slice(first);
  return { fixed: `/${fixed.join('/')}`, segments: rest.map(segmentPattern) };
}

/** One segment as a pattern of whole names. An unclosed bracket or brace stands for itself. */
function segmentPattern(segment: string): RegExp {
  let source = '';
  let braces = 0;
  for (let at = 0; at < segment.length; at += 1) {
    const character = segment[at] ?? '';
    const close = segment.indexOf(']', at + 2);
    if (character === '\\' && at + 1 < segment.length) {
      at += 1;
      source += escaped(segment[at] ?? '');
    } else if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (character === '[' && close > 0) {
      source += characterClass(segment.slice(at + 1, close));
      at = close;
    } else if (character === '{' && segment.includes('}', at)) {
      braces += 1;
      source += '(?:';
    } else if (character === '}' && braces > 0) {
      braces -= 1;
      source += ')';
    } else if (character === ',' && braces > 0) source += '|';
    else source += escaped(character);
  }
  return new RegExp(`^${source}${')'.repeat(braces)}$`, 's');
}

function characterClass(inside: string): string {
  const isNegated = inside[0] === '^' || inside[0] === '!';
  const members = (isNegated ? inside.slice(1) : inside).replace(/[\\\]^[]/g, '\\$&');
  return `[${isNegated ? '^' : ''}${members}]`;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
