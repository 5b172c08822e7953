/**
 * `demo`: a cluster in a temporary folder, real rows through a real socket, backup, disaster,
 * restore, and a comparison of every row (design.md 2). Succeeds only if all came back.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { realClock } from '../../base/clock.ts';
import { asSimError } from '../../base/errors.ts';
import { createLocalFiles } from '../../base/local-files.ts';
import { toPromise } from '../../base/op.ts';
import { realRandom, uuid } from '../../base/random.ts';
import { formatBytesShort } from '../../base/units.ts';
import { startCluster } from '../../start-cluster.ts';
import { type Cleaner, createCleaner } from '../demo/cleaner.ts';
import { findFlights } from '../demo/flights.ts';
import { tellFlights } from '../demo/flights-story.ts';
import { type FolderUsage, folderUsage } from '../demo/folder-usage.ts';
import { createPhases, type PhaseTime } from '../demo/phases.ts';
import { connectClient } from '../demo/sql-client.ts';
import { type Stage, tellStory } from '../demo/story.ts';
import { readWeather } from '../demo/weather.ts';
import { watchForInterruption } from '../interruption.ts';
import { printFailure } from '../ui/failure.ts';
import { formatCount, formatDuration } from '../ui/format.ts';
import { createJsonPrinter } from '../ui/json-printer.ts';
import type { Printer } from '../ui/printer.ts';
import { standardOutput } from '../ui/standard-output.ts';
import { createTextPrinter } from '../ui/text-printer.ts';
import type { DemoOptions } from './demo-options.ts';

const BACKENDS = 3;

/**
 * Throws `demo-failed` with what went wrong; what differs has been printed then. The cluster is
 * stopped and the folder gone when it returns, however it ends.
 */
export async function runDemo(options: DemoOptions): Promise<void> {
  const output = standardOutput();
  const printer = options.json
    ? createJsonPrinter(realClock, output)
    : createTextPrinter(realClock, output);
  const interruption = watchForInterruption('demo-failed');
  const cleaner = createCleaner((error) => printFailure(asSimError(error)));
  try {
    const play = { printer, signal: interruption.signal, cleaner, big: options.big };
    tellSummary(printer, await cleaner.after(() => playDemo(play)));
  } catch (error) {
    const { message } = asSimError(error);
    const facts = { ok: false, error: message };
    printer.line({ event: 'result', look: 'bad', text: 'The demo failed.', facts });
    throw error;
  } finally {
    printer.close();
    interruption.end();
  }
}

interface Play {
  readonly printer: Printer;
  readonly signal: AbortSignal;
  readonly cleaner: Cleaner;
  readonly big: DemoOptions['big'];
}

interface Outcome {
  readonly rowCount: number;
  readonly phases: readonly PhaseTime[];
  readonly repository: FolderUsage;
}

async function playDemo({ printer, signal, cleaner, big }: Play): Promise<Outcome> {
  printer.line({
    event: 'demo',
    look: 'title',
    text: 'starrocks-emulator demo: load, back up, destroy, restore, compare every row',
  });
  const files = createLocalFiles();
  const phases = createPhases(realClock, printer);
  const flights = big === undefined ? undefined : await findFlights(big === true ? undefined : big);
  const folder = join(tmpdir(), `starrocks-emulator-demo-${uuid(realRandom)}`);
  const repositoryPath = join(folder, 'repository');
  cleaner.add(() => toPromise(files.remove(folder)));
  const client = await phases.run('start', 'Start a cluster', async () => {
    await toPromise(files.makeDirectory(repositoryPath));
    const dataDir = join(folder, 'cluster');
    const cluster = await startCluster({ backends: BACKENDS, dataDir, port: 0 });
    cleaner.add(() => cluster.stop());
    const connected = await connectClient(cluster.port ?? 0, signal);
    cleaner.add(() => connected.close());
    const port = cluster.port ?? 0;
    printer.line({
      event: 'ready',
      look: 'plain',
      text: `  ${BACKENDS} backends, mysql://root@127.0.0.1:${port}, files in ${folder}`,
      facts: { mysqlPort: port, backends: BACKENDS, folder },
    });
    return connected;
  });
  const repositoryLocation = `file://${repositoryPath}`;
  const stage = { client, printer, clock: realClock, phases, repositoryLocation };
  const rowCount =
    flights === undefined
      ? await playWeather(stage)
      : await tellFlights({ ...stage, path: flights });
  return {
    rowCount,
    phases: phases.times,
    repository: await toPromise(folderUsage(files, repositoryPath)),
  };
}

async function playWeather(stage: Omit<Stage, 'weather'>): Promise<number> {
  const weather = await readWeather();
  await tellStory({ ...stage, weather });
  return weather.rows.length;
}

/** Comes after the cleaning up: only then nothing can go wrong any more. */
function tellSummary(printer: Printer, { rowCount, phases, repository }: Outcome): void {
  const ms = Math.round(performance.now());
  const times = phases.map(({ name, ms: spent }) => `${name} ${formatDuration(spent)}`);
  const { fileCount, sizeBytes } = repository;
  const memoryBytesMax = process.resourceUsage().maxRSS * 1024;
  const tell = (text: string): void => printer.line({ event: 'summary', look: 'plain', text });
  printer.line({
    event: 'result',
    look: 'good',
    text: `All ${formatCount(rowCount)} rows came back; ${formatDuration(ms)} in all.`,
    facts: {
      ok: true,
      rowCount,
      repository: { fileCount, sizeBytes },
      ms,
      memoryBytesMax,
      phaseMs: Object.fromEntries(phases.map((phase) => [phase.name, phase.ms])),
    },
  });
  tell(`  ${times.join(', ')}`);
  tell(`  the repository had ${formatCount(fileCount)} files, ${formatBytesShort(sizeBytes)}`);
  tell(`  memory of this process at most ${formatBytesShort(memoryBytesMax)}`);
  tell('  the cluster is stopped, its folder is removed');
  tell('Try next: npx starrocks-emulator start, then mysql -h 127.0.0.1 -P 9030 -u root');
}
