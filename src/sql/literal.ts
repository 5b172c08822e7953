/** Quoted text and what it stands for, in both directions (sql-surface.md 2.1). */

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['b', '\b'],
  ['0', '\0'],
  ['Z', '\x1a'],
  // Kept for LIKE, which gives them their meaning.
  ['%', '\\%'],
  ['_', '\\_'],
]);

/** The value of a literal with its quotes, which must be well-formed. */
export function decodeString(literal: string): string {
  const quote = literal[0] ?? "'";
  const inner = literal.slice(1, -1);
  if (!inner.includes('\\') && !inner.includes(quote)) return inner;
  let value = '';
  for (let at = 0; at < inner.length; at += 1) {
    const character = inner[at] ?? '';
    if (character === quote) {
      at += 1;
      value += quote;
    } else if (character === '\\') {
      at += 1;
      const escaped = inner[at] ?? '';
      value += ESCAPES.get(escaped) ?? escaped;
    } else {
      value += character;
    }
  }
  return value;
}

/** A literal in single quotes that decodes to `value`, whatever it holds. */
export function quoteString(value: string): string {
  let inner = '';
  for (const character of value) {
    if (character === "'") inner += "''";
    else if (character === '\\') inner += '\\\\';
    else if (character === '\n') inner += '\\n';
    else if (character === '\r') inner += '\\r';
    else if (character === '\0') inner += '\\0';
    else inner += character;
  }
  return `'${inner}'`;
}

/** The name in backticks, which must be well-formed. */
export function decodeQuotedName(literal: string): string {
  return literal.slice(1, -1).replaceAll('``', '`');
}

/** A name in backticks, whatever it holds. */
export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Undefined when the text is not pairs of hexadecimal digits. */
export function decodeHex(digits: string): Uint8Array | undefined {
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(digits)) return undefined;
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}
