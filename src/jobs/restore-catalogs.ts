/**
 * A restore of external catalogs: one step that puts them in place by its own record, and a cancel
 * that gives back what they replaced (restore-jobs.md 2.2, 2.5, 3.4 step 1).
 */
import { asId, type CatalogId } from '../base/ids.ts';
import type { ExternalCatalog } from '../catalog/model.ts';
import { failed } from '../repository/status.ts';
import { type CatalogChange, perform, type Steps } from './effects.ts';
import { NO_OBJECTS } from './meta-objects.ts';
import type { RestoreJob } from './restore-job.ts';
import type { StepResult } from './transition.ts';

type Catalogs = ReadonlyMap<string, ExternalCatalog>;

/** PENDING: the record of the next state creates every catalog, or a crash before it none. */
export function* prepareCatalogs(job: RestoreJob): Steps<StepResult<RestoreJob>> {
  const wanted = job.backupMeta?.catalogs;
  if (wanted === undefined) {
    const status = failed('COMMON_ERROR', `failed to read backup meta of snapshot ${job.label}`);
    return { kind: 'fail', job, status };
  }
  const first = yield* perform({ do: 'take-ids', count: wanted.length });
  const here = yield* perform({ do: 'read-catalogs' });
  const catalogs = wanted.map((catalog, at) =>
    Object.freeze({ ...catalog, id: asId<CatalogId>(first + at) }),
  );
  const replaced = catalogs.flatMap(({ name }) => here.get(name) ?? []);
  return {
    kind: 'move',
    job: {
      ...job,
      state: 'COMMITTING',
      restoredObjects: { ...NO_OBJECTS, catalogs },
      replacedObjects: { ...NO_OBJECTS, catalogs: replaced },
    },
  };
}

/** COMMITTING: the catalogs stand, in the place of those of their names. */
export function createdCatalogs(job: RestoreJob, here: Catalogs): readonly CatalogChange[] {
  return job.restoredObjects.catalogs
    .filter(({ id, name }) => here.get(name)?.id !== id)
    .map((catalog) => ({ do: 'put-catalog', catalog }));
}

/** CANCELLED: those that nobody has changed since are gone again, or what they replaced is back. */
export function withdrawnCatalogs(job: RestoreJob, here: Catalogs): readonly CatalogChange[] {
  const before = new Map(job.replacedObjects.catalogs.map((catalog) => [catalog.name, catalog]));
  return job.restoredObjects.catalogs
    .filter(({ id, name }) => here.get(name)?.id === id)
    .map(({ name }) => {
      const catalog = before.get(name);
      return catalog === undefined ? { do: 'drop-catalog', name } : { do: 'put-catalog', catalog };
    });
}
