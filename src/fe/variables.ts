/**
 * System variables: one row each with default, scope and kind, and the values of one scope on top.
 * Source: sql-surface.md 1.7 and 1.8.
 */
import { SimError } from '../base/errors.ts';
import { nearestNames } from '../base/nearest-names.ts';
import type { Cell } from '../base/sql-type.ts';
import { isTimeZone } from '../base/time-zone.ts';
import { MYSQL_SERVER_VERSION } from './profile.ts';
import { normalizeSqlMode } from './sql-mode.ts';

export type VariableKind = 'number' | 'boolean' | 'string' | 'time-zone' | 'sql-mode';

export interface VariableRow {
  readonly kind: VariableKind;
  readonly defaultValue: string;
  /** `both` has a global and a session value; `global` only the first, `session` only the second. */
  readonly scope: 'both' | 'global' | 'session';
  readonly isReadOnly: boolean;
  /** Lowest and highest value of a number. */
  readonly range?: readonly [number, number];
}

const number = (value: string): VariableRow => ({
  kind: 'number',
  defaultValue: value,
  scope: 'both',
  isReadOnly: false,
});
const flag = (value: 'true' | 'false'): VariableRow => ({ ...number(value), kind: 'boolean' });
const text = (value: string): VariableRow => ({ ...number(value), kind: 'string' });
const fixed = (row: VariableRow): VariableRow => ({ ...row, isReadOnly: true });
const globalOnly = (row: VariableRow): VariableRow => ({ ...row, scope: 'global' });

/** Of a statement. */
const TIMEOUT_SECONDS = [1, 259_200] as const;

/** `version_comment`, `time_zone` and `system_time_zone` are filled in by the cluster. */
export const VARIABLE_ROWS: Readonly<Record<string, VariableRow>> = Object.freeze({
  auto_increment_increment: number('1'),
  autocommit: flag('true'),
  character_set_client: text('utf8'),
  character_set_connection: text('utf8'),
  character_set_database: globalOnly(text('utf8')),
  character_set_results: text('utf8'),
  character_set_server: text('utf8'),
  collation_connection: text('utf8_general_ci'),
  collation_database: text('utf8_general_ci'),
  collation_server: text('utf8_general_ci'),
  div_precision_increment: number('4'),
  enable_prepare_stmt: flag('true'),
  event_scheduler: text('OFF'),
  group_concat_max_len: number('1024'),
  init_connect: globalOnly(text('')),
  innodb_read_only: flag('true'),
  insert_timeout: { ...number('14400'), range: TIMEOUT_SECONDS },
  interactive_timeout: number('3600'),
  language: fixed(text('/starrocks/share/english/')),
  license: fixed(text('Apache License 2.0')),
  lower_case_table_names: fixed(number('0')),
  max_allowed_packet: number('33554432'),
  net_buffer_length: fixed(number('16384')),
  net_read_timeout: number('60'),
  net_write_timeout: number('60'),
  performance_schema: fixed(flag('false')),
  query_cache_size: globalOnly(number('1048576')),
  query_cache_type: globalOnly(number('0')),
  query_timeout: { ...number('300'), range: TIMEOUT_SECONDS },
  sql_auto_is_null: flag('false'),
  sql_mode: { ...text('ONLY_FULL_GROUP_BY'), kind: 'sql-mode' },
  sql_safe_updates: number('0'),
  sql_select_limit: number('9223372036854775807'),
  storage_engine: text('olap'),
  system_time_zone: fixed(text('UTC')),
  time_zone: { ...text('UTC'), kind: 'time-zone' },
  transaction_isolation: text('REPEATABLE-READ'),
  transaction_read_only: flag('false'),
  tx_isolation: text('REPEATABLE-READ'),
  tx_read_only: flag('false'),
  tx_visible_wait_timeout: number('10'),
  version: fixed(globalOnly(text(MYSQL_SERVER_VERSION))),
  version_comment: fixed(globalOnly(text(''))),
  wait_timeout: number('28800'),
});

/** How many similar names an error suggests. */
const SIMILAR_MAX = 3;

/** A variable's row, or `unknown-variable` with the names that look most like it. */
export function variableRow(name: string): VariableRow {
  const key = name.toLowerCase();
  const row = Object.hasOwn(VARIABLE_ROWS, key) ? VARIABLE_ROWS[key] : undefined;
  if (row !== undefined) return row;
  const similar = nearestNames(name.toLowerCase(), Object.keys(VARIABLE_ROWS), SIMILAR_MAX);
  throw new SimError(
    'unknown-variable',
    `Unknown system variable '${name}', the most similar variables are {${similar
      .map((near) => `'${near}'`)
      .join(', ')}}`,
  );
}

/** The value to store for what a SET wrote; `bad-variable-...` or `bad-time-zone` if none. */
export function checkedVariableValue(name: string, row: VariableRow, value: Cell): string {
  const shown = value === null ? 'NULL' : String(value);
  const refuse = (): never => {
    throw new SimError(
      'bad-variable-value',
      `Variable '${name}' can't be set to the value of '${shown}'`,
    );
  };
  switch (row.kind) {
    case 'boolean':
      if (/^(1|on|true)$/i.test(shown)) return 'true';
      return /^(0|off|false)$/i.test(shown) ? 'false' : refuse();
    case 'number':
      if (/^-?\d{1,19}$/.test(shown)) return inRange(name, row, shown);
      throw new SimError('bad-variable-type', `Incorrect argument type to variable '${name}'`);
    case 'time-zone': {
      if (!isTimeZone(shown)) {
        throw new SimError('bad-time-zone', `Unknown or incorrect time zone: '${shown}'`);
      }
      return shown;
    }
    case 'sql-mode':
      return normalizeSqlMode(shown);
    default:
      return value === null ? '' : shown;
  }
}

function inRange(name: string, { range }: VariableRow, text: string): string {
  const [min, max] = range ?? [-Infinity, Infinity];
  const value = Number(text);
  if (value >= min && value <= max) return text;
  const bound = value < min ? `greater than ${min}` : `less than ${max}`;
  throw new SimError('analysis', `${name} must be equal or ${bound}`);
}

/** How `SELECT @@x` shows it: booleans and numbers as numbers (sql-surface.md 1.8). */
export function variableCell(row: VariableRow, value: string): Cell {
  if (row.kind === 'boolean') return value === 'true' ? 1 : 0;
  if (row.kind === 'number') return BigInt(value);
  return value;
}

/** How SHOW VARIABLES shows it. */
export function variableText(row: VariableRow, value: string): string {
  return row.kind === 'boolean' && row === VARIABLE_ROWS['autocommit']
    ? String(value === 'true' ? 1 : 0)
    : value;
}

/** The global values: what SET GLOBAL changed, over the defaults. */
export class GlobalVariables {
  readonly #defaults = new Map<string, string>();
  readonly #changed = new Map<string, string>();

  /** What this cluster has instead of the table's defaults, e.g. its time zone. */
  constructor(clusterDefaults: Readonly<Record<string, string>>) {
    for (const [name, row] of Object.entries(VARIABLE_ROWS)) {
      this.#defaults.set(name, clusterDefaults[name] ?? row.defaultValue);
    }
  }

  get(name: string): string {
    const key = name.toLowerCase();
    return this.#changed.get(key) ?? this.defaultOf(key);
  }

  /** What SET GLOBAL x = DEFAULT goes back to. */
  defaultOf(name: string): string {
    return this.#defaults.get(name.toLowerCase()) ?? '';
  }

  set(name: string, value: string): void {
    this.#changed.set(name.toLowerCase(), value);
  }

  entries(): readonly (readonly [string, string])[] {
    return [...this.#defaults.keys()].map((name) => [name, this.get(name)] as const);
  }

  /** For the image: what a newer program or another start option brings along must not be in it. */
  changed(): readonly (readonly [string, string])[] {
    return [...this.#changed];
  }
}
