/**
 * `srbr init`: the ops database, its tables, and the inventory of the configuration. Again it
 * changes nothing (BR-OPS 5.3).
 */
import type { Call } from '../cli/command-spec.ts';
import { databaseNames } from '../cluster/names.ts';
import { requireRepository } from '../cluster/repositories.ts';
import { requireSharedNothing } from '../cluster/run-mode.ts';
import { BrError, EXIT } from '../errors.ts';
import { addEntries, inventoryEntries, removeEntries, staleEntries } from '../ops/inventory.ts';
import { migrateManifest } from '../ops/migrate.ts';
import { createSchema, hasOldManifest, missingTables } from '../ops/schema.ts';
import { OPS_TABLES } from '../ops/tables.ts';
import { type Session, sessionOf } from './session.ts';

export async function runInit(call: Call): Promise<number> {
  const session = sessionOf(call, call.connection);
  const { config, options, ops, report } = session;
  await requireSharedNothing(session.connection);
  await requireRepository(session.connection, config.repository);
  const databases = await databaseNames(session.connection);
  const isThere = databases.includes(ops.database);
  const isOld = isThere && (await hasOldManifest(ops));
  if (isOld && !options.flag('migrate')) {
    throw new BrError('unsupported', `${ops.database}.backup_partitions has an older layout`, {
      advice: ['run srbr init --migrate: it keeps the rows'],
    });
  }
  warnOfUnknownDatabases(session, databases);
  if (options.flag('dryRun')) return await tellPlan(session, isThere);

  if (isOld) await migrateManifest(ops, report);
  const created = await createSchema(ops, { replicationNum: config.opsReplicationNum, report });
  const added = await addEntries(ops, config.inventory);
  const removed = options.flag('syncInventory')
    ? staleEntries(await inventoryEntries(ops), config.inventory)
    : [];
  await removeEntries(ops, removed);
  report.good(`database ${ops.database} is ready`);
  report.result({ opsDatabase: ops.database, created, added, removed: removed.length }, [
    created.length === 0 ? 'all tables were there' : `created: ${created.join(', ')}`,
    `inventory: ${added} rows added, ${removed.length} removed`,
    'next: srbr inventory list, then srbr backup full --group <group>',
  ]);
  return EXIT.ok;
}

function warnOfUnknownDatabases({ config, report }: Session, there: readonly string[]): void {
  const named = [...new Set(config.inventory.map(({ database }) => database))];
  for (const name of named) {
    if (!there.includes(name)) report.warn(`table_inventory: there is no database ${name}`);
  }
}

async function tellPlan({ ops, config, report }: Session, isThere: boolean): Promise<number> {
  const missing = isThere ? await missingTables(ops, OPS_TABLES) : OPS_TABLES;
  const names = missing.map(({ name }) => name);
  report.result({ opsDatabase: ops.database, create: names, inventory: config.inventory }, [
    `would create in ${ops.database}: ${names.join(', ') || 'nothing'}`,
    `would make sure of ${config.inventory.length} inventory rows`,
  ]);
  return EXIT.ok;
}
