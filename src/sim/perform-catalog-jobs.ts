/** BACKUP and RESTORE of external catalogs: jobs without tablets, in a slot of their own. */
import { type Action, nameOf } from './actions.ts';
import { isCalm, settleStatement } from './answer.ts';
import { CATALOGS } from './model.ts';
import {
  backupProperties,
  excuseOf,
  expectedOfBackup,
  isUsable,
  newTrack,
  TIMEOUT,
} from './perform-jobs.ts';
import type { Databases } from './site.ts';
import { type Expected, runStatement } from './statement.ts';
import type { World } from './world.ts';

const SAME = (databases: Databases): Databases => databases;

export function performCatalogBackup(
  world: World,
  { site: index, label: number, repo: inRepo, ttlMinutes }: ActionOf<'backup-catalogs'>,
): void {
  const site = world.site(index);
  const [label, repo] = [nameOf.label(number), nameOf.repo(inRepo)];
  const names = [...site.tables(CATALOGS).keys()];
  if (names.length === 0) return;
  const properties = backupProperties(ttlMinutes);
  const what = `ALL EXTERNAL CATALOGS SNAPSHOT ${label} TO ${repo}`;
  const sql = `BACKUP ${what} PROPERTIES (${properties})`;
  const expected = expectedOfBackup(world, site, { db: CATALOGS, label, repo });
  site.submitting = newTrack({
    kind: 'BACKUP',
    ttlMinutes,
    createTimeMs: world.clock.now(),
    db: CATALOGS,
    label,
    repo,
    wanted: names.map((name) => ({ name, part: undefined, isEarly: true })),
  });
  const outcome = runStatement(site, sql, SAME);
  if (outcome.kind === 'refused') site.submitting = undefined;
  settleStatement(world, site, sql, expected, outcome);
}

export function performCatalogRestore(
  world: World,
  { site: index, pick }: ActionOf<'restore-catalogs'>,
): void {
  const site = world.site(index);
  const known = world.snapshots.filter(
    (each) => site.repositories.has(each.repo) && isUsable(each) && each.db === CATALOGS,
  );
  const source = known[known.length - 1 - (pick % Math.max(1, known.length))];
  if (source === undefined) return;
  const { label, repo, timestamp } = source;
  const names = [...(source.contents[0]?.keys() ?? [])];
  const tables = names.map((name) => ({ source: name, target: name, parts: undefined }));
  const properties = `"backup_timestamp" = "${timestamp}", ${TIMEOUT}`;
  const what = `SNAPSHOT ${label} FROM ${repo} ALL EXTERNAL CATALOGS`;
  const sql = `RESTORE ${what} PROPERTIES (${properties})`;
  const isSound = source.isFinished && !source.isDamaged;
  let expected: Expected = isCalm(site) && isSound ? 'ok' : 'any';
  if (site.activeIn(CATALOGS) !== undefined) expected = isCalm(site) ? 'refused' : 'any';
  site.submitting = newTrack({
    kind: 'RESTORE',
    createTimeMs: world.clock.now(),
    db: CATALOGS,
    label,
    repo,
    order: { tables, replicas: 1 },
    source,
    ...excuseOf(source),
  });
  const outcome = runStatement(site, sql, SAME);
  if (outcome.kind === 'refused') site.submitting = undefined;
  settleStatement(world, site, sql, expected, outcome);
}

type ActionOf<K extends Action['do']> = Extract<Action, { readonly do: K }>;
