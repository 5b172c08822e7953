/**
 * `npm run bench [-- name ...]`: runs the benchmarks against the built program, prints a table and
 * writes machine, revision and raw samples to `bench/results/`.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Benchmark, type Figure, markdownTable } from './figures.ts';
import { insertBenchmark } from './insert.ts';
import { jobsBenchmark } from './jobs.ts';
import { memoryBenchmark } from './memory.ts';
import { startupBenchmark } from './startup.ts';
import { uploadBenchmark } from './upload.ts';
import { wireBenchmark } from './wire.ts';

const BENCHMARKS: readonly Benchmark[] = [
  startupBenchmark,
  memoryBenchmark,
  wireBenchmark,
  insertBenchmark,
  uploadBenchmark,
  jobsBenchmark,
];

const fromRoot = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

function gitRevision(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: fromRoot('.'), encoding: 'utf8' }).trim();
  const isClean = git('status', '--porcelain', '--', 'src') === '';
  return `${git('rev-parse', '--short', 'HEAD')}${isClean ? '' : ' with changes'}`;
}

function machine(): Record<string, unknown> {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    kernel: release(),
    loadAverageAtStart: loadavg()[0],
  };
}

function chosen(names: readonly string[]): readonly Benchmark[] {
  const unknown = names.filter((name) => !BENCHMARKS.some((one) => one.name === name));
  if (unknown.length > 0) {
    const known = BENCHMARKS.map(({ name }) => name).join(', ');
    throw new Error(`no benchmark is called ${unknown.join(', ')}; there are ${known}`);
  }
  return names.length === 0 ? BENCHMARKS : BENCHMARKS.filter(({ name }) => names.includes(name));
}

async function main(): Promise<void> {
  if (!existsSync(fromRoot('dist/cli/main.js'))) throw new Error('run `npm run build` first');
  const head = { date: new Date().toISOString(), revision: gitRevision(), machine: machine() };
  const figures: Figure[] = [];
  for (const benchmark of chosen(process.argv.slice(2))) {
    const began = performance.now();
    process.stderr.write(`${benchmark.name} ...`);
    figures.push(...(await benchmark.run()));
    process.stderr.write(` ${Math.round((performance.now() - began) / 1000)} s\n`);
  }
  console.log(`${JSON.stringify(head)}\n\n${markdownTable(figures)}`);
  mkdirSync(fromRoot('bench/results'), { recursive: true });
  const file = fromRoot(`bench/results/${head.date.replaceAll(':', '-')}.json`);
  writeFileSync(file, `${JSON.stringify({ ...head, figures }, undefined, 1)}\n`);
  console.log(`raw samples: ${file}`);
}

await main();
