/**
 * A job as named texts, one for each field, so that two looks at it can be compared. Names are
 * those of the log (backup-jobs.md 1, restore-jobs.md 1.2); what is many is told by its number.
 */
import { formatDateTime } from '../base/time-zone.ts';
import { statusText } from '../repository/status.ts';
import type { JobView } from './backup-handler.ts';

export type JobFields = ReadonlyMap<string, string>;

export interface FieldChange {
  readonly field: string;
  readonly from: string;
  readonly to: string;
}

/** What a field has that is not there yet. */
const ABSENT = '-';

/** Only the last of a job's task errors is told, and how many there are. */
export function jobFields({ job, runtime }: JobView, zone: string): JobFields {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(job)) {
    if (name !== 'taskErrMsg') fields.set(name.replace(/Ms$/, ''), printed(name, value, zone));
  }
  const { unfinished, progress, taskErrMsg } = runtime;
  const done = [...progress.values()].map(({ finished, total }) => `${finished}/${total}`);
  fields.set('unfinishedTasks', String(unfinished.size));
  fields.set('progress', done.length === 0 ? ABSENT : done.join(', '));
  const [last] = [...taskErrMsg.values()].slice(-1);
  fields.set('taskErrMsg', last === undefined ? ABSENT : `${taskErrMsg.size}: ${last}`);
  return fields;
}

/** In the order of the later look. */
export function changedFields(before: JobFields | undefined, after: JobFields): FieldChange[] {
  const changes: FieldChange[] = [];
  for (const [field, to] of after) {
    const from = before?.get(field) ?? ABSENT;
    if (from !== to) changes.push({ field, from, to });
  }
  return changes;
}

function printed(name: string, value: unknown, zone: string): string {
  if (value === undefined) return ABSENT;
  if (typeof value === 'number' && name.endsWith('TimeMs')) {
    return value > 0 ? formatDateTime(value, zone) : ABSENT;
  }
  if (Array.isArray(value)) return String(value.length);
  if (typeof value !== 'object' || value === null) return String(value);
  if ('code' in value && 'msg' in value)
    return statusText(value as Parameters<typeof statusText>[0]);
  if ('size' in value) return String(value.size);
  if ('rowCount' in value) return String(value.rowCount);
  return partsOf(value);
}

/** `tables: 2, views: 1` of an object that holds lists. */
function partsOf(value: object): string {
  const parts = Object.entries(value).flatMap(([name, part]) => {
    const count = part instanceof Map ? part.size : Array.isArray(part) ? part.length : 0;
    return count === 0 ? [] : [`${name}: ${count}`];
  });
  return parts.length === 0 ? ABSENT : parts.join(', ');
}
