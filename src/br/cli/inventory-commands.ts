/** The options of `srbr inventory ...` (br-cli.md 2, BR-INV). */
import { BrError } from '../errors.ts';
import type { CommandSpec, OptionSpec } from './command-spec.ts';
import type { Options } from './options.ts';

const GROUP: OptionSpec = { flags: '--group <name>', purpose: 'inventory group', required: true };

function checkImport(options: Options): void {
  if (options.flag('fromMvp') === (options.text('group') !== undefined)) return;
  throw new BrError(
    'usage',
    "option '--group <name>' belongs to '--from-mvp', and is needed there",
  );
}

export const INVENTORY_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'inventory list',
    purpose: 'groups and their tables',
    example: 'srbr inventory list --group daily',
    options: [{ flags: '--group <name>', purpose: 'this group only' }],
    load: async () => (await import('../commands/inventory.ts')).inventoryCommand('list'),
  },
  {
    name: 'inventory add',
    argument: '<table...>',
    purpose: 'add tables to a group: table, database.table or database.*',
    example: "srbr inventory add --group daily orders 'sales_eu.*'",
    options: [GROUP],
    load: async () => (await import('../commands/inventory.ts')).inventoryCommand('add'),
  },
  {
    name: 'inventory remove',
    argument: '<table...>',
    purpose: 'take tables out of a group',
    example: 'srbr inventory remove --group daily orders',
    options: [GROUP],
    load: async () => (await import('../commands/inventory.ts')).inventoryCommand('remove'),
  },
  {
    name: 'inventory validate',
    purpose: 'whether every database and table of the inventory is there',
    example: 'srbr inventory validate',
    options: [],
    load: async () => (await import('../commands/inventory.ts')).inventoryCommand('validate'),
  },
  {
    name: 'inventory import',
    argument: '<file>',
    purpose: 'add the groups of a YAML file: table_inventory, as in the configuration',
    example: 'srbr inventory import --from-mvp --group daily old-config.yaml',
    options: [
      { flags: '--from-mvp', purpose: 'the file has the list of tables of the first starrocks-br' },
      { flags: '--group <name>', purpose: 'with --from-mvp: the group they go into' },
      { flags: '--sync', purpose: "remove rows of the file's groups that it does not list" },
    ],
    check: checkImport,
    load: async () => (await import('../commands/inventory-file.ts')).runImport,
  },
  {
    name: 'inventory export',
    purpose: 'the groups as YAML, for inventory import or a configuration',
    example: 'srbr inventory export --output groups.yaml',
    options: [
      { flags: '--group <name>', purpose: 'this group only' },
      { flags: '--output <file>', purpose: 'into this file instead of standard output' },
    ],
    load: async () => (await import('../commands/inventory-file.ts')).runExport,
  },
];
