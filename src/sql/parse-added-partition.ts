/** Partitions that ALTER TABLE adds, temporary ones too (sql-surface.md 3.4). */
import type { DistributionDef, PartitionDef } from './ast.ts';
import type { TokenCursor } from './cursor.ts';
import { parseProperties } from './parse-common.ts';
import { parseDistribution } from './parse-create-table.ts';
import { parseAnyPartition, parseBatch } from './parse-partition.ts';

export interface AddedPartition {
  readonly partition: PartitionDef;
  readonly distribution: DistributionDef | undefined;
}

/** From PARTITION or PARTITIONS on. */
export function parseAdded(cursor: TokenCursor): AddedPartition {
  const isBatch = cursor.accept('PARTITIONS');
  const partition = isBatch ? parseBatch(cursor) : parseAnyPartition(cursor);
  const distribution = parseDistribution(cursor);
  if (!cursor.at('PROPERTIES')) return { partition, distribution };
  if (partition.kind === 'batch') cursor.unsupported('PROPERTIES of added partitions');
  const properties = new Map([...partition.properties, ...parseProperties(cursor)]);
  return { partition: { ...partition, properties }, distribution };
}
