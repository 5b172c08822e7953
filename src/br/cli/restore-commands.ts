/** The options of `srbr restore` (br-cli.md 2). */
import { BrError } from '../errors.ts';
import type { CommandSpec } from './command-spec.ts';
import type { Options } from './options.ts';

function checkRestoreOptions(options: Options): void {
  const table = options.text('table');
  if (table !== undefined && options.text('group') !== undefined) {
    throw new BrError('table-name', '--group and --table cannot be given together');
  }
  if (table !== undefined && (table.trim() === '' || table.includes('.'))) {
    throw new BrError('table-name', `--table '${table}': the name of a table alone`, {
      advice: ['the database comes from the configuration'],
    });
  }
  const strategy = options.text('strategy');
  if (strategy !== undefined && !['auto', 'staged', 'in-place'].includes(strategy)) {
    throw new BrError('usage', `option --strategy: auto, staged or in-place, got '${strategy}'`);
  }
  const suffix = options.text('renameSuffix') ?? '';
  if (!/^[A-Za-z0-9_-]{1,60}$/.test(suffix)) {
    throw new BrError('usage', `option --rename-suffix: '${suffix}' is no end of a table's name`);
  }
  const ways = ['targetLabel', 'timestamp', 'resume', 'rollback'].filter(
    (name) => options.text(name) !== undefined,
  );
  if (ways.length !== 1) {
    throw new BrError(
      'usage',
      "one of option '--target-label', '--timestamp', '--resume', '--rollback' is needed",
    );
  }
  options.count('replicationNum', 1);
  options.span('waitForSlot');
}

export const RESTORE_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'restore',
    purpose: 'bring tables back to the state of a backup',
    example:
      'srbr restore --config config.yaml --target-label sales_db_20261014_full --table orders',
    options: [
      { flags: '--target-label <label>', purpose: 'the backup to restore' },
      { flags: '--timestamp <time>', purpose: 'or the newest backup not younger than this' },
      { flags: '--group <name>', purpose: 'only tables of this inventory group' },
      { flags: '--table <name>', purpose: 'only this table, without its database' },
      {
        flags: '--rename-suffix <suffix>',
        purpose: 'end of the names of temporary tables',
        fallback: '_restored',
      },
      { flags: '--yes', purpose: 'do not ask' },
      { flags: '--to-database <name>', purpose: 'restore into another database' },
      { flags: '--create-database', purpose: 'create the database if it is missing' },
      { flags: '--no-cutover', purpose: 'leave the restored tables under temporary names' },
      { flags: '--drop-old', purpose: 'drop the tables that were live instead of keeping them' },
      { flags: '--strategy <name>', purpose: 'auto (default), staged or in-place' },
      { flags: '--overwrite-temp', purpose: 'drop temporary tables of earlier runs first' },
      { flags: '--base <label>', purpose: 'the full backup, where lineage is not recorded' },
      { flags: '--replication-num <n>', purpose: 'replicas of the restored tables' },
      { flags: '--wait-for-slot <span>', purpose: 'wait for other jobs, e.g. 30m; without: fail' },
      { flags: '--timeout <seconds>', purpose: 'timeout of each job' },
      { flags: '--no-precheck', purpose: 'findings about disks are warnings' },
      { flags: '--dry-run', purpose: 'print the plan, change nothing' },
      { flags: '--resume <job>', purpose: 'go on with a restore that stopped' },
      { flags: '--rollback <job>', purpose: 'bring back the tables that a restore replaced' },
    ],
    check: checkRestoreOptions,
    load: async () => (await import('../commands/restore.ts')).runRestoreCommand,
  },
];
