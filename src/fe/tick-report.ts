/**
 * One cycle of the backup handler as people read it: what became of each job, what was logged,
 * which tasks went out, and what had ended since the cycle before.
 */
import { formatBytesShort } from '../base/units.ts';
import type { FieldChange } from '../jobs/job-fields.ts';

export interface LoggedRecord {
  readonly seq: number;
  readonly op: string;
  /** Length of its JSON text. */
  readonly bytes: number;
}

/** Tasks that are alike. */
export interface TaskCount {
  readonly type: string;
  readonly backend: number;
  /** Only of an ended task: `OK`, or what went wrong. */
  readonly code?: string;
  readonly count: number;
}

export interface Activity {
  /** The first so many; `loggedCount` has them all. */
  readonly logged: readonly LoggedRecord[];
  readonly loggedCount: number;
  readonly sent: readonly TaskCount[];
  readonly ended: readonly TaskCount[];
}

export interface TickedJob {
  readonly kind: 'backup' | 'restore';
  /** Empty for a job of external catalogs. */
  readonly db: string;
  readonly label: string;
  readonly state: string;
  readonly changes: readonly FieldChange[];
  /** What a job that stays in its state waits for. */
  readonly waitsUntil: string | undefined;
  readonly unfinishedTasks: number;
}

export interface TickReport {
  /** 1 for the first by hand. */
  readonly tick: number;
  /** From the tick before to this one. */
  readonly before: Activity;
  readonly during: Activity;
  /** Jobs that had not ended when the tick began. */
  readonly jobs: readonly TickedJob[];
}

/** `backup shop.monday` */
export function jobTitle({ kind, db, label }: Pick<TickedJob, 'kind' | 'db' | 'label'>): string {
  return `${kind} ${db === '' ? label : `${db}.${label}`}`;
}

const INDENT = '  ';

/** The lines below the title `tick <n>`. */
export function tickLines({ before, during, jobs }: TickReport): readonly string[] {
  const lines = activityLines(before).map((line) => `before: ${line}`);
  for (const job of jobs) lines.push(...jobLines(job));
  lines.push(...activityLines(during));
  return (lines.length === 0 ? ['no job to move'] : lines).map((line) => `${INDENT}${line}`);
}

function jobLines(job: TickedJob): string[] {
  const title = jobTitle(job);
  const width = Math.max(...job.changes.map(({ field }) => field.length));
  const changes = job.changes.map(
    ({ field, from, to }) => `${INDENT}${field.padEnd(width)}  ${short(from)} -> ${short(to)}`,
  );
  if (job.changes.some(({ field }) => field === 'state')) return [title, ...changes];
  const left = job.unfinishedTasks === 1 ? '1 task is' : `${job.unfinishedTasks} tasks are`;
  const reason = job.waitsUntil === undefined ? '' : ` until ${job.waitsUntil}: ${left} unfinished`;
  return [`${title} stays in ${job.state}${reason}`, ...changes];
}

/** Of a long path the end tells more. */
function short(value: string): string {
  const isLong = value.startsWith('/') && value.length > PATH_COLUMNS_MAX;
  return isLong ? `...${value.slice(3 - PATH_COLUMNS_MAX)}` : value;
}

const PATH_COLUMNS_MAX = 50;

function activityLines({ logged, loggedCount, sent, ended }: Activity): string[] {
  const lines = logged.map(
    ({ seq, op, bytes }) => `logged #${seq} ${op}, ${formatBytesShort(bytes)}`,
  );
  const more = loggedCount - logged.length;
  if (more > 0) lines.push(`logged ${more} more`);
  for (const tasks of alike(sent)) lines.push(`sent ${tasksText(tasks)} to ${whereText(tasks)}`);
  for (const tasks of alike(ended)) {
    const code = tasks[0]?.code;
    const outcome = code === 'OK' ? '' : ` with ${code}`;
    lines.push(`ended ${tasksText(tasks)} on ${whereText(tasks)}${outcome}`);
  }
  return lines;
}

/** Of one type and outcome, whatever their backends. */
function alike(counts: readonly TaskCount[]): readonly (readonly TaskCount[])[] {
  const groups = new Map<string, TaskCount[]>();
  for (const one of counts) {
    const key = `${one.type} ${one.code}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

function tasksText(tasks: readonly TaskCount[]): string {
  const total = tasks.reduce((sum, { count }) => sum + count, 0);
  return `${total} ${tasks[0]?.type}`;
}

/** Backends that a line names; a larger cluster's others are counted. */
const BACKENDS_NAMED_MAX = 5;

/** `10001 (2), 10002, 10003` */
function whereText(tasks: readonly TaskCount[]): string {
  const sorted = [...tasks].sort((a, b) => a.backend - b.backend);
  const named = sorted
    .slice(0, BACKENDS_NAMED_MAX)
    .map(({ backend, count }) => (count === 1 ? String(backend) : `${backend} (${count})`));
  const more = sorted.length - named.length;
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ');
}
