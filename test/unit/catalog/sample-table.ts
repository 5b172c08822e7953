/** A plain table with known ids for tests that look at one thing: table 1, partition 2, physical 3, index 4. */

import { present } from '../../../src/base/assert.ts';
import type { BackendChooser, NewPartition } from '../../../src/catalog/build-partition.ts';
import { buildTable, countTableIds, type NewTable } from '../../../src/catalog/build-table.ts';
import { idRun } from '../../../src/catalog/id-run.ts';
import type { OlapTable, PartitionBy } from '../../../src/catalog/model.ts';

/** Backends 10001 to 10005 in turn. */
export const roundRobin: BackendChooser = (tabletCount, replicationNum) =>
  Float64Array.from({ length: tabletCount * replicationNum }, (_, at) => 10_001 + (at % 5));

export interface SampleOptions {
  readonly name?: string;
  readonly buckets?: number;
  readonly replicationNum?: number;
  readonly firstId?: number;
  readonly partitionBy?: PartitionBy;
  readonly days?: readonly string[];
  readonly physicalIdEqualsLogical?: boolean;
}

export function sampleDefinition(options: SampleOptions = {}): NewTable {
  const buckets = options.buckets ?? 2;
  const replicationNum = options.replicationNum ?? 3;
  const distribution = { kind: 'HASH', columns: ['ID'], buckets } as const;
  const days = options.days ?? ['2024-01-01', '2024-01-02', '2024-01-03'];
  const partitions = days.slice(1).map(
    (day, at): NewPartition => ({
      name: `p${(days[at] ?? '').replaceAll('-', '')}`,
      distribution,
      replicationNum,
      range: {
        lower: [{ kind: 'value', text: days[at] ?? '' }],
        upper: [{ kind: 'value', text: day }],
      },
    }),
  );
  const plain = { isAllowNull: true, isAutoIncrement: false, comment: '' } as const;
  return {
    name: options.name ?? 'orders',
    keysType: 'DUP_KEYS',
    columns: [
      { ...plain, name: 'dt', type: { name: 'DATE' }, isKey: true },
      { ...plain, name: 'id', type: { name: 'BIGINT' }, isKey: true },
      { ...plain, name: 'note', type: { name: 'VARCHAR', length: 20 }, isKey: false },
    ],
    sortKey: [],
    partitionBy: options.partitionBy ?? { kind: 'RANGE', columns: ['DT'] },
    partitions,
    distribution,
    replicationNum,
    comment: 'a sample',
    properties: new Map([['replication_num', String(replicationNum)]]),
  };
}

export function sampleTable(options: SampleOptions = {}): OlapTable {
  const definition = sampleDefinition(options);
  const placement = {
    ids: idRun(options.firstId ?? 1, countTableIds(definition)),
    chooseBackends: roundRobin,
    physicalIdEqualsLogical: options.physicalIdEqualsLogical ?? false,
  };
  return present(buildTable(definition, placement, 1_700_000_000_000), 'enough backends');
}
