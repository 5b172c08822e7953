/** The rules of the house that a program can check, each as a list of complaints. */
import type { SourceFile } from './source.ts';

export interface BannedCall {
  readonly what: string;
  readonly pattern: RegExp;
  /** Folders and files that are the seam, or stand outside the house. */
  readonly allowedIn: readonly string[];
}

/** The import law names folders of `src`, and files that stand directly in it. */
export type ImportLaw = Readonly<Record<string, readonly string[] | 'all'>>;

/** `src/jobs/ports.ts` -> `jobs`; `src/cluster.ts` -> `cluster.ts`. */
export function partOf(path: string): string {
  return path.split('/')[1] ?? '';
}

export function importComplaints(file: SourceFile, law: ImportLaw): string[] {
  const part = partOf(file.path);
  const allowed = law[part];
  if (allowed === undefined) return [`${file.path}: '${part}' is not in the import law`];
  const complaints: string[] = [];
  for (const { specifier, target } of file.imports) {
    if (target === undefined) continue;
    if (!target.endsWith('.ts'))
      complaints.push(`${file.path}: '${specifier}' does not end in .ts`);
    if (!target.startsWith('src/')) {
      complaints.push(`${file.path}: '${specifier}' leaves src`);
      continue;
    }
    const other = partOf(target);
    if (other === part || allowed === 'all' || allowed.includes(other)) continue;
    complaints.push(`${file.path}: ${part} may not import ${other} ('${specifier}')`);
  }
  return complaints;
}

export function bannedComplaints(file: SourceFile, banned: readonly BannedCall[]): string[] {
  const complaints: string[] = [];
  for (const { what, pattern, allowedIn } of banned) {
    if (allowedIn.some((place) => file.path.startsWith(place))) continue;
    for (const line of linesWith(file, pattern)) complaints.push(`${file.path}:${line}: ${what}`);
  }
  return complaints;
}

/** Modules may only be named in full: `node:fs/promises` is `node:fs` too. */
export function moduleComplaints(
  file: SourceFile,
  modules: Readonly<Record<string, readonly string[]>>,
): string[] {
  const complaints: string[] = [];
  for (const { specifier, isTypeOnly } of file.imports) {
    const name = `node:${specifier.replace(/^node:/, '').split('/')[0]}`;
    const allowedIn = modules[name];
    if (allowedIn === undefined || isTypeOnly) continue;
    if (allowedIn.some((place) => file.path.startsWith(place))) continue;
    complaints.push(`${file.path}: imports ${specifier} outside its seam`);
  }
  return complaints;
}

function linesWith(file: SourceFile, pattern: RegExp): number[] {
  const found = [...file.code.matchAll(new RegExp(pattern, 'g'))];
  return found.map((match) => file.code.slice(0, match.index).split('\n').length);
}

export interface ShapeLimits {
  readonly lineColumnsMax: number;
  readonly fileLinesMax: number;
}

export function shapeComplaints(file: SourceFile, limits: ShapeLimits): string[] {
  const { path, lines, text } = file;
  const complaints: string[] = [];
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (!/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench))?\.ts$/.test(name)) {
    complaints.push(`${path}: the name is not kebab-case`);
  }
  const count = text.endsWith('\n') ? lines.length - 1 : lines.length;
  if (count > limits.fileLinesMax) {
    complaints.push(`${path}: ${count} lines, at most ${limits.fileLinesMax}`);
  }
  for (const [index, line] of lines.entries()) {
    if ([...line].length <= limits.lineColumnsMax || isUnbreakable(line)) continue;
    complaints.push(`${path}:${index + 1}: longer than ${limits.lineColumnsMax} columns`);
  }
  return complaints;
}

/** A line that is one string or regular expression has no place to break. */
function isUnbreakable(line: string): boolean {
  return /^\s*(\S+\s*[:=(]\s*)?(['"`/]).*\2[a-z]*[,;)]*$/.test(line);
}

export function openingComplaints(file: SourceFile): string[] {
  const first = file.text.replace(/^#!.*\n/, '');
  return /^\/(\*\*|\/) ?\S|^\/\*\*\n/.test(first)
    ? []
    : [`${file.path}: does not open with a comment on what it is for`];
}

/** Rings of imports, each named once. Imports of types only vanish and count nothing. */
export function circleComplaints(files: readonly SourceFile[]): string[] {
  const edges = new Map(
    files.map((file) => [
      file.path,
      file.imports.flatMap((each) =>
        each.target === undefined || each.isTypeOnly ? [] : [each.target],
      ),
    ]),
  );
  const complaints: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) complaints.push(`circular imports: ${[...trail.slice(at), path].join(' -> ')}`);
    if (at >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) visit(path, []);
  return complaints;
}

export function deadComplaints(files: readonly SourceFile[], entries: readonly string[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const complaints = entries
    .filter((entry) => !byPath.has(entry))
    .map((entry) => `${entry}: package.json names it, but it is not there`);
  const reached = new Set(entries);
  for (const path of reached) {
    for (const { target } of byPath.get(path)?.imports ?? []) {
      if (target !== undefined) reached.add(target);
    }
  }
  for (const path of reached) {
    if (!byPath.has(path) && !entries.includes(path)) {
      complaints.push(`${path}: imported, but not there`);
    }
  }
  for (const { path } of files) {
    if (!reached.has(path)) complaints.push(`${path}: no entry reaches it`);
  }
  return complaints;
}
