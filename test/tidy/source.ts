/** Source files as the tidy test sees them: text, code without comments and texts, imports. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

export interface SourceFile {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** The text with comments and the insides of string literals blanked out, same positions. */
  readonly code: string;
  readonly imports: readonly SourceImport[];
}

export interface SourceImport {
  readonly specifier: string;
  /** For a relative specifier: the path of the file it names. */
  readonly target: string | undefined;
  /** Gone at run time. */
  readonly isTypeOnly: boolean;
}

const ROOT = join(import.meta.dirname, '..', '..');

export function readSources(folder: string): SourceFile[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map(readSource);
}

function readSource(path: string): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const code = blanked(text);
  return { path, text, lines: text.split('\n'), code, imports: importsOf(path, text, code) };
}

/** What `package.json` gives to the outside or runs from its scripts, as paths of sources. */
export function entryPaths(): string[] {
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8');
  const built = [...text.matchAll(/"\.?\/?dist\/([^"]+?)(?:\.d\.ts|\.js)"/g)];
  const run = [...text.matchAll(/\btsx src\/([^" ]+)\.ts\b/g)];
  return [...new Set([...built, ...run].map((match) => `src/${match[1]}.ts`))].sort();
}

/**
 * Static and dynamic imports, re-exports, `import('...')` types, and files named by
 * `new URL('./x.ts', import.meta.url)`. Found in the text, and only where the code has them too.
 */
function importsOf(path: string, text: string, code: string): SourceImport[] {
  const pattern =
    /\b(import|export)\b(\s+type\b)?[^'";]*?\bfrom\s*'([^']+)'|\bimport\s*'([^']+)'|\bimport\(\s*'([^']+)'|new URL\(\s*'([^']+)'/g;
  const imports: SourceImport[] = [];
  for (const match of text.matchAll(pattern)) {
    if (code[match.index] === ' ') continue;
    const specifier = match[3] ?? match[4] ?? match[5] ?? match[6] ?? '';
    const isRelative = specifier.startsWith('.');
    const target = isRelative ? posix.normalize(posix.join(dirname(path), specifier)) : undefined;
    imports.push({ specifier, target, isTypeOnly: match[2] !== undefined });
  }
  return imports;
}

/**
 * A light lexer: comments, strings, template texts and regular expressions become blanks; code
 * inside `${...}` stays. Good enough for code that a formatter has passed.
 */
export function blanked(text: string): string {
  const out = [...text];
  const blank = (from: number, to: number): void => {
    for (let at = from; at < to; at += 1) if (out[at] !== '\n') out[at] = ' ';
  };
  /** For each template we are in: how many braces are open inside its `${`. */
  const templates: number[] = [];
  let at = 0;
  const skipTemplate = (): void => {
    const from = at;
    while (at < text.length) {
      if (text[at] === '\\') at += 2;
      else if (text[at] === '`') {
        blank(from, at);
        at += 1;
        return;
      } else if (text.startsWith('${', at)) {
        blank(from, at);
        templates.push(0);
        at += 2;
        return;
      } else at += 1;
    }
  };
  while (at < text.length) {
    const char = text[at];
    const rest = text.slice(at, at + 2);
    if (rest === '//' || rest === '/*') {
      const end = rest === '//' ? text.indexOf('\n', at) : text.indexOf('*/', at) + 2;
      blank(at, end < 0 ? text.length : end);
      at = end < 0 ? text.length : end;
    } else if (char === "'" || char === '"') {
      const end = endOfQuoted(text, at, char);
      blank(at + 1, end);
      at = end + 1;
    } else if (char === '`') {
      at += 1;
      skipTemplate();
    } else if (char === '/' && isRegexPlace(text, at)) {
      const end = endOfRegex(text, at);
      blank(at + 1, end);
      at = end + 1;
    } else {
      const depth = templates.at(-1);
      at += 1;
      if (depth === undefined) continue;
      if (char === '{') templates[templates.length - 1] = depth + 1;
      if (char === '}' && depth > 0) templates[templates.length - 1] = depth - 1;
      if (char === '}' && depth === 0) {
        templates.pop();
        skipTemplate();
      }
    }
  }
  return out.join('');
}

function endOfQuoted(text: string, from: number, quote: string): number {
  let at = from + 1;
  while (at < text.length && text[at] !== quote && text[at] !== '\n') {
    at += text[at] === '\\' ? 2 : 1;
  }
  return at;
}

/** A slash after a value divides; anywhere else it begins a regular expression. */
function isRegexPlace(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd();
  return !/[\w)\]}'"`]$/.test(before) || /\b(return|typeof|case|in|of|yield)$/.test(before);
}

function endOfRegex(text: string, from: number): number {
  let inClass = false;
  let at = from + 1;
  for (; at < text.length && text[at] !== '\n'; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '[') inClass = true;
    else if (text[at] === ']') inClass = false;
    else if (text[at] === '/' && !inClass) break;
  }
  return at;
}
