/**
 * CREATE EXTERNAL CATALOG and DROP CATALOG: metadata alone. Nothing outside is ever asked, and
 * nothing in a catalog can be read.
 */
import { SimError } from '../../base/errors.ts';
import { asId, type CatalogId } from '../../base/ids.ts';
import type { Op } from '../../base/op.ts';
import type { ExternalCatalog } from '../../catalog/model.ts';
import { isCatalogName } from '../../catalog/names.ts';
import { EXTERNAL_CATALOG_SLOT } from '../../jobs/abstract-job.ts';
import { analysisError } from '../analysis-error.ts';
import { DONE, type Executor, type FrontendContext } from '../frontend-context.ts';
import { DEFAULT_CATALOG } from '../resolve.ts';

const TYPES = [
  'deltalake',
  'elasticsearch',
  'es',
  'hive',
  'hudi',
  'iceberg',
  'jdbc',
  'kudu',
  'odps',
  'paimon',
  'unified',
] as const;

export const executeCreateCatalog: Executor<'create-catalog'> = function* (
  frontend,
  _session,
  { name, ifNotExists, comment, properties },
) {
  if (!isCatalogName(name) || name.toLowerCase() === DEFAULT_CATALOG) {
    throw analysisError(`Incorrect catalog name '${name}'`);
  }
  const type = properties.get('type');
  if (type === undefined) throw analysisError("Missing properties 'type'");
  if (!TYPES.some((known) => known === type.toLowerCase())) {
    throw analysisError(`[type : ${type}] is not supported`);
  }
  return yield* alone(frontend, function* () {
    if (frontend.catalog.externalCatalogs.has(name)) {
      if (ifNotExists) return;
      throw new SimError('catalog-exists', `Catalog '${name}' already exists`);
    }
    const id = asId<CatalogId>(yield* frontend.ids.next(1));
    const catalog: ExternalCatalog = Object.freeze({ id, name, comment, properties });
    yield* frontend.log({ op: 'OP_CREATE_CATALOG', catalog });
  });
};

export const executeDropCatalog: Executor<'drop-catalog'> = function* (
  frontend,
  _session,
  { name, ifExists },
) {
  if (name === DEFAULT_CATALOG) {
    throw analysisError("Can't drop the default internal catalog");
  }
  return yield* alone(frontend, function* () {
    if (!frontend.catalog.externalCatalogs.has(name)) {
      if (ifExists) return;
      throw analysisError(`Catalog '${name}' doesn't exist`);
    }
    yield* frontend.log({ op: 'OP_DROP_CATALOG', name });
  });
};

/** Catalogs have no database: they share the lock of their slot of jobs. */
function* alone(frontend: FrontendContext, body: () => Op<void>): Op<typeof DONE> {
  return yield* frontend.locks.of(EXTERNAL_CATALOG_SLOT).write(function* () {
    yield* body();
    return DONE;
  });
}
