/**
 * The package as users get it: packed, installed into an empty folder with its dependencies from
 * npm's cache or the registry, and used from the command line, from JavaScript and TypeScript.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKUP_STATES } from '../../src/jobs/backup-job.ts';
import { RESTORE_STATES } from '../../src/jobs/restore-job.ts';
import { startWebHdfs } from '../support/webhdfs-server.ts';
import { temporaryFolder } from './server.ts';

const ROOT = join(import.meta.dirname, '../..');
const CSV = 'dist/demo/seattle-weather.csv';

/** A first install without a cache loads the query engine, 70 MB. */
const INSTALL_MS_MAX = 180_000;

const runFile = promisify(execFile);

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let packedPaths: readonly string[];

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(join(folder.path, 'package.json'), '{ "private": true, "type": "module" }\n');
  // The build has just been made (global-setup.ts); another one would pull it from under others.
  const target = ['--pack-destination', folder.path];
  const answer = await npm(ROOT, ['pack', '--ignore-scripts', '--json', ...target]);
  const [packed] = JSON.parse(answer) as readonly [Packed];
  packedPaths = packed.files.map(({ path }) => path);
  const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
  await npm(folder.path, ['install', ...quiet, `./${packed.filename}`]);
}, INSTALL_MS_MAX);

afterAll(async () => {
  await folder.remove();
});

/** Standard output of a program that must end well; its error output is in the failure. */
async function run(cwd: string, program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await runFile(program, args, { cwd, env: outsideEnvironment() });
  return stdout;
}

async function npm(cwd: string, args: readonly string[]): Promise<string> {
  return await run(cwd, 'npm', args);
}

/** What `npm test` tells its children about this package would mislead an npm elsewhere. */
function outsideEnvironment(): NodeJS.ProcessEnv {
  const isOurs = (name: string): boolean =>
    /^(npm_(package|lifecycle)_|npm_config_local_prefix$|npm_command$|INIT_CWD$)/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isOurs(name)));
}

async function write(name: string, lines: readonly string[]): Promise<void> {
  await writeFile(join(folder.path, name), `${lines.join('\n')}\n`);
}

describe('the tarball', () => {
  test('carries programs, types, documents and the data of the demo, and nothing else', () => {
    const expected = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|(changelog|docs|dist)\/.+)$/;
    expect(packedPaths.filter((path) => !expected.test(path))).toEqual([]);
    const built = packedPaths.filter((path) => path.startsWith('dist/'));
    const isOutput = (path: string): boolean => /(\.js|\.d\.ts)$/.test(path) || path === CSV;
    expect(built.filter((path) => !isOutput(path))).toEqual([]);
  });

  test('has types of every source and of no other, and a start reads a few files', async () => {
    const names = await readdir(join(ROOT, 'src'), { recursive: true });
    const sources = names.filter((name) => name.endsWith('.ts'));
    const types = sources.map(
      (name) => `dist/${name.replaceAll('\\', '/').slice(0, -'.ts'.length)}.d.ts`,
    );
    const packed = packedPaths.filter((path) => path.startsWith('dist/') && path !== CSV);
    const isCode = (path: string): boolean => path.endsWith('.js');
    expect(packed.filter((path) => !isCode(path)).toSorted()).toEqual(types.sort());
    const code = packed.filter(isCode);
    expect(code).toEqual(expect.arrayContaining(['dist/index.js', 'dist/cli/main.js']));
    const read = await readByImport(join(ROOT, 'dist'), ['cli/main.js', 'chunks/start.js']);
    expect(read.size).toBeLessThan(20);
    expect(code.length).toBeLessThan(sources.length / 5);
  });

  test('has the data of the demo as it was published', async () => {
    const installed = join(folder.path, 'node_modules/starrocks-emulator', CSV);
    const original = join(ROOT, 'node_modules/vega-datasets/data/seattle-weather.csv');
    expect(await readFile(installed, 'utf8')).toBe(await readFile(original, 'utf8'));
  });
});

describe('the installed package', () => {
  test('has a program that explains itself', async () => {
    const help = await run(folder.path, 'npx', ['--no-install', 'starrocks-emulator', '--help']);
    expect(help).toContain('Usage: starrocks-emulator');
    expect(help).toMatch(/^ {2}demo /m);
    expect(help).toMatch(/^ {2}start /m);
  });

  test('plays its demo without the sources and development dependencies', async () => {
    // In lines for people here, without colours in a file; `demo.test.ts` has those for programs.
    const told = await run(folder.path, 'npx', ['--no-install', 'starrocks-emulator', 'demo']);
    for (const state of [...BACKUP_STATES, ...RESTORE_STATES]) {
      if (state !== 'CANCELLED') expect(told).toContain(` ${state} `);
    }
    expect(told).toContain('rows came back exactly');
    for (const control of ['\u001b', '\r']) expect(told).not.toContain(control);
    await expect(stat(join(folder.path, 'node_modules/vega-datasets'))).rejects.toThrow('ENOENT');
  });

  test('runs a virtual cluster inside an ES module', async () => {
    await write('use.js', [
      "import { startCluster } from 'starrocks-emulator';",
      "const cluster = await startCluster({ clock: 'virtual', seed: 42n, backends: 2 });",
      "await cluster.query('CREATE DATABASE shop');",
      'await cluster.query(`CREATE TABLE shop.orders (id INT, name VARCHAR(20))',
      '  PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2`);',
      "await cluster.query(`INSERT INTO shop.orders VALUES (2, 'tea'), (1, 'milk')`);",
      "const { rows } = await cluster.query('SELECT id, name FROM shop.orders ORDER BY id');",
      'await cluster.stop();',
      'console.log(JSON.stringify(rows.map((row) => row.map(String))));',
    ]);
    const answer = await run(folder.path, process.execPath, ['use.js']);
    expect(JSON.parse(answer)).toEqual([
      ['1', 'milk'],
      ['2', 'tea'],
    ]);
  });

  test('reaches HDFS with the library that it carries inside, which is not installed', async () => {
    const server = await startWebHdfs();
    const location = `webhdfs://${server.address}/r`;
    await write('hdfs.js', [
      "import { startCluster } from 'starrocks-emulator';",
      "const cluster = await startCluster({ network: false, storage: 'memory' });",
      `await cluster.query("CREATE REPOSITORY r WITH BROKER ON LOCATION '${location}'");`,
      'await cluster.stop();',
    ]);
    try {
      await run(folder.path, process.execPath, ['hdfs.js']);
      expect(Object.keys(server.tree.files())).toEqual(['/r/__starrocks_repository_r/__repo_info']);
    } finally {
      await server.stop();
    }
    const installed = await readdir(join(folder.path, 'node_modules'));
    expect(installed).toContain('starrocks-emulator');
    for (const name of ['webhdfs', 'request', '@cypress']) expect(installed).not.toContain(name);
  });

  test('gives its types to TypeScript, checked to the last file', async () => {
    await write('use.ts', [
      "import { type Cluster, type QueryResult, startCluster } from 'starrocks-emulator';",
      "const cluster: Cluster = await startCluster({ clock: 'virtual', seed: 42n });",
      "const result: QueryResult = await cluster.query('SELECT 1');",
      'export const columns: readonly string[] = result.columns;',
      '// @ts-expect-error: no such option',
      'await startCluster({ backend: 3 });',
    ]);
    const compilerOptions = {
      module: 'nodenext',
      moduleResolution: 'nodenext',
      target: 'es2022',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [join(ROOT, 'node_modules/@types')],
    };
    await write('tsconfig.json', [JSON.stringify({ compilerOptions, files: ['use.ts'] })]);
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
    expect(await run(folder.path, process.execPath, [compiler, '-p', '.'])).toBe('');
  });

  test('hides what is not public', async () => {
    await write('hidden.js', ["await import('starrocks-emulator/dist/cluster.js');"]);
    await expect(run(folder.path, process.execPath, ['hidden.js'])).rejects.toThrow(
      'ERR_PACKAGE_PATH_NOT_EXPORTED',
    );
  });
});

/** The files that static imports reach from these, themselves included. */
async function readByImport(dist: string, entries: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  const open = entries.map((entry) => join(dist, entry));
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    const code = await readFile(path, 'utf8');
    for (const [, from = ''] of code.matchAll(/^(?:import|export)\b[^\n]*"(\.[^"\n]+)";$/gm)) {
      open.push(join(dirname(path), from));
    }
  }
  return found;
}
