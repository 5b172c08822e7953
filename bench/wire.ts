/** Small queries on one connection, and many rows out, beside bare sockets of the same bytes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { firstLine, startClusterProcess, stopProcess } from './cluster-process.ts';
import { type Benchmark, type Figure, figureOf, interleaved, timedMs } from './figures.ts';
import { queryPacket, type RawClient } from './mysql-client.ts';

const SELECTS = 10_000;
export const ROWS = 200_000;
const ROUNDS = 7;

/** Answers each request of so many bytes with so many bytes, in pieces of 64 KiB. */
const PEER_PROGRAM = `
const [requestBytes, answerBytes] = process.argv.slice(1).map(Number);
const piece = Buffer.alloc(Math.min(answerBytes, 65536));
const server = require('node:net').createServer((socket) => {
  socket.setNoDelay(true);
  let waiting = 0;
  let left = 0;
  const pump = () => {
    while (left > 0) {
      const part = piece.subarray(0, Math.min(left, piece.length));
      left -= part.length;
      if (!socket.write(part)) return;
    }
  };
  socket.on('drain', pump);
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    waiting += bytes.length;
    while (waiting >= requestBytes) {
      waiting -= requestBytes;
      left += answerBytes;
    }
    pump();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

export const wireBenchmark: Benchmark = { name: 'wire', run: measure };

async function measure(): Promise<readonly Figure[]> {
  const cluster = await startClusterProcess();
  try {
    const client = await cluster.connect();
    return [await selectOne(client), await rowsOut(client)];
  } finally {
    await cluster.stop();
  }
}

async function selectOne(client: RawClient): Promise<Figure> {
  const sql = 'SELECT 1';
  const { sizeBytes } = await client.query(sql);
  const peer = await startPeer(queryPacket(sql).length, sizeBytes);
  const perSecond = async (ask: () => Promise<unknown>): Promise<number> => {
    const ms = await timedMs(async () => {
      for (let asked = 0; asked < SELECTS; asked += 1) await ask();
    });
    return (SELECTS / ms) * 1000;
  };
  const samples = await interleaved(
    {
      emulator: () => perSecond(() => client.query(sql)),
      'echo of the same sizes': () => perSecond(peer.ask),
    },
    ROUNDS,
  );
  await peer.stop();
  return figureOf('SELECT 1, one connection', 'per second', samples, [
    { kind: 'at-least', limit: 15_000 },
  ]);
}

async function rowsOut(client: RawClient): Promise<Figure> {
  await client.query('CREATE DATABASE w');
  await client.query(
    'CREATE TABLE w.t (k BIGINT NOT NULL, a INT, s VARCHAR(50), d DOUBLE, at DATETIME) ' +
      'DUPLICATE KEY (k) DISTRIBUTED BY HASH(k) BUCKETS 4',
  );
  await client.query(
    "INSERT INTO w.t SELECT g, g % 1000, concat('row number ', g), g / 7, " +
      "date_add('2024-01-01 00:00:00', INTERVAL g SECOND) " +
      `FROM TABLE(generate_series(1, ${ROWS})) AS s(g)`,
  );
  const sql = 'SELECT * FROM w.t';
  const { sizeBytes, rowCount } = await client.query(sql);
  if (rowCount !== ROWS) throw new Error(`${rowCount} rows came back, not ${ROWS}`);
  const peer = await startPeer(queryPacket(sql).length, sizeBytes);
  const samples = await interleaved(
    {
      emulator: async () => (await timedMs(() => client.query(sql))) / 1000,
      'socket with the same bytes': async () => (await timedMs(peer.ask)) / 1000,
    },
    ROUNDS,
  );
  await peer.stop();
  const remark = `${(sizeBytes / 1e6).toFixed(1)} MB`;
  const bar = { kind: 'at-most', limit: 0.3 } as const;
  return figureOf('200,000 rows of 5 columns out', 's', samples, [bar], remark);
}

interface Peer {
  ask(): Promise<void>;
  stop(): Promise<void>;
}

async function startPeer(requestBytes: number, answerBytes: number): Promise<Peer> {
  const args = ['-e', PEER_PROGRAM, String(requestBytes), String(answerBytes)];
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const socket = await connected(Number(await firstLine(child)));
  const request = Buffer.alloc(requestBytes);
  let missing = 0;
  let done = (): void => {};
  socket.on('data', (bytes: Buffer) => {
    missing -= bytes.length;
    if (missing === 0) done();
  });
  return {
    ask: () =>
      new Promise((resolve) => {
        missing = answerBytes;
        done = resolve;
        socket.write(request);
      }),
    stop: async () => {
      socket.destroy();
      await stopProcess(child);
    },
  };
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' }, () => resolve(socket));
    socket.setNoDelay(true);
    socket.once('error', reject);
  });
}
