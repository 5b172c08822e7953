/** Tables of Parquet files in a temporary folder behind a backend that is not one, and a session. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimError } from '../../../src/base/errors.ts';
import { asId, type BackendId, type TabletId } from '../../../src/base/ids.ts';
import { type Op, runNow, toPromise } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import type { Row } from '../../../src/base/row-stream.ts';
import { type Cell, cellText, type SqlType } from '../../../src/base/sql-type.ts';
import { encodeRows } from '../../../src/be-sim/rowset-codec.ts';
import type { OpenedFile } from '../../../src/protocol/data.ts';
import type { BackendLink } from '../../../src/protocol/links.ts';
import type { QueryContext, ResolvedTable } from '../../../src/protocol/query.ts';
import type { TabletColumn, TabletSchema } from '../../../src/protocol/tablet-schema.ts';
import { createQueryEngine } from '../../../src/query/create-query-engine.ts';
import type { QueryEngine } from '../../../src/query/query-engine.ts';
import type { QueryNode } from '../../../src/sql/ast.ts';
import { parseStatements } from '../../../src/sql/parse.ts';

export const BACKEND: BackendId = asId<BackendId>(10_001);
export const SPARE: BackendId = asId<BackendId>(10_002);

export function column(name: string, type: SqlType, isKey = false): TabletColumn {
  return { name, type, isKey, isNullable: true };
}

export function summed(name: string, type: SqlType, aggregation: string): TabletColumn {
  return { ...column(name, type), aggregation };
}

export interface FakeFile {
  readonly kind?: 'data' | 'delete';
  readonly version: number;
  /** Rows as lists of cells; of a delete, the keys. */
  readonly rows: readonly Row[];
  /** One per row: the file holds rows of several loads. */
  readonly versions?: readonly number[];
}

export interface FakeTable {
  readonly schema: TabletSchema;
  readonly version: number;
  readonly tablets: readonly (readonly FakeFile[])[];
  /** What `scanTablet` answers, per tablet. */
  readonly live?: readonly (readonly Row[])[];
}

export function schemaOf(
  keysType: TabletSchema['keysType'],
  columns: readonly TabletColumn[],
): TabletSchema {
  return { keysType, schemaHash: 1, columns };
}

const vectors = (width: number, rows: readonly Row[]): Cell[][] =>
  Array.from({ length: width }, (_, index) => rows.map((row) => row[index] ?? null));

export interface Fixture {
  readonly engine: QueryEngine;
  readonly virtual: QueryEngine;
  readonly context: QueryContext;
  readonly openLeases: Set<number>;
  /** Backends that answer every call with an error. */
  readonly down: Set<BackendId>;
  /** Backends that hand out a path where there is no file. */
  readonly lying: Set<BackendId>;
  readonly directory: string;
  addTable(name: string, table: FakeTable): void;
  addRows(name: string, table: Extract<ResolvedTable, { kind: 'rows' }>): void;
  close(): Promise<void>;
}

interface StoredTablet {
  readonly schema: TabletSchema;
  readonly version: number;
  readonly files: readonly OpenedFile[];
  readonly live: readonly Row[];
}

/** Names of files have wildcards when the table's is odd. */
function store(directory: string, schema: TabletSchema, files: readonly FakeFile[]): OpenedFile[] {
  mkdirSync(directory, { recursive: true });
  return files.map(({ kind = 'data', version, rows, versions }, order) => {
    const name = directory.includes('odd') ? `f[${order}]*?` : `f${order}`;
    const path = join(directory, `${name}.${kind === 'data' ? 'dat' : 'del'}`);
    const stored = schema.columns.filter(({ isKey }) => kind === 'data' || isKey);
    const bytes = encodeRows(stored, {
      rowCount: rows.length,
      columns: vectors(stored.length, rows),
      ...(versions !== undefined && { versions }),
    });
    writeFileSync(path, bytes);
    return {
      path,
      kind,
      version,
      hasRowVersions: versions !== undefined,
      order,
      rowCount: rows.length,
      sizeBytes: bytes.length,
      contentKey: path,
    };
  });
}

export function createFixture(): Fixture {
  const directory = mkdtempSync(join(tmpdir(), 'query-'));
  const tables = new Map<string, ResolvedTable>();
  const tablets = new Map<number, StoredTablet>();
  const openLeases = new Set<number>();
  const down = new Set<BackendId>();
  const lying = new Set<BackendId>();
  let leases = 0;
  const link = (backendId: BackendId): BackendLink => {
    const tablet = (id: number): StoredTablet => {
      const found = tablets.get(id);
      if (found === undefined || down.has(backendId)) {
        throw new SimError('backend-unavailable', 'it is down');
      }
      return found;
    };
    const never = (): never => {
      throw new SimError('bug', 'not for queries');
    };
    return {
      backendId,
      *openTablet({ tabletId, version }): Op<never> {
        const { schema, files } = tablet(tabletId);
        leases += 1;
        openLeases.add(leases);
        const shown = lying.has(backendId)
          ? files.map((file) => ({ ...file, path: `${file.path}.gone` }))
          : files;
        return { tabletId, version, schema, files: shown, leaseId: leases } as never;
      },
      closeTablet: (leaseId) => {
        openLeases.delete(leaseId);
      },
      *scanTablet({ tabletId }): Op<never> {
        const { schema, live } = tablet(tabletId);
        const columns = vectors(schema.columns.length, live);
        return { tabletId, rowCount: live.length, columns } as never;
      },
      submitTasks: never,
      heartbeat: never,
      writeRowsets: never,
      publishVersion: never,
      abortTxn: never,
      compact: never,
      settings: never,
      changeSetting: never,
    };
  };
  const links = new Map([BACKEND, SPARE].map((id) => [id, link(id)]));
  const options = { backend: (id: BackendId) => links.get(id), random: new SeededRandom(1n) };
  const engine = createQueryEngine({ mode: 'duckdb', ...options });
  return {
    engine,
    virtual: createQueryEngine({ mode: 'interpreter', ...options }),
    context: contextOf(tables),
    openLeases,
    down,
    lying,
    directory,
    addTable(name, table): void {
      const ids = table.tablets.map((files, index) => {
        const id = 20_000 + tablets.size;
        const place = join(directory, name.replace(/\W/g, '_'), String(id));
        const stored = store(place, table.schema, files);
        const live = table.live?.[index] ?? files.flatMap(({ rows }) => rows);
        tablets.set(id, { schema: table.schema, version: table.version, files: stored, live });
        return { tabletId: asId<TabletId>(id), version: table.version, replicas: [BACKEND, SPARE] };
      });
      tables.set(name, {
        kind: 'tablets',
        displayName: `db.${name}`,
        schema: table.schema,
        tablets: ids,
      });
    },
    addRows(name, table): void {
      tables.set(name, table);
    },
    async close(): Promise<void> {
      await toPromise(engine.close());
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export function contextOf(tables: ReadonlyMap<string, ResolvedTable>): QueryContext {
  return {
    resolveTable: ({ db = 'db', name }): ResolvedTable => {
      const table = db === 'db' ? tables.get(name) : undefined;
      if (table === undefined) throw new SimError('unknown-table', `Unknown table '${name}'`);
      return table;
    },
    systemVariable: (_, name) => (name === 'autocommit' ? true : `value of ${name}`),
    userVariable: () => null,
    sessionFunction: (name) =>
      name === 'DATABASE' ? () => 'db' : name === 'CONNECTION_ID' ? () => 7n : undefined,
    timeZone: 'Asia/Shanghai',
    nowMs: Date.UTC(2025, 0, 1, 20, 30, 15, 123),
  };
}

export function parseQuery(sql: string): QueryNode {
  const options = { pipesAsConcat: true, newBackupForms: true, dropSnapshot: false, strict: false };
  const statement = parseStatements(sql, options)[0]?.statement;
  if (statement?.kind !== 'select') throw new Error(`not a query: ${sql}`);
  return statement.query;
}

export interface Result {
  readonly names: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

const shown = (cell: Cell): string | null =>
  cell === null
    ? null
    : String(cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : cellText(cell));

export function* collect(engine: QueryEngine, sql: string, context: QueryContext): Op<Result> {
  const stream = yield* engine.run(parseQuery(sql), context);
  const rows: (string | null)[][] = [];
  try {
    for (let batch = yield* stream.next(); batch !== undefined; batch = yield* stream.next()) {
      rows.push(...batch.map((row) => row.map(shown)));
    }
  } finally {
    yield* stream.close();
  }
  return {
    names: stream.columns.map(({ name }) => name),
    types: stream.columns.map(({ type }) => type.name),
    rows,
  };
}

export const query = (fixture: Fixture, sql: string): Promise<Result> =>
  toPromise(collect(fixture.engine, sql, fixture.context));

/** In virtual mode; fails if anything waits. */
export const queryVirtual = (fixture: Fixture, sql: string): Result =>
  runNow(collect(fixture.virtual, sql, fixture.context));
