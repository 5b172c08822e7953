/**
 * Two frontends side by side: what one has in memory, and what replay makes of the same log, less
 * what is volatile by design (design.md 5).
 */
import type { Frontend } from '../fe/frontend.ts';
import { isTerminal } from '../jobs/abstract-job.ts';
import type { Job } from '../jobs/job-machine.ts';
import { aliasOf } from '../jobs/restore-job.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The first place where they differ; undefined: nowhere. */
export function stateDifference(replayed: Frontend, live: Frontend): string | undefined {
  const [there, here] = [stateText(replayed), stateText(live)];
  if (there === here) return undefined;
  const unlogged = unloggedNames(live);
  const strip = (text: string): Json => withoutNames(JSON.parse(text) as Json, unlogged);
  return firstDifference('', strip(there), strip(here));
}

/** Behind this key stands which commits backends have confirmed: that lives in memory only. */
const VOLATILE_END = ',"unconfirmed":';

function stateText(frontend: Frontend): string {
  const text = [...frontend.encodeImage()].join('');
  return `${text.slice(0, text.lastIndexOf(VOLATILE_END))}}`;
}

/** What restores hold before their first record, as `database.object`: the log knows not of it. */
function unloggedNames(live: Frontend): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { job } of live.context.handler.jobs()) {
    if (!isPreparing(job)) continue;
    const { jobInfo, backupMeta } = job;
    for (const name of jobInfo.tables.keys()) names.add(`${job.dbName}.${aliasOf(job, name)}`);
    for (const { name } of backupMeta?.functions ?? []) names.add(`${job.dbName}.${name}`);
    for (const { name } of backupMeta?.catalogs ?? []) names.add(`.${name}`);
  }
  return names;
}

function isPreparing(job: Job): job is Extract<Job, { readonly type: 'RESTORE' }> {
  if (job.type !== 'RESTORE' || isTerminal(job.state)) return false;
  return job.state === 'PENDING' || job.state === 'SNAPSHOTING';
}

const OBJECT_LISTS: ReadonlySet<string> = new Set([
  'tables',
  'views',
  'functions',
  'externalCatalogs',
]);

function withoutNames(state: Json, names: ReadonlySet<string>): Json {
  if (names.size === 0) return state;
  return JSON.parse(
    JSON.stringify(state, function dropObjects(this: Json, key: string, value: Json): Json {
      const owner = this as { readonly name?: string };
      if (!OBJECT_LISTS.has(key) || !Array.isArray(value)) return value;
      return value.filter((object) => !names.has(`${owner.name ?? ''}.${nameIn(object)}`));
    }),
  ) as Json;
}

function nameIn(object: Json): string {
  const { name } = object as { readonly name?: string | { readonly fn: string } };
  return String(typeof name === 'object' ? name.fn : name);
}

function firstDifference(path: string, a: Json, b: Json): string | undefined {
  if (a === b) return undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return `${path}: replayed ${textOf(a)}, live ${textOf(b)}`;
  }
  const [left, right] = [a as { [key: string]: Json }, b as { [key: string]: Json }];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = firstDifference(`${path}/${key}`, left[key] ?? null, right[key] ?? null);
    if (found !== undefined) return found;
  }
  return undefined;
}

function textOf(value: Json): string {
  return JSON.stringify(value).slice(0, 200);
}
