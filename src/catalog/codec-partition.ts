/**
 * JSON of partitions, with the keys of StarRocks' gson form (repository.md 3.3): physical
 * partitions, indexes, tablets and replicas. A replica's place in time is written with it; on
 * reading, only replicas that differ from their partition are remembered.
 */
import {
  asId,
  type IndexId,
  type PartitionId,
  type PhysicalPartitionId,
  type ReplicaId,
} from '../base/ids.ts';
import { decodeDistribution, distributionJson } from './codec-schema.ts';
import { type JsonChunks, type JsonText, writeAll } from './json-chunks.ts';
import type { JsonCursor } from './json-cursor.ts';
import { JsonRow } from './json-row.ts';
import type {
  MaterializedIndex,
  Partition,
  PartitionList,
  PartitionRange,
  PhysicalPartition,
  RangeKey,
  ReplicaLag,
  TabletColumns,
} from './model.ts';

/** What StarRocks keeps of a partition in `partitionInfo`, by partition id. */
export interface PartitionExtras {
  readonly replicationNum: number;
  readonly storageMedium: 'HDD' | 'SSD';
  readonly isInMemory: boolean;
  readonly range: PartitionRange | undefined;
  readonly list: PartitionList | undefined;
}

/** 9999-12-31 23:59:59 +08:00: never. */
const COOLDOWN_NEVER_MS = 253_402_271_999_000;

export function dataPropertyJson(partition: Partition): unknown {
  return { storageMedium: partition.storageMedium, cooldownTimeMs: COOLDOWN_NEVER_MS };
}

export function decodeMedium(json: JsonCursor): 'HDD' | 'SSD' {
  return json.field('storageMedium').oneOf(['HDD', 'SSD']);
}

/** A value is a string, an end of the line an object: `["2024-01-01", {"kind":"max"}]`. */
export function rangeJson(range: PartitionRange): unknown {
  const keyJson = (key: RangeKey): unknown =>
    key.map((part) => (part.kind === 'value' ? part.text : { kind: part.kind }));
  return { lower: keyJson(range.lower), upper: keyJson(range.upper) };
}

export function decodeRange(json: JsonCursor): PartitionRange {
  const key = (field: JsonCursor): RangeKey =>
    field.items().map((part) => {
      if (typeof part.value === 'string') return { kind: 'value', text: part.value };
      return { kind: part.field('kind').oneOf(['min', 'max']) };
    });
  return Object.freeze({ lower: key(json.field('lower')), upper: key(json.field('upper')) });
}

export function* writePartition(out: JsonChunks, partition: Partition): JsonText {
  const [first, ...others] = partition.physical;
  const head = JSON.stringify({
    id: partition.id,
    name: partition.name,
    state: 'NORMAL',
    dpid: first?.id ?? 0,
    distributionInfo: distributionJson(partition.distribution),
    ...(others.length < 2 ? {} : { emulator: { subPartitionOrder: others.map((one) => one.id) } }),
  });
  out.add(`${head.slice(0, -1)},"idToSubPartition":`);
  yield* writeAll(out, '{}', partition.physical, function* (physical) {
    out.add(`"${physical.id}":`);
    yield* writePhysical(out, physical);
  });
  out.add('}');
}

export function* writePhysical(out: JsonChunks, physical: PhysicalPartition): JsonText {
  const [base, ...rollups] = physical.indexes;
  const head = JSON.stringify({
    id: physical.id,
    parentId: physical.parentId,
    visibleVersion: physical.visibleVersion,
    visibleVersionTime: physical.visibleVersionTimeMs,
    nextVersion: physical.nextVersion,
    idToShadowIndex: {},
    ...(rollups.length < 2 ? {} : { emulator: { rollupOrder: rollups.map((one) => one.indexId) } }),
  });
  out.add(head.slice(0, -1));
  if (base !== undefined) {
    out.add(',"baseIndex":');
    yield* writeIndex(out, physical, base);
  }
  out.add(',"idToVisibleRollupIndex":');
  yield* writeAll(out, '{}', rollups, function* (rollup) {
    out.add(`"${rollup.indexId}":`);
    yield* writeIndex(out, physical, rollup);
  });
  out.add('}');
}

function* writeIndex(
  out: JsonChunks,
  physical: PhysicalPartition,
  index: MaterializedIndex,
): JsonText {
  const { indexId, tablets } = index;
  const { count, replication, tabletIds, replicaIds, backendIds } = tablets;
  const emulator = count === 0 ? `"emulator":{"replication":${replication}},` : '';
  out.add(`{"id":${indexId},"state":"NORMAL",${emulator}"tablets":[`);
  const { lagging } = physical;
  const current = standing(physical.visibleVersion, -1);
  const tabletRow = new JsonRow(['{"clazz":"LocalTablet","id":', ',"replicas":[']);
  const replicaRow = new JsonRow(['{"id":', ',"backendId":', '']);
  for (let tablet = 0, at = 0; tablet < count; tablet += 1) {
    tabletRow.set(0, tabletIds[tablet] ?? 0);
    if (tablet > 0) out.add(',');
    tabletRow.addTo(out);
    for (let replica = 0; replica < replication; replica += 1, at += 1) {
      const id = replicaIds[at] ?? 0;
      replicaRow.set(0, id);
      replicaRow.set(1, backendIds[at] ?? 0);
      if (replica > 0) out.add(',');
      replicaRow.addTo(out);
      const lag = lagging.size === 0 ? undefined : lagging.get(asId<ReplicaId>(id));
      if (lag === undefined) out.addBytes(current);
      else out.addBytes(standing(lag.version, lag.lastFailedVersion));
    }
    out.add(']}');
    if (out.isFull) yield out.take();
  }
  out.add(']}');
}

function standing(version: number, lastFailedVersion: number): Uint8Array {
  const failed = `"lastFailedVersion":${lastFailedVersion},"lastSuccessVersion":${version}`;
  return Buffer.from(`,"version":${version},"state":"NORMAL",${failed}}`);
}

export function decodePartition(json: JsonCursor, extras: PartitionExtras): Partition {
  const { range, list, ...others } = extras;
  const defaultId = json.field('dpid').integer();
  const order = json
    .optional('emulator')
    ?.optional('subPartitionOrder')
    ?.items()
    .map((one) => one.integer());
  const physical = decodeOrdered(
    json.field('idToSubPartition'),
    [defaultId, ...(order ?? [])],
    decodePhysical,
  );
  return Object.freeze({
    id: asId<PartitionId>(json.field('id').integer()),
    name: json.field('name').text(),
    physical,
    distribution: decodeDistribution(json.field('distributionInfo')),
    ...others,
    ...(range === undefined ? {} : { range }),
    ...(list === undefined ? {} : { list }),
  });
}

/** Values of an object keyed by id: those of `order` first, in that order, then the others. */
export function decodeOrdered<T>(
  json: JsonCursor,
  order: readonly number[],
  decode: (value: JsonCursor) => T,
): readonly T[] {
  const byKey = new Map(json.entries());
  const decoded: T[] = [];
  for (const id of order) {
    const key = String(id);
    decoded.push(decode(byKey.get(key) ?? json.field(key)));
    byKey.delete(key);
  }
  for (const value of byKey.values()) decoded.push(decode(value));
  return decoded;
}

export function decodePhysical(json: JsonCursor): PhysicalPartition {
  const visibleVersion = json.field('visibleVersion').integer();
  const lagging = new Map<ReplicaId, ReplicaLag>();
  const index = (one: JsonCursor): MaterializedIndex =>
    Object.freeze({
      indexId: asId<IndexId>(one.field('id').integer()),
      tablets: decodeTablets(one, visibleVersion, lagging),
    });
  const base = json.optional('baseIndex');
  const order = json.optional('emulator')?.optional('rollupOrder')?.items() ?? [];
  const rollups = json.optional('idToVisibleRollupIndex');
  const indexes = base === undefined ? [] : [index(base)];
  if (rollups !== undefined) {
    const ids = order.map((one) => one.integer());
    indexes.push(...decodeOrdered(rollups, ids, index));
  }
  return Object.freeze({
    id: asId<PhysicalPartitionId>(json.field('id').integer()),
    parentId: asId<PartitionId>(json.field('parentId').integer()),
    visibleVersion,
    visibleVersionTimeMs: json.field('visibleVersionTime').integer(),
    nextVersion: json.field('nextVersion').integer(),
    indexes,
    lagging,
  });
}

/** Notes in `lagging` each replica that is not plainly at the visible version. */
function decodeTablets(
  index: JsonCursor,
  visibleVersion: number,
  lagging: Map<ReplicaId, ReplicaLag>,
): TabletColumns {
  const list = index.field('tablets');
  const tablets = list.array();
  const count = tablets.length;
  const replication =
    count === 0
      ? (index.optional('emulator')?.optional('replication')?.integer() ?? 0)
      : list.item(tablets[0], 0).field('replicas').array().length;
  const tabletIds = new Float64Array(count);
  const replicaIds = new Float64Array(count * replication);
  const backendIds = new Float64Array(count * replication);
  for (let at = 0; at < count; at += 1) {
    const tablet = list.item(tablets[at], at);
    if (at === 0) tablet.field('clazz').oneOf(['LocalTablet']);
    tabletIds[at] = tablet.field('id').integer();
    const replicas = tablet.field('replicas');
    const values = replicas.array();
    if (values.length !== replication) replicas.fail(`${replication} replicas, as before`);
    for (let one = 0; one < replication; one += 1) {
      const replica = replicas.item(values[one], one);
      const id = replica.field('id').integer();
      replicaIds[at * replication + one] = id;
      backendIds[at * replication + one] = replica.field('backendId').integer();
      const version = replica.field('version').integer();
      const lastFailedVersion = replica.field('lastFailedVersion').integer();
      if (version === visibleVersion && lastFailedVersion === -1) continue;
      lagging.set(asId<ReplicaId>(id), Object.freeze({ version, lastFailedVersion }));
    }
  }
  return Object.freeze({ count, replication, tabletIds, replicaIds, backendIds });
}
