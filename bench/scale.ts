/**
 * `npm run bench:scale [-- tablets ...]`: backups, and restores into an empty database, of very
 * many tablets on 100 backends in virtual time. Every log record and `__meta` is encoded and
 * hashed (a restore's `__meta` is kept, since it is read). Each row is a process of its own, so
 * that its peak memory is its own. Runs compiled: the TypeScript loader wraps every function.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { shown } from './figures.ts';
import { openWorld, type ScaleWorld } from './scale-world.ts';

const BACKENDS = 100;
const TABLETS_PER_TABLE = 10_000;
const TABLETS_DEFAULT = [30_000, 100_000, 300_000, 600_000];

interface Run {
  readonly job: 'backup' | 'restore';
  readonly tablets: number;
  readonly replicas: number;
}

interface Measured {
  readonly seconds: number;
  /** Of the processor, on all threads: what other work on the machine does not lengthen. */
  readonly cpuSeconds: number;
  readonly peakMb: number;
  readonly hashedMb: number;
  readonly events: number;
}

function measure({ job, tablets, replicas }: Run): Measured {
  const world = openWorld({ backends: BACKENDS, keepsMeta: job === 'restore' });
  createTables(world, tablets, replicas);
  world.query("CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'");
  const backup = timed(world, () => {
    world.query('BACKUP SNAPSHOT d.l TO r');
    world.finishJob('d');
  });
  if (job === 'backup') return backup;
  const [, timestamp] = world.query('SHOW SNAPSHOT ON r').rows[0] ?? [];
  world.query('DROP DATABASE d');
  world.query('CREATE DATABASE d');
  return timed(world, () => {
    world.query(
      `RESTORE SNAPSHOT d.l FROM r PROPERTIES ("backup_timestamp" = "${timestamp}", ` +
        `"replication_num" = "${replicas}")`,
    );
    world.finishJob('d');
  });
}

function createTables(world: ScaleWorld, tablets: number, replicas: number): void {
  world.query('CREATE DATABASE d');
  for (let made = 0; made < tablets; made += TABLETS_PER_TABLE) {
    world.query(
      `CREATE TABLE d.t${made} (k BIGINT NOT NULL, a INT) DUPLICATE KEY (k) DISTRIBUTED BY ` +
        `HASH(k) BUCKETS ${Math.min(TABLETS_PER_TABLE, tablets - made)} ` +
        `PROPERTIES ("replication_num" = "${replicas}")`,
    );
  }
}

function timed({ clock, files }: ScaleWorld, run: () => void): Measured {
  const before = { bytes: files.hashedBytes, events: clock.eventsPassed };
  const began = performance.now();
  const cpu = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (performance.now() - began) / 1000,
    cpuSeconds: (user + system) / 1e6,
    peakMb: process.resourceUsage().maxRSS / 1024,
    hashedMb: (files.hashedBytes - before.bytes) / 2 ** 20,
    events: clock.eventsPassed - before.events,
  };
}

/** Measures in a process of its own, with the flags this one was given. */
function measureApart(run: Run): Measured {
  const script = fileURLToPath(import.meta.url);
  const args = [...process.execArgv, script, '--one', JSON.stringify(run)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Measured;
}

function main(): void {
  const [first, ...rest] = process.argv.slice(2);
  if (first === '--one') {
    console.log(JSON.stringify(measure(JSON.parse(rest[0] ?? '') as Run)));
    return;
  }
  const given = process.argv.slice(2).map(Number);
  const sizes = given.length > 0 ? given : TABLETS_DEFAULT;
  console.log(
    '| job | replicas | tablets | s | CPU s | peak MB | hashed MB | events | per tablet before |',
  );
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|---:|');
  for (const job of ['backup', 'restore'] as const) {
    for (const replicas of [1, 3]) printRows(job, replicas, sizes);
  }
}

function printRows(job: Run['job'], replicas: number, sizes: readonly number[]): void {
  let perTablet: number | undefined;
  for (const tablets of sizes) {
    const measured = measureApart({ job, tablets, replicas });
    const { seconds, cpuSeconds, peakMb, hashedMb, events } = measured;
    const ratio = perTablet === undefined ? '' : `${shown(seconds / tablets / perTablet)}x`;
    perTablet = seconds / tablets;
    const figures = [seconds, cpuSeconds, peakMb, hashedMb].map(shown);
    const cells = [job, replicas, tablets, ...figures, events, ratio];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

main();
