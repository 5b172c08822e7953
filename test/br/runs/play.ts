/**
 * Plays a random run and holds it to what must be true of every run (br-cli.md 10, E2E-42): each
 * finished backup that was not pruned restores to what its tables were; each run has one final row;
 * no slot, claim or temporary table stays without a word that tells the way on; what a command that
 * failed did not mean to change is as it was.
 */
import { expect } from 'vitest';
import { type Books, expectInStep, leftBehind, readBooks } from './books.ts';
import type { Move, Strike } from './moves.ts';
import {
  applyChange,
  DATABASE,
  readTables,
  TABLE_NAMES,
  type Tables,
  tableNames,
} from './tables.ts';
import { call, openWorld, type Struck, type World } from './world.ts';

/** More than the grace of a silent slot. */
export const GRACE_MS: number = 11 * 60_000;

const NONE: Strike = { kind: 'none' };

const GROUP_TABLES: readonly string[] = ['orders', 'dim'];

export async function play(moves: readonly Move[]): Promise<void> {
  const world = await openWorld();
  try {
    for (const move of moves) {
      world.log.push(JSON.stringify(move));
      await performMove(world, move);
    }
    world.log.push('every backup is restored');
    await expectAllRestorable(world);
  } catch (error) {
    if (error instanceof Error) error.message += `\n${world.log.join('\n')}`;
    throw error;
  } finally {
    await world.site.cluster.stop();
  }
}

export async function performMove(world: World, move: Move): Promise<void> {
  const { site } = world;
  switch (move.kind) {
    case 'change':
      return await applyChange(site, move.change);
    case 'pass':
      return site.pass(move.minutes * 60_000);
    case 'backup':
      return await performBackup(world, move);
    case 'restore':
      return await performRestore(world, move);
    case 'prune':
      return await performPrune(world, move);
  }
}

async function performBackup(
  world: World,
  { type, group, since, strike }: Extract<Move, { kind: 'backup' }>,
): Promise<void> {
  const { site } = world;
  const before = await readBooks(site);
  const seen = [await readTables(site)];
  const more = type === 'incremental' ? ['--since', since] : [];
  const outcome = await call(world, ['backup', type, '--group', group, ...more], strike, seen);
  await toRest(world, outcome);
  const after = await readBooks(site);
  expectInStep(after);
  const changes = [...after.backups].filter(([label]) => !before.backups.has(label));
  const sent = outcome.statements.flatMap(
    (sql) =>
      /^BACKUP DATABASE `sales_db` SNAPSHOT `([^`]+)`/.exec(sql.replace(/\s+/g, ' '))?.[1] ?? [],
  );
  for (const label of sent) expect([...after.backups.keys()]).toContain(label);
  expect(changes.length).toBeLessThanOrEqual(1);
  if (outcome.exit === 0) expect(changes.map(([, status]) => status)).toEqual(['FINISHED']);
  for (const [label] of changes) {
    world.taken.set(
      label,
      seen.map((tables) => ofGroup(tables, group)),
    );
  }
}

function ofGroup(tables: Tables, group: string): Tables {
  return new Map([...tables].filter(([name]) => group === 'all' || GROUP_TABLES.includes(name)));
}

function finishedOf({ backups }: Books): readonly string[] {
  const finished = [...backups].filter(([, status]) => status === 'FINISHED');
  return finished.map(([label]) => label).sort();
}

const REMEDY = /srbr (reconcile --label \S+|restore --(?:resume|rollback) '[^']+')/;

/**
 * Who was killed is followed by `reconcile` after the grace; who failed has told what to do, or is
 * told `again`: what was open before it is open still.
 */
async function toRest(world: World, outcome: Struck, again?: string): Promise<void> {
  const { site, log } = world;
  if (outcome.isKilled) {
    site.pass(GRACE_MS);
    expect((await call(world, ['reconcile'], NONE)).exit).toBe(0);
  } else if ((await leftBehind(site)).length > 0) {
    const remedy = REMEDY.exec(outcome.err)?.[1] ?? again;
    log.push(`  left: ${(await leftBehind(site)).join(', ')}; told: ${remedy ?? 'nothing'}`);
    log.push(outcome.err);
    expect(remedy).toBeDefined();
    await site.cluster.untilJobDone(DATABASE).catch(() => undefined);
    const words = (remedy ?? '').split(' ').map((word) => word.replaceAll("'", ''));
    const remedied = await call(world, words, NONE);
    log.push(remedied.err);
    expect(remedied.exit).toBe(0);
  }
}

async function performRestore(
  world: World,
  move: Extract<Move, { kind: 'restore' }>,
): Promise<void> {
  const { site } = world;
  const labels = finishedOf(await readBooks(site));
  const label = labels[move.choice % Math.max(1, labels.length)];
  if (label === undefined) return;
  const before = await readTables(site);
  const words = ['restore', '--target-label', label, '--yes', '--strategy', move.strategy];
  if (move.table !== undefined) words.push('--table', move.table);
  if (move.dropOld) words.push('--drop-old');
  const seen: Tables[] = [before];
  const begun = new Set((await readBooks(site)).begun);
  const outcome = await call(world, words, move.strike, seen);
  const jobId = (await readBooks(site)).begun.find((id) => !begun.has(id));
  if (outcome.isKilled) await afterKill(world, move, jobId, seen);
  else await toRest(world, outcome);
  expect(await leftBehind(site)).toEqual([]);
  const books = await readBooks(site);
  expectInStep(books);
  const status = jobId === undefined ? undefined : books.restores.get(jobId);
  if (outcome.exit === 0) expect(status).toBe('FINISHED');
  // One that was killed with its last record written is undone already, and has FINISHED still.
  const isUndone = outcome.isKilled && move.after === 'undo';
  const isOver = status === 'FINISHED' && !isUndone;
  const wanted = world.taken.get(label) ?? [];
  await expectTables(world, { seen, wanted, isOver, move });
  if (isOver && jobId !== undefined && !move.dropOld && move.after === 'undo') {
    await undo(world, jobId, move.strikeAfter);
    if (move.strike.kind !== 'meddle' && move.strikeAfter.kind !== 'meddle') {
      expect(await readTables(site)).toEqual(before);
    }
  }
  for (const name of await tableNames(site)) {
    if (/_backup_/.test(name)) await site.sql(`DROP TABLE ${DATABASE}.\`${name}\` FORCE`);
  }
}

/** What was restored is as it was backed up, everything else as before; or all is as before. */
async function expectTables(
  { site }: World,
  {
    seen,
    wanted,
    isOver,
    move,
  }: {
    readonly seen: readonly Tables[];
    readonly wanted: readonly Tables[];
    readonly isOver: boolean;
    readonly move: Extract<Move, { kind: 'restore' }>;
  },
): Promise<void> {
  const now = await readTables(site);
  const isMeddled = [move.strike, move.strikeAfter].some(({ kind }) => kind === 'meddle');
  for (const name of new Set([...seen.flatMap((each) => [...each.keys()]), ...TABLE_NAMES])) {
    const isWanted =
      isOver &&
      (move.table === undefined || move.table === name) &&
      wanted.some((tables) => tables.has(name));
    const allowed = (isWanted ? wanted : seen).map((tables) => tables.get(name));
    if (isMeddled) allowed.push(...seen.map((tables) => tables.get(name)));
    expect(allowed, name).toContain(now.get(name));
  }
}

async function afterKill(
  world: World,
  { after, strikeAfter }: Extract<Move, { kind: 'restore' }>,
  jobId: string | undefined,
  seen: Tables[],
): Promise<void> {
  const { site } = world;
  site.pass(GRACE_MS);
  if (jobId === undefined) {
    expect((await call(world, ['reconcile'], NONE)).exit).toBe(0);
    return;
  }
  if (after === 'undo') return await undo(world, jobId, strikeAfter);
  const words = ['restore', '--resume', jobId];
  const outcome = await call(world, words, strikeAfter, seen);
  if (outcome.isKilled) {
    site.pass(GRACE_MS);
    const again = await call(world, words, NONE);
    world.log.push(again.err);
    if ((await readBooks(site)).restores.get(jobId) === undefined) expect(again.exit).toBe(0);
    // As it was told: a slot that was taken while it was killed is freed by `reconcile`.
    expect((await call(world, ['reconcile'], NONE)).exit).toBe(0);
  } else await toRest(world, outcome, words.join(' '));
  if (strikeAfter.kind === 'none') expect(outcome.exit, outcome.err).toBe(0);
}

async function undo(world: World, jobId: string, strike: Strike): Promise<void> {
  const words = ['restore', '--rollback', jobId];
  const outcome = await call(world, words, strike);
  if (outcome.exit !== 0) {
    if (outcome.isKilled) world.site.pass(GRACE_MS);
    if (!outcome.isStruck) world.log.push(outcome.err);
    expect(outcome.isStruck).toBe(true);
    const again = await call(world, words, NONE);
    world.log.push(again.err);
    expect(again.exit).toBe(0);
  }
  expect(await leftBehind(world.site)).toEqual([]);
}

async function performPrune(
  world: World,
  { rule, choice, strike }: Extract<Move, { kind: 'prune' }>,
): Promise<void> {
  const { site } = world;
  const labels = finishedOf(await readBooks(site));
  if (labels.length === 0) return;
  const words = ['prune', '--yes'];
  if (rule === 'keep-last') words.push('--keep-last', String(1 + (choice % 3)));
  else words.push('--snapshot', labels[choice % labels.length] ?? '');
  if (rule === 'cascade') words.push('--cascade');
  const outcome = await call(world, words, strike);
  if (outcome.exit !== 0) await call(world, words, NONE);
  if (outcome.isKilled) site.pass(GRACE_MS);
  expect(await leftBehind(site)).toEqual([]);
  expectInStep(await readBooks(site));
}

/** Into a database of its own, so that each is compared with what it was taken of. */
export async function expectAllRestorable(world: World): Promise<void> {
  const { site, taken } = world;
  for (const label of finishedOf(await readBooks(site))) {
    const verified = await call(world, ['verify', label], NONE);
    expect(verified.exit, verified.err).toBe(0);
    const words = ['restore', '--target-label', label, '--yes', '--to-database', 'scratch'];
    const outcome = await call(world, words, NONE);
    expect(outcome.exit, outcome.err).toBe(0);
    const now = await readTables(site, 'scratch');
    const wanted = taken.get(label) ?? [];
    const names = new Set([...now.keys(), ...wanted.flatMap((tables) => [...tables.keys()])]);
    for (const name of names) {
      expect(
        wanted.map((tables) => tables.get(name)),
        `${name} of ${label}`,
      ).toContain(now.get(name));
    }
    await site.sql('DROP DATABASE scratch FORCE');
  }
}
