/** The rules of the house that a program can check. The table below is the import law. */
import { describe, expect, test } from 'vitest';
import {
  type BannedCall,
  bannedComplaints,
  circleComplaints,
  deadComplaints,
  type ImportLaw,
  importComplaints,
  moduleComplaints,
  openingComplaints,
  partOf,
  shapeComplaints,
} from './tidy/rules.ts';
import { blanked, entryPaths, readSources, type SourceFile } from './tidy/source.ts';

/** What the wiring puts together. */
const PARTS = [
  'base',
  'sql',
  'wire',
  'catalog',
  'protocol',
  'blob',
  'repository',
  'jobs',
  'be-sim',
  'query',
  'fe',
];

/** What each part of `src` may import besides itself. */
const IMPORT_LAW: ImportLaw = {
  base: [],
  sql: ['base'],
  wire: ['base'],
  catalog: ['base'],
  protocol: ['base'],
  blob: ['base'],
  repository: ['base', 'blob', 'catalog'],
  jobs: ['base', 'catalog', 'protocol', 'repository'],
  'be-sim': ['base', 'blob', 'protocol'],
  query: ['base', 'sql', 'catalog', 'protocol'],
  fe: ['base', 'sql', 'catalog', 'protocol', 'repository', 'jobs'],
  br: ['base', 'blob'],
  'cluster-faults.ts': PARTS,
  'cluster.ts': [...PARTS, 'cluster-faults.ts'],
  'start-cluster.ts': [...PARTS, 'cluster.ts'],
  'index.ts': [...PARTS, 'cluster.ts', 'start-cluster.ts'],
  sim: 'all',
  web: 'all',
  cli: 'all',
  testkit: 'all',
};

/** Each seam has one place; `cli` and `br/main.ts` are the edges of their processes. */
const BANNED: readonly BannedCall[] = [
  { what: 'Date.now', pattern: /\bDate\.now\b/, allowedIn: ['src/base/clock.ts'] },
  { what: 'new Date()', pattern: /\bnew Date(?:\(\)|(?!\s*\())/, allowedIn: [] },
  { what: 'performance.now', pattern: /\bperformance\b/, allowedIn: ['src/base/', 'src/cli/'] },
  {
    what: 'a timer outside the clock',
    pattern: /\b(?:setTimeout|setInterval|setImmediate)\b/,
    allowedIn: ['src/base/clock.ts', 'src/base/breathe.ts'],
  },
  { what: 'Math.random', pattern: /\bMath\.random\b/, allowedIn: [] },
  {
    what: 'randomness outside the seam',
    pattern: /\brandom(?:UUID|Bytes|Int)\b/,
    allowedIn: ['src/base/'],
  },
  {
    what: 'process.env',
    pattern: /\bprocess\.env\b/,
    allowedIn: ['src/cli/', 'src/br/main.ts'],
  },
  { what: 'console', pattern: /\bconsole\s*\./, allowedIn: ['src/cli/'] },
  { what: 'a default export', pattern: /\bexport\s+default\b/, allowedIn: [] },
  { what: 'any', pattern: /(?::|\bas|<|,|\|)\s*any\b(?!\s*[:(])/, allowedIn: [] },
  { what: 'an enum', pattern: /^\s*(?:export\s+)?(?:const\s+)?enum\s/m, allowedIn: [] },
  { what: 'a non-null assertion', pattern: /[\w)\]]!(?=[.,;)\]]|\s*$)/m, allowedIn: [] },
];

const BANNED_MODULES = {
  'node:fs': ['src/base/'],
  'node:timers': [],
  'node:worker_threads': ['src/base/'],
} as const;

/** Functions of a grammar call each other by its nature: an expression holds a query, and back. */
const RECURSIVE_GRAMMARS: readonly string[] = ['src/sql/parse-', 'src/query/bind/'];

const LIMITS = { lineColumnsMax: 100, fileLinesMax: 400 } as const;

const sources = readSources('src');
const tests = readSources('test');

function complaintsOf(
  files: readonly SourceFile[],
  rule: (file: SourceFile) => string[],
): string[] {
  return files.flatMap(rule);
}

describe('the sources', () => {
  test('import only what their folder may', () => {
    expect(complaintsOf(sources, (file) => importComplaints(file, IMPORT_LAW))).toEqual([]);
  });

  test('do not import each other in circles', () => {
    const isGrammar = (file: SourceFile): boolean =>
      RECURSIVE_GRAMMARS.some((prefix) => file.path.startsWith(prefix));
    expect(circleComplaints(sources.filter((file) => !isGrammar(file)))).toEqual([]);
  });

  test('are all reached from an entry of the package, or from a bench', () => {
    const ofBenches = readSources('bench').flatMap(({ imports }) =>
      imports.flatMap(({ target }) => (target?.startsWith('src/') ? [target] : [])),
    );
    expect(deadComplaints(sources, [...entryPaths(), ...ofBenches])).toEqual([]);
  });

  test('reach time, chance, disk and process through their seams only', () => {
    expect(complaintsOf(sources, (file) => bannedComplaints(file, BANNED))).toEqual([]);
    expect(complaintsOf(sources, (file) => moduleComplaints(file, BANNED_MODULES))).toEqual([]);
  });

  test('open with a comment on what they are for', () => {
    expect(complaintsOf(sources, openingComplaints)).toEqual([]);
  });

  test('keep to the limits of lines, files and names, tests too', () => {
    const limited = (file: SourceFile): string[] => {
      const isTest = partOf(file.path) === '' || file.path.startsWith('test/');
      const fileLinesMax = isTest ? Number.POSITIVE_INFINITY : LIMITS.fileLinesMax;
      return shapeComplaints(file, { ...LIMITS, fileLinesMax });
    };
    expect(complaintsOf([...sources, ...tests], limited)).toEqual([]);
  });
});

describe('the rules themselves', () => {
  function sourceOf(text: string, path = 'src/jobs/a.ts'): SourceFile {
    const specifiers = [...text.matchAll(/from '(\.[^']+)'/g)].map((match) => match[1] ?? '');
    const imports = specifiers.map((specifier) => ({
      specifier,
      target: new URL(specifier, `file:///${path}`).pathname.slice(1),
      isTypeOnly: text.includes('import type'),
    }));
    return { path, text, lines: text.split('\n'), code: blanked(text), imports };
  }

  test.each([
    ["a('x // y'); // Date.now", "a('      ');            "],
    ['b /* z\nz */ + c', 'b     \n     + c'],
    ["d(/'[/]/, e / f / g);", 'd(/    /, e / f / g);'],
    [`\`t $${'{'}h('q')} t\` + i`, `\`  $${'{'}h(' ')}  \` + i`],
  ])('see code, not comments and texts: %s', (text, code) => {
    expect(blanked(text)).toBe(code);
  });

  test.each([
    ['Date.now', 'const a = Date.now();'],
    ['new Date()', 'const a = new Date();'],
    ['new Date()', 'const a = new Date;'],
    ['any', 'const a: any = 1;'],
    ['any', 'const a = b as any;'],
    ['an enum', 'export enum A { B }'],
    ['a non-null assertion', 'const a = b!.c;'],
    ['a non-null assertion', 'const a = b[0]!;'],
    ['a default export', 'export default 1;'],
    ['console', 'console.log(1);'],
  ])('complain of %s in: %s', (what, text) => {
    expect(bannedComplaints(sourceOf(text), BANNED)).toEqual([`src/jobs/a.ts:1: ${what}`]);
  });

  test.each([
    'const a = new Date(5);',
    'if (a !== b && !c) d();',
    "const text = 'Date.now() any!';",
    'const company = { any: 1 };',
  ])('do not complain of: %s', (text) => {
    expect(bannedComplaints(sourceOf(text), BANNED)).toEqual([]);
  });

  test('name forbidden imports, circles, dead and missing files', () => {
    const a = sourceOf("import { b } from '../fe/b.ts';", 'src/jobs/a.ts');
    const b = sourceOf("import { a } from '../jobs/a.ts';", 'src/fe/b.ts');
    const c = sourceOf("import { d } from './d.ts';", 'src/fe/c.ts');
    expect(importComplaints(a, IMPORT_LAW)).toEqual([
      "src/jobs/a.ts: jobs may not import fe ('../fe/b.ts')",
    ]);
    expect(circleComplaints([a, b])).toEqual([
      'circular imports: src/jobs/a.ts -> src/fe/b.ts -> src/jobs/a.ts',
    ]);
    expect(deadComplaints([a, b, c], ['src/fe/b.ts'])).toEqual([
      'src/fe/c.ts: no entry reaches it',
    ]);
    expect(deadComplaints([c], ['src/fe/c.ts'])).toEqual(['src/fe/d.ts: imported, but not there']);
  });
});
