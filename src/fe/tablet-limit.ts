/** A limit on what one statement may create, so that a typing error does not fill the disk. */
import type { NewTable } from '../catalog/build-table.ts';
import { analysisError } from './analysis-error.ts';

/** Tablets of one CREATE TABLE. */
export const TABLETS_PER_STATEMENT_MAX = 400_000;

export function refuseManyTablets(definition: NewTable): void {
  const partitions =
    definition.partitionBy.kind === 'UNPARTITIONED' ? 1 : definition.partitions.length;
  const indexes = 1 + (definition.rollups?.length ?? 0);
  const tablets = partitions * indexes * definition.distribution.buckets;
  if (tablets <= TABLETS_PER_STATEMENT_MAX) return;
  throw analysisError(
    `table '${definition.name}' would have ${tablets} tablets; ` +
      `a statement may create at most ${TABLETS_PER_STATEMENT_MAX}`,
    'limit-reached',
  );
}
