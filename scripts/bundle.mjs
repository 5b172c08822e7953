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
const takenIn = ['@duckdb/node-api', 'commander', 'hyparquet', 'hyparquet-writer'];

function licences({ moduleIds }) {
  return takenIn
    .filter((name) => moduleIds.some((id) => id.includes(`/node_modules/${name}/`)))
    .map((name) => {
      const text = readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8').trim();
      return `/*!\nThis file has code of ${name} in it:\n\n${text}\n*/`;
    })
    .join('\n');
}

const { output } = await build({
  root,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
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
