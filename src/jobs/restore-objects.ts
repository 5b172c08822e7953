/**
 * What a restore does with objects without data: it puts them in place, remembers what it
 * replaced, and gives that back when it is cancelled (restore-jobs.md 3.4, 3.9, 9 #18). Each object
 * that is put in place has an id of its own, which tells it from one that somebody else made under
 * its name meanwhile.
 */
import { asId, type FunctionId, type TableId } from '../base/ids.ts';
import type { Database, Table, UserFunction, View } from '../catalog/model.ts';
import { functionSignature } from '../catalog/user-function.ts';
import type { BackupTableInfo } from '../repository/job-info.ts';
import { failed, type Status } from '../repository/status.ts';
import { type CatalogChange, perform, type Steps } from './effects.ts';
import { type MetaObjects, NO_OBJECTS } from './meta-objects.ts';
import type { JobTraits } from './ports.ts';
import { aliasOf, type RestoreJob } from './restore-job.ts';
import { tableNamed } from './table-lookup.ts';

/** What a job restores as tables; the other entries of its info are views. */
export function restoredTables(job: RestoreJob): readonly BackupTableInfo[] {
  const views = job.backupMeta?.views;
  return [...job.jobInfo.tables.values()].filter(({ name }) => views?.has(name) !== true);
}

/** A table that the job creates, with the counter of its AUTO_INCREMENT column (3.4 step 4.5 e). */
export function registration(job: RestoreJob, table: Table): CatalogChange {
  const info = [...job.jobInfo.tables.values()].find(
    ({ name }) => aliasOf(job, name) === table.name,
  );
  return { do: 'register-table', table, autoIncrementId: info?.autoIncrementId };
}

/** The views of the snapshot that the job restores. */
function chosenViews(job: RestoreJob): readonly View[] {
  const views = job.backupMeta?.views ?? new Map<string, View>();
  return [...job.jobInfo.tables.keys()].flatMap((name) => views.get(name) ?? []);
}

/** Why a view cannot go where it should: only a view may be replaced (3.4 step 4.2). */
export function viewRefusal(job: RestoreJob, database: Database): Status | undefined {
  for (const { name } of chosenViews(job)) {
    const local = tableNamed(database, aliasOf(job, name));
    if (local === undefined) continue;
    return failed('BAD_REPLACE', `table ${local.name} exists and cannot be replaced by a view`);
  }
  return undefined;
}

/** The objects of the snapshot under their names here, with ids of their own. */
export function* newObjects(job: RestoreJob): Steps<MetaObjects> {
  const views = chosenViews(job);
  const functions = job.backupMeta?.functions ?? [];
  const first = yield* perform({ do: 'take-ids', count: views.length + functions.length });
  return {
    views: views.map((view, at) =>
      Object.freeze({ ...view, id: asId<TableId>(first + at), name: aliasOf(job, view.name) }),
    ),
    functions: functions.map((fn, at) =>
      Object.freeze({ ...fn, id: asId<FunctionId>(first + views.length + at) }),
    ),
    catalogs: [],
  };
}

/** What these objects take the place of. */
export function replacedBy(objects: MetaObjects, database: Database): MetaObjects {
  const { views, functions } = database;
  return {
    views: objects.views.flatMap(({ name }) => views.get(name) ?? []),
    functions: objects.functions.flatMap((fn) => functions.get(functionSignature(fn)) ?? []),
    catalogs: [],
  };
}

/** Those that nobody has dropped or replaced since they were put in place. */
export function stillThere(objects: MetaObjects, database: Database): MetaObjects {
  return {
    views: objects.views.filter((view) => isPut(view, database)),
    functions: objects.functions.filter((fn) => isFunctionPut(fn, database)),
    catalogs: [],
  };
}

function isPut({ id, name }: View, database: Database): boolean {
  return database.views.get(name)?.id === id;
}

function isFunctionPut(fn: UserFunction, database: Database): boolean {
  return database.functions.get(functionSignature(fn))?.id === fn.id;
}

export function putChanges(objects: MetaObjects, database: Database): readonly CatalogChange[] {
  const views = objects.views.filter(
    (view) => !isPut(view, database) && !database.tableIds.has(view.name),
  );
  const functions = objects.functions.filter((fn) => !isFunctionPut(fn, database));
  return [
    ...views.map((view) => ({ do: 'put-view', view }) as const),
    ...functions.map((fn) => ({ do: 'put-function', function: fn }) as const),
  ];
}

/** A cancel: what the job replaced is back, what it added is gone (9 #18, #19). */
export function takeBackChanges(
  job: RestoreJob,
  database: Database,
  traits: JobTraits,
): readonly CatalogChange[] {
  const { restoredObjects, replacedObjects } = job;
  const replaced = traits.quirks.cancelForgetsReplaced ? NO_OBJECTS : replacedObjects;
  const restored = stillThere(restoredObjects, database);
  const views = new Map(replaced.views.map((view) => [view.name, view]));
  const functions = new Map(replaced.functions.map((fn) => [functionSignature(fn), fn]));
  return [
    ...restored.views.map(({ name }): CatalogChange => {
      const view = views.get(name);
      return view === undefined ? { do: 'drop-view', name } : { do: 'put-view', view };
    }),
    ...restored.functions.map(functionSignature).map((signature): CatalogChange => {
      const before = functions.get(signature);
      return before === undefined
        ? { do: 'drop-function', signature }
        : { do: 'put-function', function: before };
    }),
  ];
}
