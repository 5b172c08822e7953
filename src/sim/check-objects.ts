/**
 * What must hold in the end of objects without tablets, and of time: external catalogs come back,
 * materialized views are active or say why not, snapshots that are over are deleted.
 */
import { isDeepStrictEqual } from 'node:util';
import { REAL_PERIODS } from '../fe/periods.ts';
import { JOB_TIMEOUT_SEC, nameOfSnapshot, type Snapshot } from './job-track.ts';
import { CATALOGS, type ModelTables } from './model.ts';
import { TIMEOUT } from './perform-jobs.ts';
import { readTables } from './read-site.ts';
import type { Site } from './site.ts';
import type { World } from './world.ts';

/** Some ticks more than such a job needs. */
const CATALOGS_MS = 15_000;

/** One after the other: there is one slot. What the last one leaves, the model takes over. */
export function checkCatalogSnapshots(
  world: World,
  site: Site,
  snapshots: readonly Snapshot[],
): void {
  for (const snapshot of snapshots) {
    const { repo, label, timestamp, contents } = snapshot;
    if (snapshot.isDamaged) continue;
    const before = [...site.tables(CATALOGS)];
    site.machine.query(
      `RESTORE SNAPSHOT ${label} FROM ${repo} ALL EXTERNAL CATALOGS
        PROPERTIES ("backup_timestamp" = "${timestamp}", ${TIMEOUT})`,
    );
    world.clock.advance(CATALOGS_MS);
    const expected = contents.map((each) => new Map([...before, ...each]));
    const read = textsOf(readTables(site, CATALOGS));
    const found = expected.find((each) => isDeepStrictEqual(textsOf(each), read));
    if (found === undefined) {
      const name = nameOfSnapshot(snapshot);
      world.violation(
        `snapshot ${name} came back wrong: ${JSON.stringify(Object.fromEntries(read))}`,
      );
      return;
    }
    site.candidates = site.candidates.map((each) => new Map([...each, [CATALOGS, found]]));
  }
}

function textsOf(
  objects: ModelTables | ReturnType<typeof readTables>,
): ReadonlyMap<string, string> {
  const texts = [...(objects ?? [])].map(
    ([name, object]) => [name, 'text' in object ? String(object.text) : 'rows'] as const,
  );
  return new Map(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The longest that nobody looks at an inactive view, and then some (restore-jobs.md 5.4.4). */
const BACK_OFF_MS = 62 * REAL_PERIODS.mvActiveCheckMs;

/** An inactive view says why, and whose table is there does not stay inactive. */
export function checkViews(world: World, site: Site): void {
  if (inactiveViews(site).some(({ isReadable }) => isReadable)) world.advance(BACK_OFF_MS);
  for (const { name, reason, isReadable } of inactiveViews(site)) {
    if (isReadable) world.violation(`site ${site.index}: ${name} stays inactive: ${reason}`);
    else if (reason === '') world.violation(`site ${site.index}: ${name} does not say why`);
  }
}

interface InactiveView {
  readonly name: string;
  readonly reason: string;
  /** The table of its definition is there. */
  readonly isReadable: boolean;
}

function inactiveViews(site: Site): readonly InactiveView[] {
  const { rows } = site.machine.query(
    `SELECT TABLE_SCHEMA, TABLE_NAME, IS_ACTIVE, INACTIVE_REASON, MATERIALIZED_VIEW_DEFINITION
      FROM information_schema.materialized_views`,
  );
  return rows.flatMap(([db, name, active, reason, definition]) => {
    if (active === 'true') return [];
    const [, base = '', table = ''] = /FROM `(\w+)`\.`(\w+)`/.exec(String(definition)) ?? [];
    const isReadable = readTables(site, base)?.has(table) === true;
    return [{ name: `${db}.${name}`, reason: String(reason), isReadable }];
  });
}

/** One round of the cleaning, and the waits in it. */
const CLEANED_MS = REAL_PERIODS.snapshotCleanMs + 10_000;

/** A ttl counts from the end of the job, which has its timeout for it. */
const LATE_FINISH_MS = (JOB_TIMEOUT_SEC + 1) * 1000;

/** Only with one cluster: another one may have dropped the repository or lost the label. */
export function checkExpired(world: World): void {
  const [site] = world.sites;
  if (site === undefined || world.sites.length > 1) return;
  const isDue = ({ overAtMs, isFinished, isCollided, isDamaged }: Snapshot): boolean =>
    isFinished &&
    !isCollided &&
    !isDamaged &&
    overAtMs !== undefined &&
    world.clock.now() > overAtMs + LATE_FINISH_MS;
  const due = world.snapshots.filter(isDue);
  if (due.length > 0) world.advance(CLEANED_MS);
  for (const snapshot of due) {
    const { repo, label, timestamp } = snapshot;
    const { rows } = site.machine.query(`SHOW SNAPSHOT ON ${repo} WHERE SNAPSHOT = "${label}"`);
    const isThere = rows.some(([, shown, status]) => {
      return status === 'OK' && String(shown).split(/\s+/).includes(timestamp);
    });
    if (isThere) world.violation(`snapshot ${nameOfSnapshot(snapshot)} is over and still there`);
  }
}
