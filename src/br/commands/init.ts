/**
 * `srbr init`: the ops database, its tables, and the inventory of the configuration. Again it
 * changes nothing (BR-OPS 5.3).
 */
import type { Call } from '../cli/command-spec.ts';
import { databaseNames } from '../cluster/names.ts';
import { requireRepository } from '../cluster/repositories.ts';
import { requireSharedNothing } from '../cluster/run-mode.ts';
import { EXIT } from '../errors.ts';
import { addEntries, inventoryEntries, removeEntries, staleEntries } from '../ops/inventory.ts';
import { migrateTables } from '../ops/migrate.ts';
import { createSchema, requireLayout, type SchemaState, schemaState } from '../ops/schema.ts';
import { type Session, sessionOf } from './session.ts';

export async function runInit(call: Call): Promise<number> {
  const session = sessionOf(call, call.connection);
  const { config, options, ops, report } = session;
  await requireSharedNothing(session.connection);
  await requireRepository(session.connection, config.repository);
  const state = await schemaState(ops);
  if (!options.flag('migrate')) requireLayout(ops, state.old);
  warnOfUnknownDatabases(session, await databaseNames(session.connection));
  if (options.flag('dryRun')) return tellPlan(session, state);

  const schemaOptions = { replicationNum: config.opsReplicationNum, report };
  await migrateTables(ops, state.old, schemaOptions);
  const migrated = state.old.map(({ table }) => table.name);
  const created = await createSchema(ops, schemaOptions);
  const added = await addEntries(ops, config.inventory);
  const removed = options.flag('syncInventory')
    ? staleEntries(await inventoryEntries(ops), config.inventory)
    : [];
  await removeEntries(ops, removed);
  report.good(`database ${ops.database} is ready`);
  const document = { opsDatabase: ops.database, created, migrated, added, removed: removed.length };
  report.result(document, [
    ...(migrated.length === 0 ? [] : [`brought up to date: ${migrated.join(', ')}`]),
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

function tellPlan({ ops, config, report }: Session, { missing, old }: SchemaState): number {
  const create = missing.map(({ name }) => name);
  const migrate = old.map(({ table }) => table.name);
  report.result({ opsDatabase: ops.database, create, migrate, inventory: config.inventory }, [
    `would create in ${ops.database}: ${create.join(', ') || 'nothing'}`,
    ...(migrate.length === 0 ? [] : [`would bring up to date: ${migrate.join(', ')}`]),
    `would make sure of ${config.inventory.length} inventory rows`,
  ]);
  return EXIT.ok;
}
