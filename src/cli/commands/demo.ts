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
import { folderUsage } from '../demo/folder-usage.ts';
import { watchForInterruption } from '../demo/interruption.ts';
import { createPhases, type Phases } from '../demo/phases.ts';
import { connectClient } from '../demo/sql-client.ts';
import { tellStory } from '../demo/story.ts';
import { readWeather, type Weather } from '../demo/weather.ts';
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
  const interruption = watchForInterruption();
  const cleaner = createCleaner();
  try {
    await cleaner.after(() => playDemo({ printer, signal: interruption.signal, cleaner }));
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
}

async function playDemo({ printer, signal, cleaner }: Play): Promise<void> {
  printer.line({
    event: 'demo',
    look: 'title',
    text: 'starrocks-emulator demo: load, back up, destroy, restore, compare every row',
  });
  const files = createLocalFiles();
  const phases = createPhases(realClock, printer);
  const weather = await readWeather();
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
  await tellStory({ client, printer, clock: realClock, phases, weather, repositoryPath });
  const usage = await toPromise(folderUsage(files, repositoryPath));
  tellSummary(printer, phases, weather, usage);
}

interface Usage {
  readonly fileCount: number;
  readonly sizeBytes: number;
}

function tellSummary(printer: Printer, phases: Phases, weather: Weather, usage: Usage): void {
  const ms = Math.round(performance.now());
  const rowCount = weather.rows.length;
  const times = phases.times.map(({ name, ms: spent }) => `${name} ${formatDuration(spent)}`);
  const stored = `${formatCount(usage.fileCount)} files, ${formatBytesShort(usage.sizeBytes)}`;
  printer.line({
    event: 'result',
    look: 'good',
    text: `All ${formatCount(rowCount)} rows came back in ${formatDuration(ms)}.`,
    facts: {
      ok: true,
      rowCount,
      repository: { ...usage },
      ms,
      phaseMs: Object.fromEntries(phases.times.map((phase) => [phase.name, phase.ms])),
    },
  });
  printer.line({ event: 'times', look: 'plain', text: `  seconds: ${times.join(', ')}` });
  printer.line({ event: 'repository', look: 'plain', text: `  repository: ${stored}` });
  printer.line({
    event: 'next',
    look: 'plain',
    text: 'Try next: `npx starrocks-emulator start`, then `mysql -h 127.0.0.1 -P 9030 -u root`.',
  });
}

interface Cleaner {
  /** Notes what to do at the end; the last noted is done first. */
  add(step: () => Promise<void>): void;
  /** Runs `body`, then every step, also after a failure. Throws the first failure of all. */
  after(body: () => Promise<void>): Promise<void>;
}

function createCleaner(): Cleaner {
  const steps: (() => Promise<void>)[] = [];
  return Object.freeze({
    add(step: () => Promise<void>): void {
      steps.push(step);
    },
    async after(body: () => Promise<void>): Promise<void> {
      const failures: unknown[] = [];
      const noted = (error: unknown): void => {
        failures.push(error);
      };
      await body().catch(noted);
      for (const step of steps.toReversed()) await step().catch(noted);
      if (failures.length === 0) return;
      // Only one can be thrown; the others are told here.
      for (const error of failures.slice(1)) printFailure(asSimError(error));
      throw failures[0];
    },
  });
}
