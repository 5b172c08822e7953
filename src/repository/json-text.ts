/**
 * JSON as StarRocks' JSON library writes it: compact, or with an indent of one where an object of
 * one entry stays on its line (repository.md 3.1). Trees are of the few kinds needed: no arrays.
 */

export type JsonTree = string | number | ReadonlyMap<string, JsonTree> | CompactText;

/** A part that is compact JSON already: what is too large to be worth a tree. */
export class CompactText {
  readonly json: string;

  constructor(json: string) {
    this.json = json;
  }
}

/** What needs no escape: ids and most names, of which a large snapshot has hundreds of thousands. */
const PLAIN = /^[\w .-]*$/;

/** `</` is written `<\/`, and invisible characters as escapes; readers undo both. */
export function quoteJson(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
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
  } else if (tree instanceof CompactText) {
    out.push(tree.json);
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
  if (!(tree instanceof Map)) return compactJson(tree);
  const isOneLine = tree.size <= 1;
  const depth = isOneLine ? level : level + 1;
  const entries = [...tree].map(
    ([key, value]) => `${quoteJson(key)}: ${indentedJson(value, depth)}`,
  );
  if (isOneLine) return `{${entries.join('')}}`;
  const margin = ' '.repeat(depth);
  const lines = entries.map((entry) => `${margin}${entry}`);
  return `{\n${lines.join(',\n')}\n${' '.repeat(level)}}`;
}
