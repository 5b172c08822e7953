/**
 * Rows of each partition that goes into a snapshot, counted by queries, so that a restore can
 * compare (BR-REST 7.2). Figures of SHOW PARTITIONS lag behind and would not do. What the baseline
 * has counted at the same version is not counted again, and what was never loaded is empty.
 */
import type { LivePartition } from '../cluster/partitions.ts';
import type { Session } from '../commands/session.ts';
import { cell } from '../connection/connection.ts';
import { quoteName, quotePath } from '../connection/sql-text.ts';
import { messageOf, ServerError } from '../errors.ts';
import type { LiveTable, SelectedTable } from './selection.ts';

/** Partitions that one statement counts. */
const BRANCHES_MAX = 100;

/** The version of a partition that no load has touched. */
const VERSION_OF_EMPTY = 1;

/** `undefined`: not counted. */
export type RowCounts = (table: string, partition: string) => number | undefined;

export const NOT_COUNTED: RowCounts = () => undefined;

interface Counted {
  readonly table: LiveTable;
  readonly partition: LivePartition;
}

/** A refusal, such as a timeout of a query, is told and leaves its partitions uncounted. */
export async function countRows(
  { connection, report }: Session,
  database: string,
  tables: readonly LiveTable[],
  selection: readonly SelectedTable[],
): Promise<RowCounts> {
  const wanted = includedOf(tables, selection);
  const counts = new Map<string, number>();
  const asked = wanted.filter(({ partition }) => partition.visibleVersion !== VERSION_OF_EMPTY);
  for (const { table, partition } of wanted) {
    if (partition.visibleVersion === VERSION_OF_EMPTY) counts.set(key(table, partition), 0);
  }
  for (let from = 0; from < asked.length; from += BRANCHES_MAX) {
    const part = asked.slice(from, from + BRANCHES_MAX);
    const branches = part.map((each, index) => branchText(database, each, index));
    try {
      const rows = await connection.query(branches.join(' UNION ALL '));
      for (const row of rows) {
        const each = part[Number(cell(row, 'branch'))];
        if (each !== undefined) counts.set(key(each.table, each.partition), Number(row['total']));
      }
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      const names = [...new Set(part.map(({ table }) => table.name))].join(', ');
      report.warn(`rows of ${names} were not counted: ${messageOf(error)}`);
    }
  }
  return (table, partition) => counts.get(JSON.stringify([table, partition]));
}

function includedOf(
  tables: readonly LiveTable[],
  selection: readonly SelectedTable[],
): readonly Counted[] {
  const included = new Map(selection.map(({ name, partitions }) => [name, new Set(partitions)]));
  return tables.flatMap((table) =>
    table.partitions
      .filter(({ name }) => included.get(table.name)?.has(name) === true)
      .map((partition) => ({ table, partition })),
  );
}

/** A table with one partition is counted as a whole. */
function branchText(database: string, { table, partition }: Counted, index: number): string {
  const only = table.partitions.length === 1 ? '' : ` PARTITION (${quoteName(partition.name)})`;
  const from = `${quotePath(database, table.name)}${only}`;
  return `SELECT ${index} AS branch, COUNT(*) AS total FROM ${from}`;
}

function key(table: LiveTable, partition: LivePartition): string {
  return JSON.stringify([table.name, partition.name]);
}
