/**
 * The rows of the demo: Seattle's daily weather, a file that the build copies beside the programs
 * and that lies in a development dependency when they run from their sources. How many rows and
 * years there are is for the file to say.
 */
import { fileURLToPath } from 'node:url';
import { SimError } from '../../base/errors.ts';
import { createLocalFiles } from '../../base/local-files.ts';
import { toPromise } from '../../base/op.ts';

/** The cells of one day as text, in the order of the columns; the first is the date, the key. */
export type WeatherRow = readonly string[];

export interface WeatherYear {
  /** Four digits. */
  readonly year: string;
  readonly rows: readonly WeatherRow[];
}

export interface Weather {
  readonly columns: readonly string[];
  /** By date. */
  readonly rows: readonly WeatherRow[];
  readonly years: readonly WeatherYear[];
}

/** The build puts this code into a file of `dist/chunks`. */
const PACKED_PATH = '../demo/seattle-weather.csv';
const SOURCE_PATH = '../../../node_modules/vega-datasets/data/seattle-weather.csv';

export async function readWeather(): Promise<Weather> {
  const files = createLocalFiles();
  const paths = [PACKED_PATH, SOURCE_PATH].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  for (const path of paths) {
    if ((await toPromise(files.stat(path))) === undefined) continue;
    return parseWeather(Buffer.from(await toPromise(files.read(path))).toString('utf8'));
  }
  throw new SimError('demo-failed', `the rows of the demo are missing: ${paths[0]}`, {
    hint: 'install the package again',
  });
}

/** A header, then one line a day without quoted cells; days in any order, each once. */
export function parseWeather(text: string): Weather {
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const columns = header.split(',');
  const rows = lines.map((line) => line.split(','));
  for (const [at, row] of rows.entries()) {
    if (row.length === columns.length && /^\d{4}-\d\d-\d\d$/.test(dateOf(row))) continue;
    throw new SimError('demo-failed', `weather data, line ${at + 2}: '${lines[at]}' is no day`);
  }
  rows.sort((a, b) => (dateOf(a) < dateOf(b) ? -1 : 1));
  const twice = rows.find((row, at) => at > 0 && dateOf(row) === dateOf(rows[at - 1] ?? []));
  if (twice !== undefined) {
    throw new SimError('demo-failed', `weather data: ${dateOf(twice)} is there twice`);
  }
  return { columns, rows, years: yearsOf(rows) };
}

export function dateOf(row: WeatherRow): string {
  return row[0] ?? '';
}

function yearsOf(rows: readonly WeatherRow[]): readonly WeatherYear[] {
  const byYear = new Map<string, WeatherRow[]>();
  for (const row of rows) {
    const year = dateOf(row).slice(0, 4);
    const found = byYear.get(year);
    if (found === undefined) byYear.set(year, [row]);
    else found.push(row);
  }
  return [...byYear].map(([year, ofYear]) => ({ year, rows: ofYear }));
}
