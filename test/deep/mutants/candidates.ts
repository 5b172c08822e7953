/**
 * Small wrongs that can be done to a source file, found in its text. Each kind changes what the
 * code does wherever it is reached; what only watches (events, log lines, fault points) and what
 * only says types is left alone, so that a mutant that no test notices means a missing test.
 */
import type { SourceFile } from '../../tidy/source.ts';

export interface Mutant {
  readonly path: string;
  readonly line: number;
  readonly kind: string;
  /** The whole text of the file with the wrong in it. */
  readonly text: string;
  /** The line before and after. */
  readonly about: string;
}

interface Change {
  readonly at: number;
  readonly length: number;
  readonly replacement: string;
}

type Finder = (file: SourceFile) => Iterable<Change>;

/** What only watches: nobody's outcome depends on it. */
const WATCHES = /\b(?:events\.emit|logger\.log|passPoint|breathe)\b/;

/** A statement on a line of its own whose value nobody takes. */
const STATEMENT = /^(?<indent> +)(?<call>(?:yield\* )?[\w.#]+\(.*\));$/;
const CHANGES_SOMETHING = /^yield\* |\.(?:push|set|add|delete|putUnlogged|putLogged)\(/;

const FINDERS: Readonly<Record<string, Finder>> = {
  *'negated condition'(file) {
    for (const match of file.code.matchAll(/\bif \(/g)) {
      const open = match.index + match[0].length - 1;
      const close = closingOf(file.code, open);
      if (WATCHES.test(lineAt(file.code, close))) continue;
      yield { at: open + 1, length: 0, replacement: '!(' };
    }
  },
  *'other comparison'(file) {
    for (const match of file.code.matchAll(/ ([!=])== /g)) {
      if (/\bif \(/.test(lineAt(file.code, match.index))) continue;
      const turned = match[1] === '!' ? '=' : '!';
      yield { at: match.index + 1, length: 1, replacement: turned };
    }
  },
  *'dropped effect'(file) {
    let at = 0;
    for (const line of file.code.split('\n')) {
      const found = STATEMENT.exec(line)?.groups;
      const call = found?.['call'] ?? '';
      if (CHANGES_SOMETHING.test(call) && !WATCHES.test(call)) {
        yield { at: at + (found?.['indent'] ?? '').length, length: call.length, replacement: '' };
      }
      at += line.length + 1;
    }
  },
  *'nothing afterwards'(file) {
    for (const match of file.code.matchAll(/\bafter: \[/g)) {
      const open = match.index + match[0].length - 1;
      const close = closingOf(file.code, open);
      yield { at: open + 1, length: close - open - 1, replacement: '' };
    }
  },
  *'turned flag'(file) {
    const flags = /\b(logged|releasesSnapshots|undoesCatalog): (true|false)\b/g;
    for (const match of file.code.matchAll(flags)) {
      // A plan that does more than it has to is no wrong: only what it must do is taken away.
      if (match[1] !== 'logged' && match[2] === 'false') continue;
      const value = match[2] === 'true' ? 'false' : 'true';
      const at = match.index + match[0].length - (match[2] ?? '').length;
      yield { at, length: (match[2] ?? '').length, replacement: value };
    }
  },
  *'wrong state'(file) {
    for (const match of file.text.matchAll(/\bstate: '([A-Z_]+)'/g)) {
      if (file.code[match.index] === ' ') continue;
      const state = match[1] ?? '';
      const wrong = state === 'CANCELLED' ? 'FINISHED' : 'CANCELLED';
      const at = match.index + match[0].length - state.length - 1;
      yield { at, length: state.length, replacement: wrong };
    }
  },
  *'off by one'(file) {
    for (const match of file.code.matchAll(/ ([+-]) 1\b(?!\d)/g)) {
      const turned = match[1] === '+' ? ' + 2' : ' - 2';
      yield { at: match.index, length: match[0].length, replacement: turned };
    }
  },
  *'wrong restart'(file) {
    for (const match of file.text.matchAll(/\bafterRestart: '([A-Z_]+)'/g)) {
      if (file.code[match.index] === ' ') continue;
      const state = match[1] ?? '';
      const wrong = state === 'PENDING' ? 'FINISHED' : 'PENDING';
      const at = match.index + match[0].length - state.length - 1;
      yield { at, length: state.length, replacement: wrong };
    }
  },
};

/** All that can be done to these files, kind by kind. */
export function mutantsOf(files: readonly SourceFile[]): ReadonlyMap<string, readonly Mutant[]> {
  return new Map(
    Object.entries(FINDERS).map(([kind, find]) => [
      kind,
      files.flatMap((file) => [...find(file)].map((change) => mutantOf(file, kind, change))),
    ]),
  );
}

function mutantOf(file: SourceFile, kind: string, { at, length, replacement }: Change): Mutant {
  const { path, text, code } = file;
  let changed = text.slice(0, at) + replacement + text.slice(at + length);
  if (kind === 'negated condition') {
    const close = closingOf(code, at - 1) + replacement.length;
    changed = `${changed.slice(0, close)})${changed.slice(close)}`;
  }
  const line = text.slice(0, at).split('\n').length;
  const before = lineAt(text, at).trim();
  const after = lineAt(changed, at).trim();
  return { path, line, kind, text: changed, about: `${before}  ->  ${after}` };
}

function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, end < 0 ? undefined : end);
}

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']' };

function closingOf(code: string, open: number): number {
  const opening = code[open] ?? '';
  const closing = CLOSING[opening];
  let depth = 0;
  for (let at = open; at < code.length; at += 1) {
    if (code[at] === opening) depth += 1;
    else if (code[at] === closing) depth -= 1;
    if (depth === 0) return at;
  }
  throw new Error('brackets do not match');
}
