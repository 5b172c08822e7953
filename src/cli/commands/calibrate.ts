/**
 * `simulate --calibrate URL`: measures a real store through its driver and saves a model of it, for
 * `simulate --store FILE`. What it writes lies below a fresh directory that is removed afterwards.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createLocalFiles } from '../../base/local-files.ts';
import { toPromise } from '../../base/op.ts';
import { realRandom, uuid } from '../../base/random.ts';
import { formatBytesShort } from '../../base/units.ts';
import { joinKey } from '../../blob/blob-key.ts';
import { fitModel } from '../../sim/capacity/fit-model.ts';
import { type Batch, measureStore } from '../../sim/capacity/measure-store.ts';
import { type StoreModel, storeModelText } from '../../sim/capacity/store-model.ts';
import { EXIT_OK } from '../exit-codes.ts';
import { runVerb } from '../run-verb.ts';
import { writeOptionFile } from '../simulate/option-files.ts';
import { formatRate } from '../simulate/report.ts';
import { openLocation } from '../storage/open-location.ts';
import type { Printer } from '../ui/printer.ts';
import type { SimulateOptions } from './simulate-options.ts';

export function runCalibrate(url: string, options: SimulateOptions): Promise<void> {
  return runVerb(options, async ({ printer, checkpoint }) => {
    const { storage, root, shown } = await openLocation(url, options.property, process.env);
    const name = `starrocks-emulator-calibrate-${uuid(realRandom)}`;
    const text = `measuring ${shown}`;
    printer.line({ event: 'calibrate', look: 'title', text, facts: { url: shown } });
    try {
      const measured = await toPromise(
        measureStore({
          storage,
          directory: joinKey(root, name),
          files: createLocalFiles(),
          scratch: join(tmpdir(), name),
          stopwatch: () => performance.now(),
          onBatch: (batch) => {
            checkpoint();
            tellBatch(printer, batch);
          },
        }),
      );
      const model = fitModel(measured, { name: 'calibrated', text: `measured at ${shown}` });
      await writeOptionFile(options.save, storeModelText(model), '--save');
      tellModel(printer, model, options.save);
      return EXIT_OK;
    } finally {
      await toPromise(storage.close());
    }
  });
}

function tellBatch(printer: Printer, { bytes, concurrency, elapsedMs, eachMs }: Batch): void {
  const perSec = (eachMs.length * 1000) / elapsedMs;
  const many = `${concurrency} at a time`.padStart(13);
  printer.line({
    event: 'batch',
    look: 'plain',
    text:
      `  ${formatBytesShort(bytes).padStart(6)} ${many}: ${perSec.toFixed(1)} puts/s, ` +
      formatRate(perSec * bytes),
    facts: { bytes, concurrency, elapsedMs, puts: eachMs.length },
  });
}

function tellModel(printer: Printer, model: StoreModel, path: string): void {
  const { latency, connectionBytesPerSec, storeBytesPerSec, storeMsPerRequest } = model;
  const rate = (perSec: number | null): string =>
    perSec === null ? 'no limit seen' : formatRate(perSec);
  printer.line({
    event: 'model',
    look: 'good',
    text:
      `a put takes ${latency.put.p50Ms.toFixed(1)} ms (99 %: ${latency.put.p99Ms.toFixed(1)} ms) ` +
      `and ${rate(connectionBytesPerSec)}; all together ${rate(storeBytesPerSec)} and ` +
      `${storeMsPerRequest.toFixed(2)} ms per request`,
    facts: { path, connectionBytesPerSec, storeBytesPerSec, storeMsPerRequest },
  });
  printer.line({ event: 'saved', look: 'plain', text: `saved; use it with --store ${path}` });
}
