/** A database whose table `orders` is backed up and has changed since. */
import type { OlapTable } from '../../../../src/catalog/model.ts';
import type { TableSpec } from './tables.ts';
import { DB_ID, World } from './world.ts';

export const ORDERS: TableSpec = {
  name: 'orders',
  buckets: 3,
  ranges: [
    ['p1', 0, 10],
    ['p2', 10, 20],
  ],
};

/** A finished backup of `orders`, whose local data has changed since. */
export function backedUp(spec: TableSpec = ORDERS): { world: World; timestamp: string } {
  const world = new World();
  world.createTable(spec);
  const timestamp = world.finishedBackup();
  world.fill(world.table(spec.name), 'second');
  world.events.length = 0;
  world.backends.received.length = 0;
  return { world, timestamp };
}

/** Puts another value of a table in place, as a load or an ALTER would. */
export function change(world: World, name: string, to: (table: OlapTable) => OlapTable): void {
  const table = to(world.table(name));
  world.log.push({
    op: 'OP_CREATE_TABLE_V2',
    record: { op: 'OP_CREATE_TABLE_V2', dbId: DB_ID, table },
  });
  world.database.tables.set(table.id, table);
}

export const first = (places: readonly string[]): readonly string[] =>
  places.map((place) => `${place}: ${place} first`);
export const SIX: readonly string[] = ['p1#0#0', 'p1#0#1', 'p1#0#2', 'p2#0#0', 'p2#0#1', 'p2#0#2'];
