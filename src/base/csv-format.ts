/**
 * How a text file spells rows, in StarRocks' words: column_separator, row_delimiter, skip_header,
 * trim_space, enclose, escape. Loads by FILES and by HTTP share it.
 */
import { SimError } from './errors.ts';

export interface CsvFormat {
  readonly columnSeparator: string;
  readonly rowDelimiter: string;
  /** Rows at the start of each file that are no data. */
  readonly skipHeader: number;
  readonly trimSpace: boolean;
  /** One character around values that may hold separators; twice inside means itself. */
  readonly enclose: string | undefined;
  /** One character that takes the meaning away from the next. */
  readonly escape: string | undefined;
}

/** A property of the format as written; `undefined` where it is not given. */
export type CsvProperty =
  | 'column_separator'
  | 'row_delimiter'
  | 'skip_header'
  | 'trim_space'
  | 'enclose'
  | 'escape';

/** Bytes of a separator (StarRocks' limit). */
const SEPARATOR_BYTES_MAX = 50;

/** `bad-option` names the property and the value. */
export function csvFormat(property: (name: CsvProperty) => string | undefined): CsvFormat {
  const columnSeparator = separator('column_separator', property('column_separator') ?? '\\t');
  const rowDelimiter = separator('row_delimiter', property('row_delimiter') ?? '\\n');
  const enclose = character('enclose', property('enclose'));
  return {
    columnSeparator,
    rowDelimiter,
    skipHeader: count('skip_header', property('skip_header') ?? '0'),
    trimSpace: flag('trim_space', property('trim_space') ?? 'false'),
    enclose,
    escape: character('escape', property('escape')),
  };
}

function separator(name: CsvProperty, written: string): string {
  const text = unescaped(written);
  if (text !== '' && Buffer.byteLength(text) <= SEPARATOR_BYTES_MAX) return text;
  throw refusal(name, written, `1 to ${SEPARATOR_BYTES_MAX} bytes`);
}

/** `\t`, `\n`, `\r`, and bytes in hex: `\x01`, `\x0102`, `0x01`. */
function unescaped(written: string): string {
  if (/^(?:(?:\\x|0x)(?:[0-9a-f]{2})+)+$/i.test(written)) {
    return Buffer.from(written.replace(/\\x|0x/gi, ''), 'hex').toString('utf8');
  }
  return written.replace(/\\([tnr\\])/g, (_all, letter: string) => ESCAPES[letter] ?? letter);
}

const ESCAPES: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', '\\': '\\' };

function character(name: CsvProperty, written: string | undefined): string | undefined {
  if (written === undefined || written === '') return undefined;
  const text = written === '\\' ? written : unescaped(written);
  if (Buffer.byteLength(text) === 1) return text;
  throw refusal(name, written, 'one character');
}

function count(name: CsvProperty, written: string): number {
  const value = Number(written);
  if (/^\d+$/.test(written) && Number.isSafeInteger(value)) return value;
  throw refusal(name, written, 'a whole number from 0 on');
}

function flag(name: CsvProperty, written: string): boolean {
  const text = written.toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true';
  throw refusal(name, written, 'true or false');
}

function refusal(name: CsvProperty, written: string, wanted: string): SimError {
  return new SimError('bad-option', `${name} '${written}' must be ${wanted}`);
}
