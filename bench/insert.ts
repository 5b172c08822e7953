/** Durable one-row loads into a primary-key table, and what many of them cost a reader. */
import { closeSync, fdatasync, fdatasyncSync, openSync, write, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inTemporaryFolder, startClusterProcess } from './cluster-process.ts';
import { type Benchmark, type Figure, figureOf, interleaved, timedMs } from './figures.ts';
import type { RawClient } from './mysql-client.ts';

const ROUNDS = 5;
const INSERTS = 400;
const CONNECTIONS = 16;
const EARLIER_LOADS = 1000;
const READS = 10;
/** About what one row of this table is in the logs of the cluster. */
const RECORD_BYTES = 300;

export const insertBenchmark: Benchmark = {
  name: 'insert',
  run: () => inTemporaryFolder(measure),
};

async function measure(folder: string): Promise<readonly Figure[]> {
  const cluster = await startClusterProcess({ dataDir: join(folder, 'data') });
  try {
    const clients = await Promise.all(Array.from({ length: CONNECTIONS }, cluster.connect));
    const [client] = clients;
    if (client === undefined) throw new Error('no connection');
    await client.query('CREATE DATABASE i');
    for (const name of ['one', 'many', 'loads', 'once']) await createTable(client, name);
    const samples = await interleaved(
      {
        emulator: () => insertsPerSecond('one', [client]),
        sixteen: () => insertsPerSecond('many', clients),
        'append + fdatasync, sync': () => syncedAppends(folder),
        'append + fdatasync, async': () => asyncAppends(folder),
      },
      ROUNDS,
    );
    const [one, sixteen, ...peers] = samples;
    if (!one || !sixteen) throw new Error('nothing was measured');
    const bar = { kind: 'at-least', limit: 500 } as const;
    return [
      figureOf('one-row INSERT, 1 connection', 'per second', [one, ...peers], [bar]),
      figureOf(
        `one-row INSERT, ${CONNECTIONS} connections`,
        'per second',
        [{ ...sixteen, name: 'emulator' }, ...peers],
        [bar],
      ),
      await readsAfterLoads(client),
    ];
  } finally {
    await cluster.stop();
  }
}

async function createTable(client: RawClient, name: string): Promise<void> {
  await client.query(
    `CREATE TABLE i.${name} (k BIGINT NOT NULL, a INT, s VARCHAR(50)) PRIMARY KEY (k) ` +
      'DISTRIBUTED BY HASH(k) BUCKETS 4',
  );
}

let nextKey = 1;

function insertOne(client: RawClient, table: string): Promise<unknown> {
  const key = nextKey++;
  return client.query(`INSERT INTO i.${table} VALUES (${key}, ${key % 97}, 'row number ${key}')`);
}

async function insertsPerSecond(table: string, clients: readonly RawClient[]): Promise<number> {
  let left = INSERTS;
  const ms = await timedMs(() =>
    Promise.all(
      clients.map(async (client) => {
        while (left > 0) {
          left -= 1;
          await insertOne(client, table);
        }
      }),
    ),
  );
  return (INSERTS / ms) * 1000;
}

const record: Buffer = Buffer.alloc(RECORD_BYTES, 'x');

async function syncedAppends(folder: string): Promise<number> {
  const file = openSync(join(folder, 'peer-sync'), 'a');
  const ms = await timedMs(async () => {
    for (let done = 0; done < INSERTS; done += 1) {
      writeSync(file, record);
      fdatasyncSync(file);
    }
  });
  closeSync(file);
  return (INSERTS / ms) * 1000;
}

async function asyncAppends(folder: string): Promise<number> {
  const file = openSync(join(folder, 'peer-async'), 'a');
  const ms = await timedMs(async () => {
    for (let done = 0; done < INSERTS; done += 1) {
      await promisify(write)(file, record);
      await promisify(fdatasync)(file);
    }
  });
  closeSync(file);
  return (INSERTS / ms) * 1000;
}

/** The same rows by as many loads and by one, read as a whole. */
async function readsAfterLoads(client: RawClient): Promise<Figure> {
  const first = nextKey;
  for (let done = 0; done < EARLIER_LOADS; done += 1) await insertOne(client, 'loads');
  const rows: string[] = [];
  for (let key = first; key < nextKey; key += 1) {
    rows.push(`(${key}, ${key % 97}, 'row number ${key}')`);
  }
  await client.query(`INSERT INTO i.once VALUES ${rows.join(', ')}`);
  let asked = 0;
  const read = (table: string) => async (): Promise<number> => {
    const { rowCount } = await client.query(`SELECT * FROM i.${table}`);
    if (rowCount !== EARLIER_LOADS) throw new Error(`${table} has ${rowCount} rows`);
    return await timedMs(async () => {
      for (let done = 0; done < READS; done += 1) {
        // Another text each time: results of equal ones are kept.
        asked += 1;
        await client.query(`SELECT * FROM i.${table} WHERE k > -${asked}`);
      }
    });
  };
  const samples = await interleaved(
    { 'after 1,000 loads': read('loads'), 'loaded at once': read('once') },
    ROUNDS,
  );
  const bar = { kind: 'peer-times-at-most', limit: 2 } as const;
  return figureOf(`${READS} reads of 1,000 rows`, 'ms', samples, [bar]);
}
