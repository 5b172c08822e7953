/**
 * First part of `npm run build`: the programs and the library as a few large files. Reading some
 * three hundred small modules would be two thirds of what a start waits for. Nothing is renamed or
 * squeezed, so that stack traces can be read. What is loaded late stays a file of its own.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/**
 * Packages of many small files that somebody waits for: at every start, or, DuckDB's 181, at the
 * first query over a table. Whoever copies their code has to copy their licence.
 */
const takenIn = [
  '@duckdb/node-api',
  'commander',
  'hyparquet',
  'hyparquet-writer',
  ...withDependencies('webhdfs'),
];

/**
 * A package and all below it. `webhdfs` wants the deprecated `request`, which is replaced here by a
 * patched one; a replacement does not reach those who install this package, code in a file does.
 */
function withDependencies(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const path = join(root, 'node_modules', name, 'package.json');
  const { dependencies = {} } = JSON.parse(readFileSync(path, 'utf8'));
  for (const below of Object.keys(dependencies)) withDependencies(below, found);
  return found;
}

function licences({ moduleIds }) {
  return takenIn
    .filter((name) => moduleIds.some((id) => id.includes(`/node_modules/${name}/`)))
    .map(
      (name) =>
        `/*!\nThis file has code of ${name} in it:\n\n${licenceOf(name).replaceAll('*/', '* /')}\n*/`,
    )
    .join('\n');
}

function licenceOf(name) {
  const folder = join(root, 'node_modules', name);
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file !== undefined) return readFileSync(join(folder, file), 'utf8').trim();
  const { license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return `${license}, ${author?.name ?? author}`;
}

/** Part of `webhdfs` for `writeFile`, which nothing calls; its code is not allowed in modules. */
const UNUSED = 'buffer-stream-reader';

const withoutUnused = {
  name: 'without-unused',
  enforce: 'pre',
  resolveId: (id) => (id === UNUSED ? `\0${UNUSED}` : undefined),
  load: (id) => (id === `\0${UNUSED}` ? 'module.exports = undefined;' : undefined),
};

/** What is loaded together is one file; a start reads of these only `base` and `repository`. */
const late = [
  {
    name: 'tools',
    test: /\/src\/(cli\/(commands\/(repo\/|blob-check|simulate\.|calibrate|demo\.)|repo\/|simulate\/)|sim\/capacity\/)/,
  },
  { name: 'base', test: /\/src\/base\// },
  { name: 'repository', test: /\/src\/(repository|blob)\// },
];

const { output } = await build({
  root,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  plugins: [withoutUnused],
  ssr: { noExternal: takenIn, external: ['@duckdb/node-bindings'] },
  build: {
    ssr: true,
    target: 'node20',
    outDir: dist,
    emptyOutDir: false,
    minify: false,
    rolldownOptions: {
      input: {
        index: 'src/index.ts',
        'cli/main': 'src/cli/main.ts',
        'br/main': 'src/br/main.ts',
      },
      output: {
        entryFileNames: '[name].js',
        chunkFileNames: 'chunks/[name].js',
        codeSplitting: { includeDependenciesRecursively: false, groups: late },
        comments: { legal: true, annotation: false, jsdoc: false },
        postBanner: licences,
      },
    },
  },
});

const written = new Set(output.map(({ fileName }) => fileName));
for (const name of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
  const path = name.replaceAll('\\', '/');
  if (path.endsWith('.js') && !written.has(path)) rmSync(join(dist, path));
}
