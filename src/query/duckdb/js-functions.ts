/**
 * Functions that DuckDB calls back for: those whose one form is ours. Each pair of function and
 * types becomes a scalar function of DuckDB's that takes columns and gives texts.
 */
import type { DuckDBConnection, DuckDBType, DuckDBVector } from '@duckdb/node-api';
import { SimError } from '../../base/errors.ts';
import type { Cell, SqlType } from '../../base/sql-type.ts';
import type { CallTypes, FunctionSpec } from '../functions/function-spec.ts';
import { cellReader } from './read-chunk.ts';
import { duckType } from './sql-text.ts';

type DuckDb = typeof import('@duckdb/node-api');

/** Functions with their types that one instance of DuckDB is taught. */
export const JS_FUNCTIONS_MAX = 5000;

interface JsFunction {
  readonly name: string;
  readonly spec: FunctionSpec;
  readonly types: CallTypes;
}

export class JsFunctions {
  readonly #byKey = new Map<string, JsFunction>();
  #waiting: JsFunction[] = [];

  /** The call as SQL; `register` has to be called before it is run. */
  call(spec: FunctionSpec, types: CallTypes, args: readonly string[]): string {
    const { name } = this.#functionFor(spec, types);
    return resultSql(`${name}(${args.join(', ')})`, types.result);
  }

  #functionFor(spec: FunctionSpec, given: CallTypes): JsFunction {
    const types = { args: given.args.map(withoutLength), result: withoutLength(given.result) };
    const key = JSON.stringify([spec.name, types]);
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    if (this.#byKey.size >= JS_FUNCTIONS_MAX) {
      throw new SimError('limit-reached', `more than ${JS_FUNCTIONS_MAX} functions and types`);
    }
    const made = { name: `js_${this.#byKey.size}`, spec, types };
    this.#byKey.set(key, made);
    this.#waiting.push(made);
    return made;
  }

  /** Teaches the instance behind the connection what has been asked for since the last time. */
  register(duckDb: DuckDb, connection: DuckDBConnection): void {
    for (const { name, spec, types } of this.#waiting.splice(0)) {
      connection.registerScalarFunction(
        duckDb.DuckDBScalarFunction.create({
          name,
          returnType: duckDb.VARCHAR,
          parameterTypes: types.args.map((type) => parameterType(duckDb, type)),
          specialHandling: true,
          mainFunction: (_, chunk, output) => {
            const readers = types.args.map((type, index) =>
              cellReader(chunk.getColumnVector(index), type),
            );
            run(spec, types, readers, chunk.rowCount, output);
          },
        }),
      );
    }
  }
}

/** How long texts may be makes no other function; else each literal would. */
function withoutLength(type: SqlType): SqlType {
  const { length: _, element, key, value, fields, ...rest } = type;
  return {
    ...rest,
    ...(element === undefined ? {} : { element: withoutLength(element) }),
    ...(key === undefined ? {} : { key: withoutLength(key) }),
    ...(value === undefined ? {} : { value: withoutLength(value) }),
    ...(fields === undefined
      ? {}
      : { fields: fields.map(({ name, type: of }) => ({ name, type: withoutLength(of) })) }),
  };
}

function run(
  spec: FunctionSpec,
  types: CallTypes,
  readers: readonly ((index: number) => Cell)[],
  rowCount: number,
  output: DuckDBVector,
): void {
  for (let row = 0; row < rowCount; row += 1) {
    const args = readers.map((read) => read(row));
    const isNull = spec.handlesNull !== true && args.includes(null);
    output.setItem(row, isNull ? null : textOf(spec.evaluate?.(args, types) ?? null));
  }
  output.flush();
}

function textOf(cell: Cell): string | null {
  if (cell === null) return null;
  return cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : String(cell);
}

/** The text that a function gives, as its value. */
export function resultSql(sql: string, type: SqlType): string {
  const name = duckType(type);
  if (name === 'VARCHAR') return sql;
  return name === 'BLOB' ? `from_hex(${sql})` : `CAST(${sql} AS ${name})`;
}

function parameterType(duckDb: DuckDb, type: SqlType): DuckDBType {
  const name = duckType(type);
  switch (name) {
    case 'BOOLEAN':
      return duckDb.BOOLEAN;
    case 'TINYINT':
      return duckDb.TINYINT;
    case 'SMALLINT':
      return duckDb.SMALLINT;
    case 'INTEGER':
      return duckDb.INTEGER;
    case 'BIGINT':
      return duckDb.BIGINT;
    case 'HUGEINT':
      return duckDb.HUGEINT;
    case 'FLOAT':
      return duckDb.FLOAT;
    case 'DOUBLE':
      return duckDb.DOUBLE;
    case 'VARCHAR':
      return duckDb.VARCHAR;
    case 'BLOB':
      return duckDb.BLOB;
    case 'DATE':
      return duckDb.DATE;
    case 'TIMESTAMP':
      return duckDb.TIMESTAMP;
    default:
      return duckDb.DECIMAL(type.precision ?? 10, type.scale ?? 0);
  }
}
