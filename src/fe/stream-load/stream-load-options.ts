/**
 * What the headers of a Stream Load say. Those of StarRocks that would change the rows and are not
 * supported are refused by name; headers that only tune a real cluster have no effect.
 */
import { type CsvFormat, csvFormat } from '../../base/csv-format.ts';
import { SimError } from '../../base/errors.ts';
import { isTimeZone } from '../../base/time-zone.ts';
import { isLoadLabel } from '../../catalog/names.ts';
import { type JsonPath, jsonPath } from './json-path.ts';

export interface StreamLoadOptions {
  readonly format: (CsvFormat & { readonly kind: 'csv' }) | JsonFormat;
  /** As written: names and `name = expression`, separated by commas. */
  readonly columns: string | undefined;
  readonly where: string | undefined;
  readonly maxFilterRatio: number;
  /** A value that its column cannot hold takes its row away; else it is NULL. */
  readonly isStrict: boolean;
  readonly timeZone: string | undefined;
  readonly partitions: readonly string[] | undefined;
}

export interface JsonFormat {
  readonly kind: 'json';
  /** The body is one array, whose elements are the rows. */
  readonly stripsOuterArray: boolean;
  /** The value of each source column; absent: by its name. */
  readonly paths: readonly JsonPath[] | undefined;
  readonly root: JsonPath | undefined;
}

/** A header by its name in lower case. */
export type Headers = (name: string) => string | undefined;

/** They say what is loaded, or where to, in ways that are not supported. */
const REFUSED = [
  'compression',
  'merge_condition',
  'temporary_partitions',
  'two_phase_commit',
  'transaction_id',
  'negative',
] as const;

/** Throws `bad-option`, `bad-label` or `unsupported`, naming the header. */
export function streamLoadOptions(header: Headers): StreamLoadOptions {
  for (const name of REFUSED) {
    const value = header(name)?.toLowerCase();
    if (value === undefined || value === '' || value === 'false') continue;
    throw new SimError('unsupported', `header ${name} of Stream Load is not supported`);
  }
  if (flag(header, 'partial_update', false)) {
    throw new SimError('unsupported', 'partial_update of Stream Load is not supported');
  }
  checkTimeout(header('timeout'));
  const label = header('label');
  if (label !== undefined && !isLoadLabel(label)) {
    throw new SimError('bad-label', `Incorrect label name '${label}'`);
  }
  const timeZone = header('timezone');
  if (timeZone !== undefined && !isTimeZone(timeZone)) {
    throw new SimError('bad-time-zone', `Unknown or incorrect time zone: '${timeZone}'`);
  }
  return {
    format: formatOf(header),
    columns: header('columns'),
    where: header('where'),
    maxFilterRatio: ratio(header('max_filter_ratio') ?? '0'),
    isStrict: flag(header, 'strict_mode', false),
    timeZone,
    partitions: header('partitions')
      ?.split(',')
      .map((name) => name.trim()),
  };
}

function formatOf(header: Headers): StreamLoadOptions['format'] {
  const format = header('format')?.toLowerCase() ?? 'csv';
  if (format === 'csv') return { kind: 'csv', ...csvFormat(header) };
  if (format !== 'json') {
    throw new SimError('unsupported', `format '${format}' of Stream Load is not supported`, {
      hint: 'csv and json are',
    });
  }
  const root = header('json_root');
  return {
    kind: 'json',
    stripsOuterArray: flag(header, 'strip_outer_array', false),
    paths: pathsOf(header('jsonpaths')),
    root: root === undefined || root === '' ? undefined : jsonPath(root),
  };
}

function pathsOf(written: string | undefined): readonly JsonPath[] | undefined {
  if (written === undefined || written === '') return undefined;
  const wrong = new SimError('bad-option', `jsonpaths '${written}' must be an array of texts`);
  let paths: unknown;
  try {
    paths = JSON.parse(written);
  } catch {
    throw wrong;
  }
  if (!Array.isArray(paths) || paths.length === 0) throw wrong;
  return paths.map((path: unknown) => {
    if (typeof path !== 'string') throw wrong;
    return jsonPath(path);
  });
}

function flag(header: Headers, name: string, fallback: boolean): boolean {
  const text = header(name)?.toLowerCase() ?? '';
  if (text === '') return fallback;
  if (text === 'true' || text === 'false') return text === 'true';
  throw new SimError('bad-option', `${name} '${text}' must be true or false`);
}

function ratio(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new SimError('bad-option', `max_filter_ratio '${text}' must be between 0 and 1`);
}

/** No load here takes long enough to be given up. */
function checkTimeout(text: string | undefined): void {
  if (text === undefined || /^[1-9]\d{0,5}$/.test(text)) return;
  throw new SimError('bad-option', `timeout '${text}' must be a number of seconds`);
}
