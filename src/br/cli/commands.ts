/** Every command, in the order of `srbr --help` (br-cli.md 2). */
import { BACKUP_COMMANDS } from './backup-commands.ts';
import type { CommandSpec, OptionSpec } from './command-spec.ts';
import { HISTORY_COMMANDS } from './history-commands.ts';
import { RESTORE_COMMANDS } from './restore-commands.ts';

const DRY_RUN: OptionSpec = { flags: '--dry-run', purpose: 'tell what would be done, do nothing' };

const GROUP: OptionSpec = { flags: '--group <name>', purpose: 'inventory group', required: true };

export const COMMANDS: readonly CommandSpec[] = [
  {
    name: 'init',
    purpose: 'create the ops database and its tables, load the inventory of the configuration',
    example: 'srbr init --config config.yaml',
    options: [
      { flags: '--sync-inventory', purpose: 'remove rows that the configuration no longer lists' },
      { flags: '--migrate', purpose: 'bring tables of older layouts up to date' },
      DRY_RUN,
    ],
    load: async () => (await import('../commands/init.ts')).runInit,
  },
  ...BACKUP_COMMANDS,
  ...RESTORE_COMMANDS,
  ...HISTORY_COMMANDS,
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
];
