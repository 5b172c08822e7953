/**
 * Peak memory of a process whose backend uploads so many GiB to an S3 server that forgets them, in
 * files of 16 MiB: what a large upload takes above a small one. The server is a process of its own.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { firstLine, inTemporaryFolder, stopProcess } from './cluster-process.ts';
import { type Benchmark, type Figure, figureOf } from './figures.ts';
import { fillSnapshots, openBackends } from './upload-world.ts';

const MIB = 1024 * 1024;
const FILE_BYTES = 16 * MIB;
const SMALL_GIB = 1;
const LARGE_GIB = 16;
const WORKERS = 4;
const THIS_FILE: string = fileURLToPath(import.meta.url);

const FORGETFUL_SERVER = `
const list = '<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>';
const server = require('node:http').createServer((request, answer) => {
  request.resume().on('end', () => answer.end(request.method === 'GET' ? list : ''));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
`;

export const uploadMemoryBenchmark: Benchmark = { name: 'upload-memory', run: measure };

async function measure(): Promise<readonly Figure[]> {
  const server = spawn(process.execPath, ['-e', FORGETFUL_SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await firstLine(server);
    const small = await peakMib(port, SMALL_GIB);
    const large = await peakMib(port, LARGE_GIB);
    const ours = { name: `${LARGE_GIB} GiB`, values: [large] };
    const peer = { name: `${SMALL_GIB} GiB`, values: [small] };
    const remark = `${(large - small).toFixed(0)} MiB above ${SMALL_GIB} GiB; the bar is 30`;
    return [
      figureOf(
        'peak memory of an upload to S3',
        'MiB RSS',
        [ours, peer],
        [{ kind: 'at-most', limit: small + 30 }],
        remark,
      ),
    ];
  } finally {
    await stopProcess(server);
  }
}

async function peakMib(port: string, gib: number): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, THIS_FILE, port, String(gib)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return Number(await firstLine(child));
}

/** In the process of its own: uploads, and prints the peak. */
async function upload(port: string, gib: number): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const backends = await openBackends(folder, { count: 1, uploadWorkers: WORKERS });
    const tablets = (gib * 1024 * MIB) / FILE_BYTES;
    const set = { tablets, filesPerTablet: 1, fileBytes: FILE_BYTES };
    const tasksFor = fillSnapshots(folder, set, 1);
    const properties = {
      'fs.s3a.endpoint': `127.0.0.1:${port}`,
      'fs.s3a.access.key': 'key',
      'fs.s3a.secret.key': 'secret',
    };
    const storage = { location: 's3a://bucket', brokerName: '', properties };
    await backends.run(tasksFor(storage, 'run'));
    await backends.stop();
  });
  console.log(process.resourceUsage().maxRSS / 1024);
}

const [program, port, gib] = process.argv.slice(1);
if (program === THIS_FILE && port !== undefined) {
  await upload(port, Number(gib));
  process.exit();
}
