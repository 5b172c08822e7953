/**
 * What must hold once faults have stopped: jobs without an excuse finish, after timeout and sweep
 * nothing is left over, every snapshot that is listed as OK comes back with its rows.
 */
import { runNow } from '../base/op.ts';
import { statusText } from '../repository/status.ts';
import { checkCatalogSnapshots, checkExpired, checkViews } from './check-objects.ts';
import {
  isGone,
  JOB_TIMEOUT_SEC,
  type JobTrack,
  nameOfSnapshot,
  type Snapshot,
} from './job-track.ts';
import { DATA_DIR, SIM_PERIODS } from './machine.ts';
import { CATALOGS } from './model.ts';
import { awaitJobs, checkTables, startBackends } from './perform.ts';
import { restoreSql } from './perform-jobs.ts';
import { difference, readTables } from './read-site.ts';
import { replayDifference } from './replay-check.ts';
import { replicaDifference } from './replica-check.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

/** A few rounds of task reports and ticks: what can go on has then ended. */
const LIVENESS_MS = 240_000;
const TIMEOUT_MS = JOB_TIMEOUT_SEC * 1000;
/** One round of the sweep of backend snapshots and of all reports, and some time to spare. */
const SWEEP_MS = SIM_PERIODS.snapshotSweepMs + 25_000;

export function checkFinally(world: World): void {
  for (const site of world.sites) {
    site.machine.faults.disableAll();
    site.ambushes = [];
  }
  world.recoverAll();
  for (const site of world.sites) startBackends(site);
  awaitJobs(world, LIVENESS_MS);
  for (const site of world.sites) {
    for (const track of site.tracks) {
      if (track.excuse !== undefined) continue;
      world.violation(
        `site ${site.index}: ${track.kind} ${track.db}.${track.label} hangs in ${track.state}: ` +
          statusOf(site, track),
      );
    }
  }
  passTimeouts(world);
  world.passExpiries();
  checkTables(world);
  checkSnapshots(world);
  passTimeouts(world);
  world.advance(SWEEP_MS);
  for (const site of world.sites) {
    checkLeftovers(world, site);
    checkViews(world, site);
  }
  checkExpired(world);
  checkReplay(world);
  checkTables(world);
  if (world.violations.length > 0) return;
  for (const site of world.sites) {
    const wrong = replicaDifference(site);
    if (wrong !== undefined) world.violation(`site ${site.index}: ${wrong}`);
  }
}

function statusOf(site: Site, track: JobTrack): string {
  const job = site.jobOf(track);
  return job === undefined ? 'it is gone' : statusText(job.status);
}

/** Jobs that still run and snapshots of backends are then too old. Nothing needs to tick so long. */
function passTimeouts(world: World): void {
  world.clock.jump(TIMEOUT_MS + 1);
  world.advance(TICKS_MS);
}

const TICKS_MS = 7_000;

function checkReplay(world: World): void {
  for (const site of world.sites) {
    if (site.machine.whyDown !== undefined) continue;
    const wrong = replayDifference(site.machine);
    if (wrong !== undefined) world.violation(`site ${site.index}: the log and memory: ${wrong}`);
  }
}

function checkLeftovers(world: World, site: Site): void {
  const { machine } = site;
  const { tasks, handler, catalog } = machine.cluster.frontend.context;
  const complain = (text: string): void => world.violation(`site ${site.index}: ${text}`);
  for (const task of tasks.tasks()) complain(`${task.type} ${task.signature} is still queued`);
  for (const { job } of handler.jobs()) {
    if (job.state !== 'FINISHED' && job.state !== 'CANCELLED') {
      complain(`${job.type} ${job.dbName}.${job.label} is still in ${job.state}`);
    }
  }
  for (const database of catalog.databases.values()) {
    for (const { name, state } of database.tables.values()) {
      if (state !== 'NORMAL') complain(`table ${database.name}.${name} is still ${state}`);
    }
  }
  for (const backend of machine.cluster.backends.keys()) {
    const left = runNow(machine.files.list(`${DATA_DIR}/be/${backend}/snapshot`));
    for (const { name } of left) complain(`backend ${backend} still has snapshot ${name}`);
  }
}

/** Restores every listed snapshot into a database of its own, all at once. */
function checkSnapshots(world: World): void {
  const site = world.site(0);
  const checked: { readonly db: string; readonly snapshot: Snapshot }[] = [];
  const listed = listedSnapshots(world, site);
  checkCatalogSnapshots(
    world,
    site,
    listed.filter(({ db }) => db === CATALOGS),
  );
  for (const snapshot of listed.filter(({ db }) => db !== CATALOGS)) {
    const db = `v${checked.length}`;
    const content = snapshot.contents[0] ?? new Map();
    const tables = [...content.keys()].map((name) => ({
      source: name,
      target: name,
      parts: undefined,
    }));
    if (tables.length === 0) continue;
    site.machine.query(`CREATE DATABASE ${db}`);
    const order = { tables, replicas: 1, isWhole: true };
    try {
      site.machine.query(restoreSql(site, snapshot, db, order));
      checked.push({ db, snapshot });
    } catch (error) {
      if (!snapshot.isDamaged) {
        const text = error instanceof Error ? error.message : String(error);
        world.violation(`snapshot ${nameOfSnapshot(snapshot)} cannot be restored: ${text}`);
      }
    }
  }
  if (checked.length === 0) return;
  world.clock.advance(RESTORE_MS);
  const { context } = site.machine.cluster.frontend;
  for (const { db, snapshot } of checked) {
    const id = context.catalog.databaseIds.get(db);
    const job = id === undefined ? undefined : context.handler.job(id)?.job;
    if (job?.state === 'FINISHED') compare(world, site, db, snapshot);
    else if (!snapshot.isDamaged) {
      const name = nameOfSnapshot(snapshot);
      world.violation(`restore of ${name} ends ${job?.state}: ${job?.status.msg}`);
    }
  }
  // Those of damaged snapshots end by their timeout.
  passTimeouts(world);
  for (const { db } of checked) site.machine.query(`DROP DATABASE ${db} FORCE`);
}

const RESTORE_MS = 60_000;

export function compare(world: World, site: Site, db: string, snapshot: Snapshot): void {
  const read = readTables(site, db);
  const differences = snapshot.contents.map((content) =>
    difference(read, content, new Set(), snapshot.isDamaged),
  );
  if (differences.includes(undefined)) return;
  world.violation(`snapshot ${nameOfSnapshot(snapshot)} came back wrong: ${differences[0]}`);
}

/** Snapshots of the model that SHOW SNAPSHOT lists as OK; complains of those it should list. */
function listedSnapshots(world: World, site: Site): readonly Snapshot[] {
  const listed = new Set<string>();
  for (const repo of REPOSITORIES) {
    if (!site.repositories.has(repo)) {
      site.machine.query(
        `CREATE REPOSITORY ${repo} WITH BROKER ON LOCATION 'memory://bucket/${repo}'`,
      );
      site.repositories.add(repo);
    }
    for (const [label, timestamps, status] of site.machine.query(`SHOW SNAPSHOT ON ${repo}`).rows) {
      if (status !== 'OK') continue;
      for (const timestamp of String(timestamps).split(/\s+/)) {
        listed.add(`${repo}/${label} of ${timestamp}`);
      }
    }
  }
  const known = new Set(world.snapshots.map(nameOfSnapshot));
  for (const name of listed) {
    if (!known.has(name)) world.violation(`SHOW SNAPSHOT lists ${name}, which nobody made`);
  }
  const sound = world.snapshots.filter((each) => !each.isCollided);
  for (const snapshot of sound) {
    const isOwed = snapshot.isFinished && !isGone(snapshot) && !snapshot.isDamaged;
    if (isOwed && !listed.has(nameOfSnapshot(snapshot))) {
      world.violation(`snapshot ${nameOfSnapshot(snapshot)} is FINISHED but not listed as OK`);
    }
  }
  return sound.filter((snapshot) => !isGone(snapshot) && listed.has(nameOfSnapshot(snapshot)));
}

const REPOSITORIES = ['r0', 'r1'] as const;
