/** What was measured over concurrency, file size and store, as pictures. */
import { type Chart, type ChartPage, type ChartSeries, svgOf } from '../src/cli/ui/svg-chart.ts';
import { medianOf } from './figures.ts';

/** One contender at one place of the matrix. */
export interface Cell {
  /** `local`, `s3`, `hdfs`. */
  readonly store: string;
  /** Added to every request on its way; 0 where nothing was added. */
  readonly lagMs: number;
  readonly fileBytes: number;
  readonly concurrency: number;
  readonly contender: string;
  readonly files: number;
  /** Seconds for all files, one a round. */
  readonly seconds: readonly number[];
  /** From handing a task to a backend to its end, over all rounds; ours alone has tasks. */
  readonly taskMs?: { readonly p50: number; readonly p95: number; readonly max: number };
  /** As the server counted them; absent where there is no server. */
  readonly requestsPerFile?: number;
}

export const OURS = 'starrocks-emulator';

const COLUMNS = 3;

/** Two pages: throughput of all contenders, and latency of our tasks. */
export function matrixPictures(cells: readonly Cell[], remarks: readonly string[]): string[] {
  const throughput: ChartPage = {
    title: 'Snapshot upload: throughput',
    remarks,
    columns: COLUMNS,
    charts: chartsBy(cells, throughputChart),
  };
  const latency: ChartPage = {
    title: 'Snapshot upload: latency of a task of one tablet',
    remarks,
    columns: COLUMNS,
    charts: chartsBy(
      cells.filter(({ taskMs }) => taskMs !== undefined),
      latencyChart,
    ),
  };
  return [svgOf(throughput), svgOf(latency)];
}

/** Small files are told by their number, large ones by their bytes. */
const BY_NUMBER_BYTES_MAX = 256 * 1024;

function throughputChart(title: string, cells: readonly Cell[]): Chart {
  const isByNumber = cells.every(({ fileBytes }) => fileBytes <= BY_NUMBER_BYTES_MAX);
  const y = (cell: Cell): number => (isByNumber ? filesPerSec(cell) : mibPerSec(cell));
  return {
    title,
    x: { label: 'uploads at once', scale: 'log2' },
    y: { label: isByNumber ? 'files/s' : 'MiB/s', scale: 'linear' },
    series: seriesBy(cells, ({ contender }) => contender, y),
  };
}

function latencyChart(title: string, cells: readonly Cell[]): Chart {
  const series = (['p50', 'p95', 'max'] as const).map(
    (name): ChartSeries => ({
      name,
      points: cells.map(({ concurrency, taskMs }) => ({
        x: concurrency,
        y: taskMs?.[name] ?? Number.NaN,
      })),
      isDashed: name !== 'p50',
    }),
  );
  return {
    title,
    x: { label: 'uploads at once', scale: 'log2' },
    y: { label: 'ms', scale: 'log10' },
    series,
  };
}

export const filesPerSec = ({ files, seconds }: Cell): number => files / medianOf(seconds);

export const mibPerSec = (cell: Cell): number =>
  (filesPerSec(cell) * cell.fileBytes) / (1024 * 1024);

function chartsBy(
  cells: readonly Cell[],
  draw: (title: string, cells: readonly Cell[]) => Chart,
): Chart[] {
  return [...groupsOf(cells, placeName)].map(([title, group]) => draw(title, group));
}

function seriesBy(
  cells: readonly Cell[],
  nameOf: (cell: Cell) => string,
  y: (cell: Cell) => number,
): ChartSeries[] {
  return [...groupsOf(cells, nameOf)].map(([name, group]) => ({
    name,
    points: group.map((cell) => ({ x: cell.concurrency, y: y(cell) })),
    isDashed: name !== OURS,
  }));
}

function groupsOf(cells: readonly Cell[], nameOf: (cell: Cell) => string): Map<string, Cell[]> {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) groups.set(nameOf(cell), [...(groups.get(nameOf(cell)) ?? []), cell]);
  return groups;
}

export function placeName({ store, lagMs, fileBytes }: Cell): string {
  const lag = lagMs === 0 ? '' : `, ${lagMs} ms lag`;
  return `${store}${lag}, files of ${sizeText(fileBytes)}`;
}

export function sizeText(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MiB` : `${bytes / 1024} KiB`;
}
