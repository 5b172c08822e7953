/** BACKUP and RESTORE statements of a run, and what must come of the jobs they begin. */
import { type Action, nameOf } from './actions.ts';
import { isCalm, settleStatement } from './answer.ts';
import {
  isGone,
  JOB_TIMEOUT_SEC,
  type JobTrack,
  type Snapshot,
  type WantedTable,
} from './job-track.ts';
import { CATALOGS, distinct, isView, type ModelTables } from './model.ts';
import { type RestoreOrder, refusalOf } from './model-restore.ts';
import { isActive } from './plan-object.ts';
import type { Databases, Effect, Site } from './site.ts';
import { type Expected, runStatement } from './statement.ts';
import type { World } from './world.ts';

export const TIMEOUT: string = `"timeout" = "${JOB_TIMEOUT_SEC}"`;

export function performBackup(
  world: World,
  action: Extract<Action, { readonly do: 'backup' }>,
): void {
  const site = world.site(action.site);
  const [db, label, repo] = [
    nameOf.db(action.db),
    nameOf.label(action.label),
    nameOf.repo(action.repo),
  ];
  const tables = site.tables(db);
  const wanted = wantedObjects(tables, action);
  if (wanted === undefined) return;
  const on =
    action.tables.length === 0
      ? ''
      : ` ON (${wanted.map((object) => objectSql(site, object)).join(', ')})`;
  const { ttlMinutes } = action;
  const properties = backupProperties(ttlMinutes);
  const sql = `BACKUP SNAPSHOT ${db}.${label} TO ${repo}${on} PROPERTIES (${properties})`;
  const expected = expectedOfBackup(world, site, { db, label, repo });
  const doubt = doubtOfBackup(site, db, wanted);
  site.submitting = newTrack({
    kind: 'BACKUP',
    ttlMinutes,
    createTimeMs: world.clock.now(),
    db,
    label,
    repo,
    wanted,
  });
  const outcome = runStatement(site, sql, SAME);
  if (outcome.kind === 'refused') site.submitting = undefined;
  settleStatement(world, site, sql, expected === 'ok' ? doubt : expected, outcome);
}

export function backupProperties(ttlMinutes: number | undefined): string {
  return ttlMinutes === undefined ? TIMEOUT : `${TIMEOUT}, "ttl" = "${ttlMinutes} MINUTE"`;
}

/** What stands in the way of a backup: temporary partitions, views that have lost their table. */
function doubtOfBackup(site: Site, db: string, wanted: readonly WantedTable[]): Expected {
  const tables = site.tables(db);
  const objects = wanted.flatMap(({ name }) => tables.get(name) ?? []);
  if (objects.some(({ hasTemporary }) => hasTemporary === true)) return 'refused';
  const views = wanted.filter(({ name }) => isView(tables.get(name)));
  return views.every(({ name }) => isActive(site, db, name)) ? 'ok' : 'any';
}

const SAME: Effect = (databases) => databases;

/** Undefined when named tables are not there: that refusal is tested elsewhere. */
function wantedObjects(
  tables: ModelTables,
  { tables: numbers, part, withObjects }: Extract<Action, { readonly do: 'backup' }>,
): readonly WantedTable[] | undefined {
  const isAll = numbers.length === 0;
  const names = numbers.map(nameOf.table).filter((name) => tables.has(name));
  if (withObjects === true && !isAll) names.push(...[...tables.keys()].filter(isObjectName));
  const found = isAll ? [...tables.keys()] : names;
  if (found.length === 0) return undefined;
  return found.map((name) => {
    const table = tables.get(name);
    const hasPart = table?.shape.isPartitioned === true && table.parts.has(part ?? -1);
    const isOnly = !isAll && part !== null && hasPart;
    const isEarly = name === nameOf.object('function');
    return { name, part: isOnly ? part : undefined, isEarly };
  });
}

/** By the first letter of the name; tables need no word. */
const WORDS: Readonly<Record<string, string>> = {
  v: 'VIEW ',
  f: 'FUNCTION ',
  m: 'MATERIALIZED VIEW ',
};
const isObjectName = (name: string): boolean => WORDS[name.charAt(0)] !== undefined;

/** In 3.3 there are no words: bare names mean tables and materialized views. */
const wordOf = ({ machine }: Site, name: string): string =>
  machine.profile === '3.3' ? '' : (WORDS[name.charAt(0)] ?? '');

const objectSql = (site: Site, { name, part }: WantedTable): string =>
  `${wordOf(site, name)}${name}${part === undefined ? '' : ` PARTITION (${nameOf.part(part)})`}`;

export function expectedOfBackup(
  world: World,
  site: Site,
  { db, label, repo }: { readonly db: string; readonly label: string; readonly repo: string },
): Expected {
  if (!site.repositories.has(repo) || !site.databases.has(db)) return 'refused';
  // A delay in the statement may outlast the job that is in its way.
  if (site.activeIn(db) !== undefined) return isCalm(site) ? 'refused' : 'any';
  const known = world.snapshots.filter((each) => each.repo === repo && each.label === label);
  if (known.some((each) => each.isFinished && !isGone(each) && !each.isDamaged)) return 'refused';
  if (known.length > 0 || !isCalm(site)) return 'any';
  return site.candidates.length === 1 ? 'ok' : 'any';
}

export function performRestore(
  world: World,
  action: Extract<Action, { readonly do: 'restore' }>,
): void {
  const site = world.site(action.site);
  const db = nameOf.db(action.db);
  const known = world.snapshots.filter(
    (each) => site.repositories.has(each.repo) && isUsable(each) && each.db !== CATALOGS,
  );
  // The last ones are the likeliest to fit what is here.
  const source = known[known.length - 1 - (action.pick % Math.max(1, known.length))];
  if (source === undefined) return;
  const { repo } = source;
  const content = source.contents[0] ?? new Map();
  const isElsewhere = source.db !== db;
  const asked = { ...restoreOrder(content, action), isElsewhere };
  const order = fitted(site.tables(db), content, asked, action.fits);
  if (order.tables.length === 0) return;
  const sql = restoreSql(site, source, db, order);
  const isSure = isCalm(site) && site.candidates.length === 1;
  let expected: Expected = isSure && source.isFinished && !source.isDamaged ? 'ok' : 'any';
  if (!site.databases.has(db)) expected = 'any';
  else if (site.activeIn(db) !== undefined) expected = isCalm(site) ? 'refused' : 'any';
  site.submitting = newTrack({
    kind: 'RESTORE',
    createTimeMs: world.clock.now(),
    db,
    label: source.label,
    repo,
    order,
    source,
    ...excuseOf(source),
  });
  // Profiles that make the database do so before the job is there, also if it never will be.
  const outcome = runStatement(site, sql, withDatabase(db));
  if (outcome.kind === 'refused') {
    site.submitting = undefined;
    site.candidates = distinct([...site.candidates, ...site.candidates.map(withDatabase(db))]);
  }
  settleStatement(world, site, sql, expected, outcome);
}

export function excuseOf(source: Snapshot): { readonly excuse?: string } {
  if (source.isDamaged) return { excuse: 'its snapshot is damaged' };
  return source.isFinished ? {} : { excuse: 'its snapshot is not whole' };
}

export function isUsable(snapshot: Snapshot): boolean {
  return !isGone(snapshot) && !snapshot.isCollided && snapshot.contents.length > 0;
}

function withDatabase(db: string): Effect {
  return (databases: Databases): Databases => {
    if (databases.has(db)) return databases;
    return new Map([...databases, [db, new Map() as ModelTables]]);
  };
}

interface FittedOrder extends RestoreOrder {
  readonly isWhole: boolean;
}

/** Most restores leave out what the checks would refuse, so that they come further. */
function fitted(
  here: ModelTables,
  content: ModelTables,
  order: FittedOrder,
  fits: boolean,
): FittedOrder {
  if (!fits) return order;
  const found = order.tables
    .flatMap(({ target, parts }) =>
      [...(here.get(target)?.parts.keys() ?? [])].map((part) => ({ target, part, parts })),
    )
    .find(({ part, parts }) => parts === undefined || parts.includes(part));
  const replicas =
    found === undefined
      ? order.replicas
      : (here.get(found.target)?.parts.get(found.part)?.replicas ?? order.replicas);
  const tables = order.tables.filter(
    (table) => refusalOf(here, content, { tables: [table], replicas }) === undefined,
  );
  const isWhole = order.isWhole && tables.length === content.size;
  return { ...order, tables, replicas, isWhole };
}

function restoreOrder(
  content: ModelTables,
  action: Extract<Action, { readonly do: 'restore' }>,
): FittedOrder {
  const names = action.tables.map(nameOf.table).filter((name) => content.has(name));
  if (action.withObjects === true) names.push(...[...content.keys()].filter(isObjectName));
  const sources = action.tables.length === 0 ? [...content.keys()] : names;
  const tables = sources.map((source, at) => {
    const table = content.get(source);
    const { part } = action;
    const isOnly =
      action.tables.length > 0 &&
      part !== null &&
      table?.shape.isPartitioned === true &&
      table.parts.has(part);
    const isNamed = action.tables.length > 0 && !isObjectName(source);
    const hasAlias = action.alias !== null && at === 0 && isNamed;
    return {
      source,
      target: hasAlias ? nameOf.table(action.alias) : source,
      parts: isOnly ? [part] : undefined,
    };
  });
  // Two targets of one name are refused; the alias gives way.
  const isTwice = new Set(tables.map(({ target }) => target)).size < tables.length;
  const first = content.get(sources[0] ?? '');
  const replicas = action.replicas > 0 ? action.replicas : (first?.shape.replicas ?? 1);
  return {
    tables: isTwice ? tables.map((table) => ({ ...table, target: table.source })) : tables,
    replicas,
    isWhole: action.tables.length === 0,
  };
}

export function restoreSql(site: Site, source: Snapshot, db: string, order: FittedOrder): string {
  const objects = order.tables.map(({ source: name, target, parts }) => {
    const partition =
      parts === undefined ? '' : ` PARTITION (${parts.map(nameOf.part).join(', ')})`;
    return `${wordOf(site, name)}${name}${partition}${target === name ? '' : ` AS ${target}`}`;
  });
  const on = order.isWhole ? '' : ` ON (${objects.join(', ')})`;
  const properties =
    `"backup_timestamp" = "${source.timestamp}", ` +
    `"replication_num" = "${order.replicas}", ${TIMEOUT}`;
  const from = `${db}.${source.label} FROM ${source.repo}`;
  return `RESTORE SNAPSHOT ${from}${on} PROPERTIES (${properties})`;
}

export function newTrack(
  given: Pick<JobTrack, 'kind' | 'db' | 'label' | 'repo' | 'createTimeMs'> & Partial<JobTrack>,
): JobTrack {
  return {
    state: undefined,
    excuse: undefined,
    wanted: [],
    order: undefined,
    source: undefined,
    had: new Set(),
    skipped: new Set(),
    early: [],
    ttlMinutes: undefined,
    hasReachedCommit: false,
    touched: new Set(),
    snapshot: undefined,
    ...given,
  };
}
