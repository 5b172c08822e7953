/** Does to a world what an action says, and holds the answer against what must come of it. */
import { type Action, nameOf } from './actions.ts';
import { isCalm, settleStatement } from './answer.ts';
import { excuse, isActive, type JobTrack } from './job-track.ts';
import { CATALOGS } from './model.ts';
import { performCatalogBackup, performCatalogRestore } from './perform-catalog-jobs.ts';
import { performBackup, performRestore } from './perform-jobs.ts';
import { type DataAction, type PlannedStatement, planStatement } from './plan-statement.ts';
import { narrow } from './read-site.ts';
import type { Databases, Site } from './site.ts';
import { type Expected, runStatement, type StatementOutcome } from './statement.ts';
import type { World } from './world.ts';

const SAME = (databases: Databases): Databases => databases;

/** Every running job is looked at this often while they are awaited. */
const AWAIT_STEP_MS = 3_000;

export function perform(world: World, action: Action): void {
  world.passExpiries();
  switch (action.do) {
    case 'backup':
      performBackup(world, action);
      return;
    case 'restore':
      performRestore(world, action);
      return;
    case 'backup-catalogs':
      performCatalogBackup(world, action);
      return;
    case 'restore-catalogs':
      performCatalogRestore(world, action);
      return;
    case 'cancel':
      cancel(world, world.site(action.site), action);
      return;
    case 'create-repository':
    case 'drop-repository':
      changeRepository(world, world.site(action.site), action);
      return;
    case 'drop-snapshot':
      dropSnapshot(world, world.site(action.site), action);
      return;
    case 'advance':
      world.advance(action.ms);
      return;
    case 'await-jobs':
      awaitJobs(world, action.ms);
      return;
    case 'crash':
      world.reboot(world.site(action.site), action.fate);
      return;
    case 'kill-backend':
      world.killBackend(world.site(action.site), action.backend, undefined);
      return;
    case 'start-backends':
      startBackends(world.site(action.site));
      return;
    case 'faults':
      world.arm(world.site(action.site), action.orders);
      return;
    case 'ambush':
      world.site(action.site).ambushes.push(action.ambush);
      return;
    case 'faults-off':
      world.site(action.site).machine.faults.disableAll();
      return;
    default:
      changeData(world, world.site(action.site), action);
  }
}

export function startBackends(site: Site): void {
  for (let index = 0; index < site.machine.cluster.backends.size; index += 1) {
    site.machine.startBackend(index);
  }
  if (site.settledAtMs === Number.POSITIVE_INFINITY) site.noteBackends(true);
}

/** Until no job runs anywhere, or so long. */
export function awaitJobs(world: World, ms: number): void {
  const end = world.clock.now() + ms;
  while (world.clock.now() < end && world.sites.some((site) => site.tracks.some(isActive))) {
    world.advance(AWAIT_STEP_MS);
  }
}

function changeData(world: World, site: Site, action: DataAction): void {
  const planned = planStatement(site, action);
  if (planned === undefined) return;
  const { sql, effect, db } = planned;
  const table = 'table' in action ? site.tables(db).get(nameOf.table(action.table)) : undefined;
  const isSpoiled =
    table?.isDamaged === true || [...(table?.parts.values() ?? [])].some(({ isTorn }) => isTorn);
  const isBusy = site.activeIn(db) !== undefined;
  const isSure = isCalm(site) && !isSpoiled && !isBusy && site.candidates.length === 1;
  const isFree = site.candidates.length === 1 && !site.namesInRestore(db).size;
  const expected = planned.expected === 'refused' && isFree ? 'refused' : 'any';
  const outcome = runStatement(site, sql, effect);
  if (outcome.kind !== 'refused') disturb(site, planned, action.do === 'drop-database');
  settleStatement(world, site, sql, isSure ? planned.expected : expected, outcome);
}

/** What a statement took away, jobs may miss. */
function disturb(
  site: Site,
  { db, disturbs: name, notedBy }: PlannedStatement,
  isAll: boolean,
): void {
  if (name === undefined && !isAll) return;
  for (const track of site.tracks) {
    if (track.db !== db || !isActive(track)) continue;
    const targets = track.order?.tables.map(({ target }) => target) ?? [];
    const isHit = isAll || track.kind === 'BACKUP' || targets.includes(name ?? '');
    if (!isHit) continue;
    const isOver = track.kind === 'BACKUP' && !NEEDS_TABLES.has(track.state ?? '');
    const isUnnoted = notedBy !== undefined && (notedBy === 'nobody' || track.kind !== 'BACKUP');
    if (!isOver && !isUnnoted)
      excuse(track, isAll ? 'its database was dropped' : `${name} changed`);
    if (name !== undefined) track.touched.add(name);
  }
}

/** A backup's objects must stay until backends have their snapshots. */
const NEEDS_TABLES: ReadonlySet<string> = new Set(['PENDING', 'SNAPSHOTING']);

function cancel(
  world: World,
  site: Site,
  { db, kind }: Extract<Action, { readonly do: 'cancel' }>,
): void {
  const name = db === null ? CATALOGS : nameOf.db(db);
  if (!site.databases.has(name)) return;
  const track: JobTrack | undefined = site.activeIn(name);
  const isThere = track !== undefined && track.kind === kind;
  // One with an excuse may have ended already.
  const mayBeOver = isThere && track.excuse !== undefined;
  if (isThere) excuse(track, 'cancelled');
  const sql = `CANCEL ${kind} ${db === null ? 'FOR EXTERNAL CATALOG' : `FROM ${name}`}`;
  const isSure = isCalm(site) && site.candidates.length === 1 && !mayBeOver;
  const outcome = runStatement(site, sql, SAME);
  settleStatement(world, site, sql, isSure ? (isThere ? 'ok' : 'refused') : 'any', outcome);
}

function changeRepository(
  world: World,
  site: Site,
  action: Extract<Action, { readonly do: 'create-repository' | 'drop-repository' }>,
): void {
  const repo = nameOf.repo(action.repo);
  const isHere = site.repositories.has(repo);
  const isCreate = action.do === 'create-repository';
  if (action.do === 'create-repository' && action.ifMissing && isHere) return;
  // A fault that strikes here would spoil the whole repository.
  if (isCreate) site.machine.faults.disableAll();
  const isUsed = site.tracks.some((track) => isActive(track) && track.repo === repo);
  const sql = isCreate
    ? `CREATE REPOSITORY ${repo} WITH BROKER ON LOCATION 'memory://bucket/${repo}'`
    : `DROP REPOSITORY ${repo}`;
  const isOk = isCreate ? !isHere : isHere && !isUsed;
  const outcome = runStatement(site, sql, SAME);
  const isSure = isCalm(site);
  let expected: Expected = isOk ? 'any' : 'refused';
  if (isOk && isSure) expected = 'ok';
  settleStatement(world, site, sql, expected, outcome);
  const { rows } = site.machine.query('SHOW REPOSITORIES');
  const isNow = rows.some((row) => row[1] === repo);
  if (outcome.kind === 'ok' && isNow !== isCreate) world.violation(`${sql} is not so afterwards`);
  if (isNow) site.repositories.add(repo);
  else site.repositories.delete(repo);
}

function dropSnapshot(
  world: World,
  site: Site,
  { repo, pick }: Extract<Action, { readonly do: 'drop-snapshot' }>,
): void {
  const name = nameOf.repo(repo);
  const labels = [
    ...new Set(world.snapshots.filter((each) => each.repo === name).map((each) => each.label)),
  ];
  const label = labels[pick % Math.max(1, labels.length)];
  if (label === undefined || !site.repositories.has(name)) return;
  const sql = `DROP SNAPSHOT ${label} ON ${name} FORCE`;
  const outcome = runStatement(site, sql, SAME);
  const isPlain = outcome.kind === 'ok' || outcome.error.code === 'common-error';
  const isGone = outcome.kind === 'ok';
  const isPart = outcome.kind === 'unknown' || (!isGone && (!isPlain || isHalfDone(outcome)));
  for (const snapshot of world.snapshots) {
    if (snapshot.repo !== name || snapshot.label !== label) continue;
    if (isGone) snapshot.isDropped = true;
    if (isGone || isPart) snapshot.isDamaged = true;
  }
  if (isGone || isPart) excuseUsers(world, name, label);
  settleStatement(world, site, sql, 'any', outcome);
}

function isHalfDone(outcome: StatementOutcome): boolean {
  return outcome.kind === 'refused' && outcome.error.message.startsWith('Failed to delete');
}

function excuseUsers(world: World, repo: string, label: string): void {
  for (const site of world.sites) {
    for (const track of site.tracks) {
      if (isActive(track) && track.repo === repo && track.label === label) {
        excuse(track, 'its snapshot was dropped');
      }
    }
  }
}

/** The databases of every site hold what the model says; complains otherwise. */
export function checkTables(world: World): void {
  world.isUnchecked = false;
  for (const site of world.sites) {
    const names = new Set(site.candidates.flatMap((databases) => [...databases.keys()]));
    const wrong = narrow(site, [...names].sort());
    if (site.machine.whyDown !== undefined) {
      world.recoverAll();
      return;
    }
    if (wrong !== undefined) world.violation(`site ${site.index}: ${wrong}`);
  }
}
