/**
 * The signature by which RESTORE compares a table in a snapshot with a local one, version 1
 * (restore-jobs.md 3.5): names, index names, partition columns and buckets, but no ids, replica
 * counts or schema hashes.
 */
import { assert, present } from '../base/assert.ts';
import { Adler32 } from './adler32.ts';
import type { Column, OlapTable, Partition } from './model.ts';
import { partitionColumns } from './partition-range.ts';
import { schemaHash } from './schema-hash.ts';
import { tableTypeOf } from './table-lookup.ts';

const SIGNATURE_VERSION = 1;
const STORAGE_TYPE = 'COLUMN';

/** What of a table went into the checksum at a step; the words that an error shows. */
export type SignatureComponent =
  | 'Table name'
  | 'Table type'
  | 'index name'
  | 'short key column count'
  | 'storage type'
  | 'partition type'
  | 'partition columns'
  | 'partition name'
  | 'distribution type'
  | 'distribution column hash'
  | 'bucket number';

export interface SignatureStep {
  readonly component: SignatureComponent;
  /** The running checksum after this step, without sign. */
  readonly checksum: number;
}

export interface TableSignature {
  readonly signature: number;
  readonly steps: readonly SignatureStep[];
}

/** The signature over the given partitions, all of which the table must have. */
export function tableSignature(
  table: OlapTable,
  partitionNames: readonly string[],
): TableSignature {
  const sum = new Adler32();
  const steps: SignatureStep[] = [];
  const text = (component: SignatureComponent, value: string): void => {
    sum.text(value);
    steps.push({ component, checksum: sum.value });
  };
  const byte = (component: SignatureComponent, value: number): void => {
    sum.byte(value);
    steps.push({ component, checksum: sum.value });
  };

  sum.byte(SIGNATURE_VERSION);
  text('Table name', table.name);
  text('Table type', tableTypeOf(table));
  for (const meta of sortedBy(table.indexMetas, (one) => one.name)) {
    text('index name', meta.name);
    byte('short key column count', meta.shortKeyColumnCount);
    text('storage type', STORAGE_TYPE);
  }
  text('partition type', table.partitionBy.kind);
  if (table.partitionBy.kind === 'RANGE' || table.partitionBy.kind === 'EXPR_RANGE') {
    byte('partition columns', schemaHash(partitionColumns(table)));
  }
  const partitions = partitionNames.map((name) =>
    present(table.partitions.get(name), `partition ${name} of ${table.name}`),
  );
  for (const partition of sortedBy(partitions, (one) => one.name.toLowerCase())) {
    text('partition name', partition.name);
    text('distribution type', partition.distribution.kind);
    if (partition.distribution.kind !== 'HASH') continue;
    byte('distribution column hash', schemaHash(distributionColumns(table, partition)));
    byte('bucket number', partition.distribution.buckets);
  }
  return { signature: sum.absolute, steps };
}

/**
 * The component at which two signatures part; undefined when they are equal, or when the
 * sequences have different lengths, where no single component can be blamed.
 */
export function firstDifference(
  a: TableSignature,
  b: TableSignature,
): SignatureComponent | undefined {
  if (a.steps.length !== b.steps.length) return undefined;
  const index = a.steps.findIndex((step, at) => step.checksum !== b.steps[at]?.checksum);
  return a.steps[index]?.component;
}

function distributionColumns(table: OlapTable, partition: Partition): readonly Column[] {
  const base = table.indexMetas.find((meta) => meta.indexId === table.baseIndexId);
  assert(partition.distribution.kind === 'HASH', 'only HASH has distribution columns');
  return partition.distribution.columns.map((name) => {
    const column = base?.schema.find((one) => one.name.toLowerCase() === name.toLowerCase());
    return present(column, `distribution column ${name} of ${table.name}`);
  });
}

function sortedBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  return [...items].sort((a, b) => {
    const [left, right] = [key(a), key(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
}
