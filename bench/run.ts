/**
 * `npm run bench [-- name ...]`: runs the benchmarks against the built program, prints a table and
 * writes machine, revision and raw samples to `bench/results/`; without names the quick form of
 * the upload matrix too. `npm run bench -- matrix [options]` is that matrix alone.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { type Benchmark, type Figure, markdownTable } from './figures.ts';
import { insertBenchmark } from './insert.ts';
import { jobsBenchmark } from './jobs.ts';
import { matrixCommand } from './matrix.ts';
import { memoryBenchmark } from './memory.ts';
import { fromRoot, resultsPath, runHead } from './run-head.ts';
import { startupBenchmark } from './startup.ts';
import { uploadBenchmark } from './upload.ts';
import { uploadMemoryBenchmark } from './upload-memory.ts';
import { wireBenchmark } from './wire.ts';

const BENCHMARKS: readonly Benchmark[] = [
  startupBenchmark,
  memoryBenchmark,
  wireBenchmark,
  insertBenchmark,
  uploadBenchmark,
  uploadMemoryBenchmark,
  jobsBenchmark,
];

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
  const head = runHead();
  const figures: Figure[] = [];
  for (const benchmark of chosen(process.argv.slice(2))) {
    const began = performance.now();
    process.stderr.write(`${benchmark.name} ...`);
    figures.push(...(await benchmark.run()));
    process.stderr.write(` ${Math.round((performance.now() - began) / 1000)} s\n`);
  }
  console.log(`${JSON.stringify(head)}\n\n${markdownTable(figures)}`);
  mkdirSync(fromRoot('bench/results'), { recursive: true });
  const file = `${resultsPath(head, 'all')}.json`;
  writeFileSync(file, `${JSON.stringify({ ...head, figures }, undefined, 1)}\n`);
  console.log(`raw samples: ${file}`);
}

const [first, ...rest] = process.argv.slice(2);
if (first === 'matrix') {
  await matrixCommand().parseAsync(rest, { from: 'user' });
} else {
  await main();
  if (first === undefined) await matrixCommand().parseAsync(['--quick'], { from: 'user' });
}
