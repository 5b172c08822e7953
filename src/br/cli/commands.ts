/** Every command, in the order of `srbr --help` (br-cli.md 2). */
import { BACKUP_COMMANDS } from './backup-commands.ts';
import type { CommandSpec, OptionSpec } from './command-spec.ts';
import { HISTORY_COMMANDS } from './history-commands.ts';
import { INVENTORY_COMMANDS } from './inventory-commands.ts';
import { RESTORE_COMMANDS } from './restore-commands.ts';
import { WATCH_COMMANDS } from './watch-commands.ts';

const DRY_RUN: OptionSpec = { flags: '--dry-run', purpose: 'tell what would be done, do nothing' };

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
  ...INVENTORY_COMMANDS,
  ...WATCH_COMMANDS,
];
