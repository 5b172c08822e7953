/** BACKUP and RESTORE statements of a run, and what must come of the jobs they begin. */
import { type Action, nameOf } from './actions.ts';
import { isCalm, settleStatement } from './answer.ts';
import { JOB_TIMEOUT_SEC, type JobTrack, type Snapshot, type WantedTable } from './job-track.ts';
import type { ModelTables } from './model.ts';
import { type RestoreOrder, refusalOf } from './model-restore.ts';
import type { Databases, Effect, Site } from './site.ts';
import { type Expected, runStatement } from './statement.ts';
import type { World } from './world.ts';

const TIMEOUT = `"timeout" = "${JOB_TIMEOUT_SEC}"`;

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
  const wanted = wantedTables(tables, action.tables.map(nameOf.table), action.part);
  if (wanted === undefined) return;
  const on = action.tables.length === 0 ? '' : ` ON (${wanted.map(objectSql).join(', ')})`;
  const sql = `BACKUP SNAPSHOT ${db}.${label} TO ${repo}${on} PROPERTIES (${TIMEOUT})`;
  const expected = expectedOfBackup(world, site, { db, label, repo });
  site.submitting = newTrack({
    kind: 'BACKUP',
    createTimeMs: world.clock.now(),
    db,
    label,
    repo,
    wanted,
  });
  const outcome = runStatement(site, sql, SAME);
  if (outcome.kind === 'refused') site.submitting = undefined;
  settleStatement(world, site, sql, expected, outcome);
}

const SAME: Effect = (databases) => databases;

/** Undefined when named tables are not there: that refusal is tested elsewhere. */
function wantedTables(
  tables: ModelTables,
  names: readonly string[],
  part: number | null,
): readonly WantedTable[] | undefined {
  const isAll = names.length === 0;
  const found = isAll ? [...tables.keys()] : names.filter((name) => tables.has(name));
  if (found.length === 0) return undefined;
  return found.map((name) => {
    const table = tables.get(name);
    const hasPart = table?.shape.isPartitioned === true && table.parts.has(part ?? -1);
    const isOnly = !isAll && part !== null && hasPart;
    return { name, part: isOnly ? part : undefined };
  });
}

const objectSql = ({ name, part }: WantedTable): string =>
  part === undefined ? name : `${name} PARTITION (${nameOf.part(part)})`;

function expectedOfBackup(
  world: World,
  site: Site,
  { db, label, repo }: { readonly db: string; readonly label: string; readonly repo: string },
): Expected {
  if (!site.repositories.has(repo) || !site.databases.has(db)) return 'refused';
  // A delay in the statement may outlast the job that is in its way.
  if (site.activeIn(db) !== undefined) return isCalm(site) ? 'refused' : 'any';
  const known = world.snapshots.filter((each) => each.repo === repo && each.label === label);
  if (known.some((each) => each.isFinished && !each.isDropped && !each.isDamaged)) return 'refused';
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
    (each) => site.repositories.has(each.repo) && isUsable(each),
  );
  // The last ones are the likeliest to fit what is here.
  const source = known[known.length - 1 - (action.pick % Math.max(1, known.length))];
  if (source === undefined) return;
  const { repo } = source;
  const content = source.contents[0] ?? new Map();
  const order = fitted(site.tables(db), content, restoreOrder(content, action), action.fits);
  if (order.tables.length === 0) return;
  const sql = restoreSql(source, db, order, order.isWhole);
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
    ...(source.isDamaged ? { excuse: 'its snapshot is damaged' } : {}),
    ...(source.isFinished ? {} : { excuse: 'its snapshot is not whole' }),
  });
  // Profiles that make the database do so before the job is there, also if it never will be.
  const outcome = runStatement(site, sql, withDatabase(db));
  if (outcome.kind === 'refused') {
    site.submitting = undefined;
    site.candidates = [...site.candidates, ...site.candidates.map(withDatabase(db))];
  }
  settleStatement(world, site, sql, expected, outcome);
}

function isUsable(snapshot: Snapshot): boolean {
  return !snapshot.isDropped && !snapshot.isCollided && snapshot.contents.length > 0;
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
  return { tables, replicas, isWhole: order.isWhole && tables.length === content.size };
}

function restoreOrder(
  content: ModelTables,
  action: Extract<Action, { readonly do: 'restore' }>,
): FittedOrder {
  const names = action.tables.map(nameOf.table).filter((name) => content.has(name));
  const sources = action.tables.length === 0 ? [...content.keys()] : names;
  const tables = sources.map((source, at) => {
    const table = content.get(source);
    const { part } = action;
    const isOnly =
      action.tables.length > 0 &&
      part !== null &&
      table?.shape.isPartitioned === true &&
      table.parts.has(part);
    const hasAlias = action.alias !== null && at === 0 && action.tables.length > 0;
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

export function restoreSql(
  source: Snapshot,
  db: string,
  order: RestoreOrder,
  isWhole: boolean,
): string {
  const objects = order.tables.map(({ source: name, target, parts }) => {
    const partition =
      parts === undefined ? '' : ` PARTITION (${parts.map(nameOf.part).join(', ')})`;
    return `${name}${partition}${target === name ? '' : ` AS ${target}`}`;
  });
  const on = isWhole ? '' : ` ON (${objects.join(', ')})`;
  const properties =
    `"backup_timestamp" = "${source.timestamp}", ` +
    `"replication_num" = "${order.replicas}", ${TIMEOUT}`;
  const from = `${db}.${source.label} FROM ${source.repo}`;
  return `RESTORE SNAPSHOT ${from}${on} PROPERTIES (${properties})`;
}

function newTrack(
  given: Pick<JobTrack, 'kind' | 'db' | 'label' | 'repo' | 'createTimeMs'> & Partial<JobTrack>,
): JobTrack {
  return {
    state: undefined,
    excuse: undefined,
    wanted: [],
    order: undefined,
    source: undefined,
    had: new Set(),
    hasReachedCommit: false,
    touched: new Set(),
    snapshot: undefined,
    ...given,
  };
}
