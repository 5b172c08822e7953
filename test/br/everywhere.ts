/** Commands of `srbr` that are killed at one statement after the other, and what comes after. */
import { expect } from 'vitest';
import { expectInStep, leftBehind, readBooks } from './runs/books.ts';
import type { Move, Strike } from './runs/moves.ts';
import { expectAllRestorable, GRACE_MS, performMove } from './runs/play.ts';
import { applyChange, DATABASE, readTables, type Tables, tableNames } from './runs/tables.ts';
import { call, openWorld, type World } from './runs/world.ts';

const NONE: Strike = { kind: 'none' };

const INSERTS = [0, 1, 2].map((choice) => ({ what: 'insert', choice }) as const);

async function loadedWorld(): Promise<World> {
  const world = await openWorld();
  for (const change of INSERTS) await applyChange(world.site, change);
  return world;
}

async function backup(world: World, type: string, strike: Strike): Promise<boolean> {
  const { site, taken } = world;
  const before = await readBooks(site);
  const seen = [await readTables(site)];
  const outcome = await call(world, ['backup', type, '--group', 'all'], strike, seen);
  if (outcome.isKilled) {
    site.pass(GRACE_MS);
    expect((await call(world, ['reconcile'], NONE)).exit).toBe(0);
  } else expect(outcome.exit, outcome.err).toBe(0);
  const after = await readBooks(site);
  const made = [...after.backups.keys()].filter((label) => !before.backups.has(label));
  for (const label of made) taken.set(label, seen);
  return outcome.isKilled;
}

async function newestLabel({ site }: World): Promise<string> {
  const rows = await site.sql(
    "SELECT label FROM ops.backup_history WHERE status = 'FINISHED' ORDER BY created_at, label",
  );
  return rows.at(-1)?.['label'] ?? '';
}

/** Kills a backup at every so many statements; answers at how many. Then all must restore. */
export async function killBackups(type: 'full' | 'incremental', stride: number): Promise<number> {
  const world = await loadedWorld();
  await backup(world, 'full', NONE);
  let count = 0;
  for (let at = 0; ; at += stride) {
    await applyChange(world.site, { what: 'insert', choice: at });
    const isKilled = await backup(world, type, { kind: 'kill', at });
    expect(await leftBehind(world.site), `killed at ${at}`).toEqual([]);
    expectInStep(await readBooks(world.site));
    if (!isKilled) break;
    count += 1;
  }
  await expectAllRestorable(world);
  await world.site.cluster.stop();
  return count;
}

/** Kills `prune --cascade` of a chain; what it did not get to, the same command does later. */
export async function killPrunes(stride: number): Promise<number> {
  const world = await loadedWorld();
  let count = 0;
  for (let at = 0; ; at += stride) {
    await backup(world, 'full', NONE);
    const label = await newestLabel(world);
    await applyChange(world.site, { what: 'insert', choice: at });
    await backup(world, 'incremental', NONE);
    const words = ['prune', '--yes', '--cascade', '--snapshot', label];
    const outcome = await call(world, words, { kind: 'kill', at });
    if (outcome.isKilled && (await readBooks(world.site)).backups.has(label)) {
      const again = await call(world, words, NONE);
      expect(again.exit, `killed at ${at}: ${again.err}`).toBe(0);
    }
    const books = await readBooks(world.site);
    expectInStep(books);
    expect([...books.backups.keys()], `killed at ${at}`).toEqual([]);
    expect(await leftBehind(world.site)).toEqual([]);
    if (!outcome.isKilled) break;
    count += 1;
  }
  await world.site.cluster.stop();
  return count;
}

/** How the tables of an incremental backup come together. */
export type Way = 'alias' | 'direct' | 'staged' | 'in-place';

/** Kills a restore at every so many statements, and resumes it or undoes it. */
export async function killRestores(
  way: Way,
  stride: number,
  end: 'resume' | 'rollback' = 'resume',
): Promise<number> {
  const world = await loadedWorld();
  const { site } = world;
  await backup(world, 'full', NONE);
  if (way !== 'alias') await secondBackup(world);
  const wanted = await readTables(site);
  const label = await newestLabel(world);
  const strategy = way === 'in-place' || way === 'staged' ? way : 'auto';
  const words = ['restore', '--target-label', label, '--yes', '--strategy', strategy];
  let count = 0;
  for (let at = 0; ; at += stride) {
    for (const change of INSERTS) await applyChange(site, change);
    if (way === 'direct') {
      for (const name of wanted.keys())
        await site.sql(`DROP TABLE IF EXISTS ${DATABASE}.${name} FORCE`);
    }
    const before = await readTables(site);
    const begun = new Set((await readBooks(site)).begun);
    const outcome = await call(world, words, { kind: 'kill', at });
    const jobId = (await readBooks(site)).begun.find((id) => !begun.has(id));
    if (outcome.isKilled && way !== 'in-place') await expectLiveNames(world, before);
    if (jobId === undefined) {
      site.pass(GRACE_MS);
      expect((await call(world, ['reconcile'], NONE)).exit).toBe(0);
      expect(await readTables(site), `killed at ${at}`).toEqual(before);
    } else {
      const ended = await call(world, ['restore', `--${end}`, jobId], NONE);
      expect(ended.exit, `killed at ${at}: ${ended.err}`).toBe(0);
      if (end === 'resume') await expectRestored(world, wanted, jobId);
      else expect(await readTables(site), `killed at ${at}`).toEqual(before);
    }
    expect(await leftBehind(site), `killed at ${at}`).toEqual([]);
    expectInStep(await readBooks(site));
    if (!outcome.isKilled) break;
    count += 1;
  }
  await site.cluster.stop();
  return count;
}

async function expectLiveNames({ site }: World, before: Tables): Promise<void> {
  expect(await tableNames(site)).toEqual(expect.arrayContaining([...before.keys()]));
}

/** Also drops what was set aside. */
async function expectRestored({ site }: World, wanted: Tables, jobId: string): Promise<void> {
  const now = await readTables(site);
  for (const [name, text] of wanted) expect(now.get(name), name).toBe(text);
  for (const name of now.keys()) {
    if (!wanted.has(name)) await site.sql(`DROP TABLE ${DATABASE}.\`${name}\` FORCE`);
  }
  const rows = await site.sql(
    `SELECT verification_checksum AS s FROM ops.restore_history WHERE job_id = '${jobId}'`,
  );
  expect(rows.map((row) => row['s'])).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
}

/** Of tables that have changed since the first, so that each needs both. */
async function secondBackup(world: World): Promise<void> {
  for (const change of INSERTS) await applyChange(world.site, change);
  await applyChange(world.site, { what: 'add-partition', choice: 1 });
  await backup(world, 'incremental', NONE);
}

/** Lets something befall a command at every so many statements; answers how often it did. */
export async function strikeEverywhere(
  moveAt: (at: number) => Move,
  stride: number,
): Promise<number> {
  const world = await loadedWorld();
  await backup(world, 'full', NONE);
  await secondBackup(world);
  for (let at = 0, count = 0; ; at += stride, count += 1) {
    for (const change of INSERTS) await applyChange(world.site, change);
    const from = world.log.push(`at ${at}`);
    try {
      await performMove(world, moveAt(at));
    } catch (error) {
      if (error instanceof Error) error.message += `\n${world.log.slice(from - 1).join('\n')}`;
      throw error;
    }
    if (world.log.slice(from).some((line) => / at: /.test(line))) continue;
    await expectAllRestorable(world);
    await world.site.cluster.stop();
    return count;
  }
}

export function backupStruck(strike: Strike): Move {
  return { kind: 'backup', type: 'incremental', group: 'all', since: 'last-full', strike };
}

/** Of the second backup; after a success it is undone. */
export function restoreStruck(strike: Strike, strategy: 'staged' | 'in-place'): Move {
  return {
    kind: 'restore',
    choice: 1,
    strategy,
    table: undefined,
    dropOld: false,
    strike,
    after: 'undo',
    strikeAfter: NONE,
  };
}
