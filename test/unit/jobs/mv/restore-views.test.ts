/** What a restore makes of materialized views (restore-jobs.md 5.4, 9 #20, #23 to #26). */
import { describe, expect, it } from 'vitest';
import {
  backupInactiveReason,
  inactivated,
  MANUAL_INACTIVE_REASON,
  type MaterializedViewInfo,
} from '../../../../src/catalog/materialized-view.ts';
import type { OlapTable } from '../../../../src/catalog/model.ts';
import { rewrittenDefinition } from '../../../../src/jobs/mv/rewrite-definition.ts';
import { World } from '../support/world.ts';

/** `a`, `b` and `mv` over both, all in a snapshot. */
function backedUp(): { world: World; timestamp: string } {
  const world = new World();
  world.createTable({ name: 'a', ranges: [['p1', 0, 10]], buckets: 1 });
  world.createTable({ name: 'b', buckets: 1 });
  world.createMaterializedView('mv', ['a', 'b']);
  return { world, timestamp: world.finishedBackup() };
}

const DROPS = ['mv', 'a', 'b'];

function dropAll(world: World): void {
  for (const name of DROPS) world.dropTable(name);
}

const on = (...names: readonly string[]): { objects: { name: string }[] } => ({
  objects: names.map((name) => ({ name })),
});

function infoOf(world: World, name = 'mv', table?: OlapTable): MaterializedViewInfo {
  const info = (table ?? world.table(name)).materializedView;
  if (info === undefined) throw new Error(`${name} is no materialized view`);
  return info;
}

function restored(world: World, timestamp: string, ...names: readonly string[]): void {
  world.restore(timestamp, names.length === 0 ? {} : on(...names));
  expect(world.untilDone()).toMatchObject({ state: 'FINISHED', status: { code: 'OK' } });
}

const basesOf = (world: World, info: MaterializedViewInfo): unknown =>
  info.baseTables.map(({ dbName, tableId, tableName }) => [
    dbName,
    tableName,
    tableId === world.databaseNamed(dbName).tableIds.get(tableName),
  ]);

const BOUND = [
  ['shop', 'a', true],
  ['shop', 'b', true],
];

describe('a materialized view in a snapshot', () => {
  it('is written inactive behind its tables, and the live one stays active (32)', () => {
    const world = new World();
    world.createTable({ name: 'z' });
    world.createMaterializedView('mv', ['z']);
    const before = world.table('mv');
    const timestamp = world.finishedBackup();
    expect(world.table('mv')).toBe(before);
    world.restore(timestamp);
    const written = world.restoreJob().backupMeta?.tables.get('mv')?.materializedView;
    expect(written).toEqual(inactivated(infoOf(world), backupInactiveReason('mv')));
  });
});

describe('a restored materialized view becomes active', () => {
  it.each([
    [['a', 'b', 'mv']],
    [['mv', 'b', 'a']],
    [['a', 'b'], ['mv']],
    [['mv'], ['a', 'b']],
    [['mv'], ['b'], ['a']],
    [['a'], ['mv'], ['b']],
  ])('with its tables by jobs of %j', (...jobs) => {
    const { world, timestamp } = backedUp();
    const versions = [...infoOf(world).baseTableVersions.values()].map((one) => [...one.keys()]);
    dropAll(world);
    for (const names of jobs) restored(world, timestamp, ...names);
    const info = infoOf(world);
    expect(info).toMatchObject({ isActive: true, inactiveReason: '' });
    expect(basesOf(world, info)).toEqual(BOUND);
    const id = { dbId: world.database.id, tableId: world.table('mv').id };
    for (const [at, base] of ['a', 'b'].entries()) {
      const table = world.table(base);
      expect(table.relatedMaterializedViews).toEqual([id]);
      const read = info.baseTableVersions.get(table.id);
      expect([...(read?.keys() ?? [])]).toEqual(versions[at]);
      for (const [name, { id: partitionId, version }] of read ?? []) {
        expect(partitionId).toBe(table.partitions.get(name)?.id);
        expect(version).toBe(5);
      }
    }
    world.restart();
    world.ticks(2);
    expect(infoOf(world)).toEqual(info);
  });

  it('with the names of another database and of aliases in its query', () => {
    const { world, timestamp } = backedUp();
    world.dropDatabase();
    world.restore(timestamp, {
      targetDbName: 'other',
      objects: [
        { name: 'a', alias: 'a.b' },
        { name: 'b', alias: 'a' },
        { name: 'mv', alias: 'view' },
      ],
    });
    const other = world.databaseNamed('other');
    world.untilDone(other.id);
    const info = infoOf(world, 'view', world.table('view', other));
    expect(info).toMatchObject({
      isActive: true,
      dbId: other.id,
      resolvedDefinition: '`other`.`a.b`, `other`.`a`',
    });
    expect(basesOf(world, info)).toEqual([
      ['other', 'a.b', true],
      ['other', 'a', true],
    ]);
    // The single partition of a table bears its name, alias and all.
    const read = info.baseTableVersions.get(world.table('a', other).id);
    expect([...(read?.keys() ?? [])]).toEqual(['a']);
  });

  it('with its query as it was while the old tables are still there (23)', () => {
    const { world, timestamp } = backedUp();
    world.restore(timestamp, { targetDbName: 'other' });
    const other = world.databaseNamed('other');
    world.untilDone(other.id);
    const info = infoOf(world, 'mv', world.table('mv', other));
    expect(info).toMatchObject({ isActive: true, resolvedDefinition: '`shop`.`a`, `shop`.`b`' });
    expect(basesOf(world, info)).toEqual([
      ['other', 'a', true],
      ['other', 'b', true],
    ]);
    expect(infoOf(world)).toMatchObject({ isActive: true });
    expect(world.table('a').relatedMaterializedViews).toHaveLength(1);
  });

  it('over tables that were never restored, if they bear the same names', () => {
    const { world, timestamp } = backedUp();
    world.dropTable('mv');
    restored(world, timestamp, 'mv');
    expect(infoOf(world).isActive).toBe(true);
    expect(basesOf(world, infoOf(world))).toEqual(BOUND);
  });

  it('in a chain of views, whatever the order', () => {
    for (const order of [
      ['a', 'mv', 'top'],
      ['top', 'mv', 'a'],
      ['mv', 'top', 'a'],
    ]) {
      const world = new World();
      world.createTable({ name: 'a' });
      world.createMaterializedView('mv', ['a']);
      world.createMaterializedView('top', ['mv']);
      const timestamp = world.finishedBackup();
      for (const name of ['top', 'mv', 'a']) world.dropTable(name);
      restored(world, timestamp, ...order);
      expect(infoOf(world).isActive).toBe(true);
      expect(infoOf(world, 'top').isActive).toBe(true);
      for (const name of ['top', 'mv', 'a']) world.dropTable(name);
      for (const name of order) restored(world, timestamp, name);
      expect(infoOf(world).isActive).toBe(true);
      expect(infoOf(world, 'top').isActive).toBe(true);
    }
  });

  it('and counts what was replaced before the backup as not read', () => {
    const world = new World();
    world.createTable({ name: 'a', ranges: [['p1', 0, 10]] });
    world.createMaterializedView('mv', ['a']);
    const info = infoOf(world);
    const [versions] = info.baseTableVersions.values();
    const stale = new Map(
      [...(versions ?? [])].map(([name, one]) => [name, { ...one, id: 1 as never }]),
    );
    const { id } = world.table('a');
    world.changeMaterializedView('mv', { ...info, baseTableVersions: new Map([[id, stale]]) });
    const timestamp = world.finishedBackup();
    for (const name of ['mv', 'a']) world.dropTable(name);
    restored(world, timestamp);
    expect(infoOf(world).isActive).toBe(true);
    expect(infoOf(world).baseTableVersions.get(world.table('a').id)).toEqual(new Map());
  });
});

describe('a restored materialized view stays inactive', () => {
  it('without one of its tables, and says which view and which tables (36)', () => {
    const { world, timestamp } = backedUp();
    dropAll(world);
    restored(world, timestamp, 'mv', 'a');
    const info = infoOf(world);
    expect(info.isActive).toBe(false);
    expect(info.inactiveReason).toMatch(/view mv is inactive.*shop\.a, shop\.b/);
    world.restart();
    expect(infoOf(world)).toEqual(info);
  });

  it('when its query cannot be run, and shows the statement', () => {
    const { world, timestamp } = backedUp();
    // One table under a new name, one that was never restored: nothing may be rewritten.
    for (const name of ['mv', 'a']) world.dropTable(name);
    world.restore(timestamp, { targetDbName: 'other', ...on('a', 'mv') });
    const other = world.databaseNamed('other');
    world.untilDone(other.id);
    const info = infoOf(world, 'mv', world.table('mv', other));
    expect(info.isActive).toBe(false);
    expect(info.resolvedDefinition).toBe('`shop`.`a`, `shop`.`b`');
    expect(info.inactiveReason).toContain(
      'CREATE MATERIALIZED VIEW `mv` AS `shop`.`a`, `shop`.`b`',
    );
  });

  it('when what restores have brought is older than the retention', () => {
    const { world, timestamp } = backedUp();
    world.dropDatabase();
    world.restore(timestamp, { targetDbName: 'one', ...on('mv') });
    world.untilDone(world.databaseNamed('one').id);
    world.clock.advance(8 * 86_400_000);
    world.run(world.handler.purge());
    world.restore(timestamp, { targetDbName: 'two', ...on('a', 'b') });
    world.untilDone(world.databaseNamed('two').id);
    const table = world.table('mv', world.databaseNamed('one'));
    expect(infoOf(world, 'mv', table).isActive).toBe(false);
  });
});

describe('an active local materialized view that a restore names', () => {
  it('keeps ids, versions and rows, and is NORMAL at the end (38)', () => {
    const { world, timestamp } = backedUp();
    const before = world.table('mv');
    world.fill(before, 'mine');
    world.restore(timestamp);
    world.untilState('DOWNLOADING');
    expect(world.table('mv').state).toBe('RESTORE');
    expect(world.untilDone().state).toBe('FINISHED');
    expect(world.table('mv')).toEqual(before);
    expect(world.contents(before)[0]).toContain('mine');
  });

  it('is NORMAL again after a cancel, but for the quirk when nothing was sent yet (20)', () => {
    for (const isQuirk of [false, true]) {
      const { world, timestamp } = backedUp();
      world.traits.quirks.restoreForgetsSkippedViews = isQuirk;
      // A table in the way of the restored one fails the first step.
      world.restore(timestamp, { replicationNum: 2 });
      expect(world.untilDone().state).toBe('CANCELLED');
      expect(world.table('a').state).toBe('NORMAL');
      expect(world.table('mv').state).toBe(isQuirk ? 'RESTORE' : 'NORMAL');
    }
  });

  it('is acted on all the same where the quirk is switched on (20)', () => {
    for (const isQuirk of [false, true]) {
      const { world, timestamp } = backedUp();
      world.traits.quirks.restoreForgetsSkippedViews = isQuirk;
      restored(world, timestamp);
      const records = world.log.filter(({ op }) => op.startsWith('OP_ALTER_MATERIALIZED_VIEW'));
      expect(records).toHaveLength(isQuirk ? 1 : 0);
    }
  });

  it('but an inactive one is filled like a table and becomes active', () => {
    const { world, timestamp } = backedUp();
    const before = world.table('mv');
    world.changeMaterializedView('mv', inactivated(infoOf(world), MANUAL_INACTIVE_REASON));
    world.fill(before, 'mine');
    restored(world, timestamp);
    expect(world.table('mv').id).toBe(before.id);
    expect(world.contents(before)[0]).toContain('first');
    expect(infoOf(world).isActive).toBe(true);
  });
});

describe('a crash after the commit', () => {
  it.each([
    [false, true],
    [true, false],
  ])('with restartForgetsMvActions %s leaves the view active: %s (26)', (isQuirk, isActive) => {
    const { world, timestamp } = backedUp();
    dropAll(world);
    world.traits.quirks.restartForgetsMvActions = isQuirk;
    world.restore(timestamp);
    world.crashAt = { point: 'fe.job.enter', subject: { state: 'FINISHED' } };
    for (let at = 0; at < 40 && !world.hasCrashed; at += 1) world.tick();
    world.restart();
    expect(world.job().state).toBe('FINISHED');
    expect(infoOf(world).isActive).toBe(false);
    world.ticks(2);
    expect(infoOf(world).isActive).toBe(isActive);
  });

  it('does not bring back what a user has set inactive meanwhile', () => {
    const { world, timestamp } = backedUp();
    dropAll(world);
    restored(world, timestamp);
    world.changeMaterializedView('mv', inactivated(infoOf(world), MANUAL_INACTIVE_REASON));
    world.restart();
    world.ticks(2);
    expect(infoOf(world).inactiveReason).toBe(MANUAL_INACTIVE_REASON);
  });
});

describe('new names in a query (24)', () => {
  it.each([
    [false, '`shop`.`b`, `shop`.`c`'],
    [true, '`shop`.`c`, `shop`.`c`'],
  ])('are those of the aliases, with mvRewriteIsSequential %s: %s', (isQuirk, definition) => {
    const { world, timestamp } = backedUp();
    dropAll(world);
    world.traits.quirks.mvRewriteIsSequential = isQuirk;
    const objects = [{ name: 'a', alias: 'b' }, { name: 'b', alias: 'c' }, { name: 'mv' }];
    world.restore(timestamp, { objects });
    expect(world.untilDone().state).toBe('FINISHED');
    expect(infoOf(world).resolvedDefinition).toBe(definition);
  });

  const swap = [
    { from: { dbName: 'd', tableName: 'a' }, to: { dbName: 'd', tableName: 'b' } },
    { from: { dbName: 'd', tableName: 'b' }, to: { dbName: 'd', tableName: 'a' } },
    { from: { dbName: 'd', tableName: 'x+' }, to: { dbName: 'd', tableName: '$&' } },
  ];
  const text = '`d`.`a`, `d`.`b`, `d`.`x+`, `e`.`a`';

  it('all come at once and as they are', () => {
    expect(rewrittenDefinition(text, swap, false)).toBe('`d`.`b`, `d`.`a`, `d`.`$&`, `e`.`a`');
  });

  it('come one after the other and as patterns where the quirk is switched on', () => {
    expect(rewrittenDefinition(text, swap, true)).toBe('`d`.`a`, `d`.`a`, `d`.`x+`, `e`.`a`');
  });
});
