/**
 * The properties of `FILES(...)`: what to read and how. What names a store or signs in to it is
 * handed on to those who know stores; any other key is refused by name.
 */
import { type CsvFormat, csvFormat } from '../../base/csv-format.ts';
import { SimError } from '../../base/errors.ts';

export interface FilesOptions {
  readonly location: string;
  readonly format: { readonly kind: 'parquet' } | CsvOptions;
  /** Columns that a file lacks are NULL, instead of an error. */
  readonly fillsMissing: boolean;
  /** For the store. */
  readonly properties: Readonly<Record<string, string>>;
}

export interface CsvOptions extends CsvFormat {
  readonly kind: 'csv';
  /** Columns are text unless all their values say otherwise. */
  readonly detectsTypes: boolean;
}

const CSV_PREFIX = 'csv.';

const OURS = [
  'path',
  'format',
  'auto_detect_types',
  'auto_detect_sample_files',
  'auto_detect_sample_rows',
  'fill_mismatch_column_with',
] as const;
type OwnKey = (typeof OURS)[number];

const CSV_KEYS: ReadonlySet<string> = new Set([
  'column_separator',
  'row_delimiter',
  'skip_header',
  'trim_space',
  'enclose',
  'escape',
]);

/** What keys of stores begin with, and those that stand alone. */
const STORE_KEY =
  /^(aws\.|fs\.|hadoop\.|dfs\.|azure\.|gcp\.|aliyun\.|emulator\.|broker\.)|^(username|password)$/;

/** Throws `analysis` for a wrong value and `unsupported` for a key or format that is not read. */
export function filesOptions(given: ReadonlyMap<string, string>): FilesOptions {
  const properties: Record<string, string> = {};
  for (const [key, value] of given) {
    if (STORE_KEY.test(key)) properties[key] = value;
    else if (!isOurs(key)) throw unknownKey(key);
  }
  const own = (key: OwnKey): string | undefined => given.get(key);
  const location = own('path') ?? '';
  if (location === '')
    throw new SimError('analysis', 'FILES: path is null. Please add property (path = xxx)');
  if (location.includes(',') && !location.includes('{')) {
    throw new SimError('unsupported', 'FILES with several paths is not supported', {
      hint: 'use a pattern such as {a,b}, or UNION ALL',
    });
  }
  positive('auto_detect_sample_files', own('auto_detect_sample_files'));
  positive('auto_detect_sample_rows', own('auto_detect_sample_rows'));
  return {
    location,
    format: formatOf(given, own),
    fillsMissing: fillsMissing(own('fill_mismatch_column_with')),
    properties,
  };
}

function isOurs(key: string): boolean {
  if (key.startsWith(CSV_PREFIX)) return CSV_KEYS.has(key.slice(CSV_PREFIX.length));
  return OURS.some((one) => one === key);
}

/** Never the value: a mistyped key may be that of a password. */
function unknownKey(key: string): SimError {
  return new SimError('unsupported', `property '${key}' of FILES is not supported`, {
    hint: `known are ${[...OURS, 'csv.*'].join(', ')} and the properties of stores, as aws.s3.*`,
  });
}

function formatOf(
  given: ReadonlyMap<string, string>,
  own: (key: OwnKey) => string | undefined,
): FilesOptions['format'] {
  const format = own('format') ?? '';
  switch (format.toLowerCase()) {
    case 'parquet':
      return { kind: 'parquet' };
    case 'csv':
      return {
        kind: 'csv',
        detectsTypes: flag('auto_detect_types', own('auto_detect_types') ?? 'true'),
        ...csvOf(given),
      };
    case '':
      throw new SimError('analysis', 'FILES: format is null. Please add property (format = xxx)');
    case 'orc':
    case 'avro':
    case 'json':
      throw new SimError('unsupported', `format '${format}' of FILES is not supported`, {
        hint: 'parquet and csv are',
      });
    default:
      throw new SimError('analysis', `FILES: not supported format: ${format}`);
  }
}

function csvOf(given: ReadonlyMap<string, string>): CsvFormat {
  try {
    return csvFormat((name) => given.get(`${CSV_PREFIX}${name}`));
  } catch (error) {
    if (!(error instanceof SimError)) throw error;
    throw new SimError('analysis', `FILES: ${CSV_PREFIX}${error.message}`, { cause: error });
  }
}

function flag(key: OwnKey, value: string): boolean {
  const text = value.toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  throw new SimError('analysis', `FILES: ${key} '${value}' must be true or false`);
}

function positive(key: OwnKey, value: string | undefined): void {
  if (value === undefined || /^[1-9]\d{0,8}$/.test(value)) return;
  throw new SimError('analysis', `FILES: ${key} '${value}' must be a positive whole number`);
}

function fillsMissing(value = 'none'): boolean {
  const text = value.toLowerCase();
  if (text === 'none' || text === 'null') return text === 'null';
  throw new SimError(
    'analysis',
    `FILES: fill_mismatch_column_with '${value}' must be none or null`,
  );
}
