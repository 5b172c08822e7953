/**
 * `simulate`: backups of a table set by the real job code on the virtual clock, over a store that
 * takes the time of a model; for each number of backends and workers (docs/simulate.md).
 */
import { formatBytesShort } from '../../base/units.ts';
import { storePreset } from '../../sim/capacity/presets.ts';
import { parseStoreModel, type StoreModel } from '../../sim/capacity/store-model.ts';
import {
  type Knee,
  knees,
  type SweepBase,
  type SweepPoint,
  sweep,
  tryWhatIfs,
} from '../../sim/capacity/sweep.ts';
import {
  checkTables,
  type PlannedTable,
  parseBytes,
  parseTableSet,
  type TableSet,
} from '../../sim/capacity/table-set.ts';
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
  return runVerb(options, async ({ printer }) => {
    await simulate(options, printer);
    return EXIT_OK;
  });
}

async function simulate(options: SimulateOptions, printer: Printer): Promise<void> {
  const model = await storeModelOf(options.store);
  const tables = await tablesOf(options);
  checkTables(tables, Math.min(...options.backends));
  const base = baseOf(options, model, tables);
  tellPlan(printer, base);
  const { currency } = model.price;
  printer.line(headLine());
  const points = sweep(base, options.backends, options.workers, (point) =>
    printer.line(pointLine(point, currency)),
  );
  const found = knees(points);
  for (const knee of found) printer.line(kneeLine(knee));
  const [last] = found.slice(-1);
  if (options.whatIf && last !== undefined) tellWhatIfs(printer, base, last);
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
  const { tables } = options;
  if (tables === undefined) return [{ name: 't', tablets: options.tablets, ...defaults }];
  return await parseTableSet(await readOptionFile(tables, 'the table set'), tables, defaults);
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
}

function tellWhatIfs(printer: Printer, base: SweepBase, at: Knee): void {
  printer.line(whatIfHead(at));
  tryWhatIfs(base, at, (result) => printer.line(whatIfLine(result, at, base.model.price.currency)));
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
