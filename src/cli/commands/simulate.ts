/**
 * `simulate`: backups of a table set by the real job code on the virtual clock, over a store that
 * takes the time of a model; for each number of backends and workers (docs/simulate.md).
 */

import { breathe } from '../../base/breathe.ts';
import { SimError } from '../../base/errors.ts';
import { toPromise } from '../../base/op.ts';
import { formatBytesShort } from '../../base/units.ts';
import { tabletsEach } from '../../sim/capacity/planned-tablets.ts';
import { storePreset } from '../../sim/capacity/presets.ts';
import type { Pause } from '../../sim/capacity/run-plan.ts';
import { parseStoreModel, type StoreModel } from '../../sim/capacity/store-model.ts';
import {
  type Knee,
  knees,
  type SweepBase,
  type SweepPoint,
  sweep,
  tryWhatIfs,
  type WhatIfResult,
} from '../../sim/capacity/sweep.ts';
import {
  checkTables,
  type PlannedTable,
  parseBytes,
  parseTableSet,
  type TableSet,
} from '../../sim/capacity/table-set.ts';
import { tablesOfCluster } from '../../sim/capacity/tables-of-cluster.ts';
import { EXIT_OK } from '../exit-codes.ts';
import { runVerb } from '../run-verb.ts';
import { sweepChart } from '../simulate/chart.ts';
import { readOptionFile, writeOptionFile } from '../simulate/option-files.ts';
import { headLine, kneeLine, pointLine, whatIfHead, whatIfLine } from '../simulate/report.ts';
import { formatCount } from '../ui/format.ts';
import type { Printer } from '../ui/printer.ts';
import type { SimulateOptions } from './simulate-options.ts';

/** Throws `bad-option` for what cannot be read or simulated, before the first run. */
export function runSimulate(options: SimulateOptions): Promise<void> {
  return runVerb(options, async ({ printer, checkpoint }) => {
    await simulate(options, printer, async () => {
      await toPromise(breathe());
      checkpoint();
    });
    return EXIT_OK;
  });
}

async function simulate(options: SimulateOptions, printer: Printer, pause: Pause): Promise<void> {
  const model = await storeModelOf(options.store);
  const tables = await tablesOf(options);
  checkTables(tables, Math.min(...options.backends));
  const base = baseOf(options, model, tables);
  tellPlan(printer, base);
  const { currency } = model.price;
  printer.line(headLine());
  const onPoint = (point: SweepPoint): void => printer.line(pointLine(point, currency));
  const points = await sweep(base, options.backends, options.workers, onPoint, pause);
  const found = knees(points);
  for (const knee of found) printer.line(kneeLine(knee));
  const [last] = found.slice(-1);
  if (options.whatIf && last !== undefined) await tellWhatIfs(printer, base, last, pause);
  if (options.svg !== undefined) await draw(printer, options.svg, base, points, found);
}

/** A name has no slash and no `.json`. */
async function storeModelOf(store: string): Promise<StoreModel> {
  if (!store.includes('/') && !store.endsWith('.json')) return storePreset(store);
  return await parseStoreModel(await readOptionFile(store, 'the store model'), store);
}

async function tablesOf(options: SimulateOptions): Promise<TableSet> {
  const defaults: Omit<PlannedTable, 'name' | 'tablets'> = {
    tabletBytes: parseBytes(options.size, '--size'),
    filesPerTablet: options.files,
    replicas: options.replicas,
  };
  const { tables, from } = options;
  if (tables !== undefined && from !== undefined) {
    throw new SimError('bad-option', '--tables and --from exclude each other');
  }
  if (from !== undefined) return await tablesFrom(from, options.files);
  if (tables === undefined) return [{ name: 't', tablets: options.tablets, ...defaults }];
  return await parseTableSet(await readOptionFile(tables, 'the table set'), tables, defaults);
}

async function tablesFrom(url: string, filesPerTablet: number): Promise<TableSet> {
  const { connectAsked } = await import('../simulate/ask-cluster.ts');
  const cluster = await connectAsked(url);
  try {
    return await tablesOfCluster(cluster.ask, cluster.database, filesPerTablet);
  } finally {
    await cluster.close();
  }
}

function baseOf(options: SimulateOptions, model: StoreModel, tables: TableSet): SweepBase {
  return {
    model,
    tables,
    cores: options.cores,
    slowness: 1,
    failedTasks: 0,
    tasksPerBackendMax: options.tasksPerBackend,
    profile: options.starrocksVersion,
    seed: options.seed,
    keepsMetadata: false,
    tickMs: options.tick,
    timeoutSec: options.timeout,
  };
}

function planText({ tables, model, seed }: SweepBase): readonly string[] {
  const tablets = tables.reduce((sum, table) => sum + table.tablets, 0);
  const bytes = tables.reduce((sum, table) => sum + table.tablets * table.tabletBytes, 0);
  return [
    `backup of ${formatCount(tablets)} tablets, ${formatBytesShort(bytes)}, to ${model.name}`,
    `${model.name}: ${model.about}; seed ${seed}`,
  ];
}

function tellPlan(printer: Printer, base: SweepBase): void {
  const [title = '', about = ''] = planText(base);
  const { model, seed, tables } = base;
  const tablets = tables.reduce((sum, table) => sum + table.tablets, 0);
  const facts = { tablets, store: model.name, about: model.about, seed: String(seed) };
  printer.line({ event: 'plan', look: 'title', text: title, facts });
  printer.line({ event: 'plan', look: 'plain', text: about });
  const each = tabletsEach(tables);
  if (each === 1) return;
  const text = `each simulated tablet stands for ${each}, which go one after the other`;
  printer.line({ event: 'plan', look: 'plain', text, facts: { tabletsEach: each } });
}

async function tellWhatIfs(
  printer: Printer,
  base: SweepBase,
  at: Knee,
  pause: Pause,
): Promise<void> {
  const { currency } = base.model.price;
  printer.line(whatIfHead(at));
  const onResult = (result: WhatIfResult): void => printer.line(whatIfLine(result, at, currency));
  await tryWhatIfs(base, at, onResult, pause);
}

async function draw(
  printer: Printer,
  path: string,
  base: SweepBase,
  points: readonly SweepPoint[],
  found: readonly Knee[],
): Promise<void> {
  const [title = '', ...remarks] = planText(base);
  await writeOptionFile(path, sweepChart(title, remarks, points, found), 'the chart');
  printer.line({ event: 'chart', look: 'plain', text: `drawn: ${path}`, facts: { path } });
}
