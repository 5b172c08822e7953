/** The tables that a simulated job is about: how many tablets, how large, in how many files. */
import { SimError } from '../../base/errors.ts';
import { GIB, KIB, MIB } from '../../base/units.ts';

export interface PlannedTable {
  readonly name: string;
  readonly tablets: number;
  /** Of one replica of one tablet; 0 for tablets that have a header and no data. */
  readonly tabletBytes: number;
  readonly filesPerTablet: number;
  readonly replicas: number;
}

export type TableSet = readonly PlannedTable[];

export const TABLETS_MAX = 2_000_000;
export const FILES_PER_TABLET_MAX = 1_000;
export const TABLET_BYTES_MAX: number = 1024 * GIB;
export const REPLICAS_MAX = 9;
const TABLES_MAX = 10_000;
/** A larger table is made as several: StarRocks' limit on buckets. */
const BUCKETS_MAX = 10_000;

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: KIB,
  MB: MIB,
  GB: GIB,
  TB: 1024 * GIB,
};

/** `64MB`, `1.5GB`, `4096`: bytes by powers of 1024. `bad-option` for anything else. */
export function parseBytes(text: string, what: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,6})?)\s*([KMGT]?B)?$/i.exec(text.trim());
  const unit = UNITS[match?.[2]?.toUpperCase() ?? ''];
  if (match?.[1] === undefined || unit === undefined) {
    throw new SimError('bad-option', `${what}: '${text}' is not a size; write it like 64MB`);
  }
  return Math.round(Number(match[1]) * unit);
}

/** `bad-option`, naming the table, for what cannot be made on so many backends. */
export function checkTables(tables: TableSet, backends: number): void {
  const refuse = (text: string): never => {
    throw new SimError('bad-option', text);
  };
  if (tables.length === 0) refuse('the table set has no tables');
  if (tables.length > TABLES_MAX) refuse(`more than ${TABLES_MAX} tables`);
  const tablets = tables.reduce((sum, table) => sum + table.tablets, 0);
  if (tablets > TABLETS_MAX) refuse(`${tablets} tablets, at most ${TABLETS_MAX} can be simulated`);
  for (const { name, tabletBytes, filesPerTablet, replicas } of tables) {
    if (tabletBytes > TABLET_BYTES_MAX) refuse(`table ${name}: a tablet has at most 1024GB`);
    if (tabletBytes > 0 && tabletBytes < filesPerTablet) {
      refuse(`table ${name}: ${tabletBytes} bytes do not reach for ${filesPerTablet} files`);
    }
    if (replicas > backends) {
      refuse(`table ${name}: ${replicas} replicas need as many backends, there are ${backends}`);
    }
  }
}

/** A table of a simulated cluster, without rows: `tablets` of the plan's are its `buckets`. */
export interface SimulatedTable {
  readonly name: string;
  readonly buckets: number;
  readonly tablets: number;
  readonly of: PlannedTable;
}

/** The tables that stand for a set, each bucket for at most `tabletsEach` tablets. */
export function simulatedTables(tables: TableSet, tabletsEach: number): readonly SimulatedTable[] {
  const tabletsMax = BUCKETS_MAX * tabletsEach;
  return tables.flatMap((table, index) =>
    Array.from({ length: Math.ceil(table.tablets / tabletsMax) }, (_, part) => {
      const tablets = Math.min(tabletsMax, table.tablets - part * tabletsMax);
      const buckets = Math.ceil(tablets / tabletsEach);
      return { name: `t${index}_${part}`, buckets, tablets, of: table };
    }),
  );
}

export function createStatement(database: string, table: SimulatedTable): string {
  return (
    `CREATE TABLE ${database}.${table.name} (k BIGINT NOT NULL, a INT) DUPLICATE KEY (k) ` +
    `DISTRIBUTED BY HASH (k) BUCKETS ${table.buckets} ` +
    `PROPERTIES ("replication_num" = "${table.of.replicas}")`
  );
}

/**
 * A table set as a file has it: `{"tables": [{"name": "orders", "tablets": 960,
 * "tabletSize": "1GB", "files": 4, "replicas": 3}]}`; of a table only `tablets` must be
 * there. `bad-option` says which field is wrong.
 */
export async function parseTableSet(
  text: string,
  where: string,
  defaults: Omit<PlannedTable, 'name' | 'tablets'>,
): Promise<TableSet> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SimError('bad-option', `${where}: not JSON`, { cause: error });
  }
  const { z } = await import('zod');
  const count = z.number().int().positive();
  const schema = z.strictObject({
    tables: z.array(
      z.strictObject({
        name: z.string().optional(),
        tablets: count.max(TABLETS_MAX),
        tabletSize: z.union([z.string(), z.number().int().min(0)]).optional(),
        files: count.max(FILES_PER_TABLET_MAX).optional(),
        replicas: count.max(REPLICAS_MAX).optional(),
      }),
    ),
  });
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.path.join('.') || 'the table set';
    throw new SimError('bad-option', `${where}: ${field}: ${issue?.message ?? 'is wrong'}`, {
      hint: 'It is like {"tables": [{"name": "orders", "tablets": 960, "tabletSize": "1GB"}]}.',
    });
  }
  return parsed.data.tables.map((table, index) => {
    const name = table.name ?? `table ${index + 1}`;
    const { tabletSize } = table;
    return {
      name,
      tablets: table.tablets,
      tabletBytes:
        tabletSize === undefined
          ? defaults.tabletBytes
          : parseBytes(String(tabletSize), `${where}: tabletSize of ${name}`),
      filesPerTablet: table.files ?? defaults.filesPerTablet,
      replicas: table.replicas ?? defaults.replicas,
    };
  });
}
