/**
 * JSON as StarRocks' JSON library writes it: compact, or with an indent of one where an object of
 * one entry stays on its line (repository.md 3.1). Values are trees of the few kinds needed.
 */

export type JsonTree = string | number | readonly JsonTree[] | ReadonlyMap<string, JsonTree>;

/** `</` is written `<\/`, and invisible characters as escapes; readers undo both. */
export function quoteJson(text: string): string {
  return JSON.stringify(text)
    .replaceAll('</', '<\\/')
    .replace(
      /[\u0080-\u009f\u2000-\u20ff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}

export function compactJson(tree: JsonTree): string {
  const parts: string[] = [];
  writeCompact(tree, parts);
  return parts.join('');
}

function writeCompact(tree: JsonTree, out: string[]): void {
  if (typeof tree === 'string') {
    out.push(quoteJson(tree));
  } else if (typeof tree === 'number') {
    out.push(String(tree));
  } else if (isList(tree)) {
    out.push('[');
    tree.forEach((item, index) => {
      if (index > 0) out.push(',');
      writeCompact(item, out);
    });
    out.push(']');
  } else {
    let lead = '{';
    for (const [key, value] of tree) {
      out.push(lead, quoteJson(key), ':');
      writeCompact(value, out);
      lead = ',';
    }
    out.push(tree.size === 0 ? '{}' : '}');
  }
}

/** With an indent of one blank per level. */
export function indentedJson(tree: JsonTree, level = 0): string {
  if (typeof tree === 'string' || typeof tree === 'number') return compactJson(tree);
  const isArray = isList(tree);
  const [open, close] = isArray ? '[]' : '{}';
  const write = (depth: number): string[] =>
    isList(tree)
      ? tree.map((item) => indentedJson(item, depth))
      : [...tree].map(([key, value]) => `${quoteJson(key)}: ${indentedJson(value, depth)}`);
  const size = isList(tree) ? tree.length : tree.size;
  if (size <= 1) return `${open}${write(level).join('')}${close}`;
  const margin = ' '.repeat(level + 1);
  const lines = write(level + 1).map((line) => `${margin}${line}`);
  return `${open}\n${lines.join(',\n')}\n${' '.repeat(level)}${close}`;
}

function isList(
  tree: readonly JsonTree[] | ReadonlyMap<string, JsonTree>,
): tree is readonly JsonTree[] {
  return Array.isArray(tree);
}
