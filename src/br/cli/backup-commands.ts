/** The options of `srbr backup full`, `incremental` and `auto` (br-cli.md 2). */
import { checkName } from '../backup/labels.ts';
import { BrError } from '../errors.ts';
import type { CommandSpec, OptionSpec } from './command-spec.ts';
import type { Options } from './options.ts';

/** The least that a frontend takes as a timeout of a job. */
const TIMEOUT_SECONDS_MIN = 600;

const COMMON: readonly OptionSpec[] = [
  { flags: '--group <name>', purpose: 'inventory group to back up', required: true },
  { flags: '--name <label>', purpose: 'label instead of database_date_type; X-v#r counts up' },
  { flags: '--database <name>', purpose: 'instead of the configured one; all: each of the group' },
  { flags: '--wait-for-slot <span>', purpose: 'wait for other jobs, e.g. 30m; without: fail' },
  { flags: '--timeout <seconds>', purpose: 'timeout of the job, at least 600' },
  { flags: '--ttl <span>', purpose: 'the server deletes the snapshot after it (4.2 on)' },
  { flags: '--detach', purpose: 'end when the server has accepted the job' },
  { flags: '--on-interrupt <what>', purpose: 'at SIGINT or SIGTERM: detach (default) or cancel' },
  { flags: '--no-precheck', purpose: 'findings about disks are warnings' },
  { flags: '--no-meta-snapshot', purpose: 'no snapshot of the ops database afterwards' },
  { flags: '--skip-broken-tables', purpose: 'leave out tables whose partitions cannot be read' },
  { flags: '--dry-run', purpose: 'print the BACKUP statement, send nothing that changes' },
];

const INCREMENTAL: readonly OptionSpec[] = [
  { flags: '--baseline-backup <label>', purpose: 'measure against this backup' },
  { flags: '--since <what>', purpose: 'last-full (default) or last-backup' },
  { flags: '--margin <span>', purpose: 'for baselines of upstream: how much earlier counts too' },
  { flags: '--allow-empty', purpose: 'success when nothing has changed' },
];

function checkBackupOptions(options: Options): void {
  const name = options.text('name');
  if (name !== undefined) checkName(name);
  options.count('timeout', TIMEOUT_SECONDS_MIN);
  options.span('waitForSlot');
  options.span('margin');
  choice(options, 'since', ['last-full', 'last-backup']);
  choice(options, 'onInterrupt', ['detach', 'cancel']);
}

function choice(options: Options, name: string, allowed: readonly string[]): void {
  const value = options.text(name);
  if (value === undefined || allowed.includes(value)) return;
  throw new BrError('usage', `option --${name}: expected ${allowed.join(' or ')}, got '${value}'`);
}

export const BACKUP_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'backup full',
    purpose: 'back up every table of a group',
    example: 'srbr backup full --config config.yaml --group daily',
    options: COMMON,
    check: checkBackupOptions,
    load: async () => (await import('../commands/backup.ts')).backupCommand('full'),
  },
  {
    name: 'backup incremental',
    purpose: 'back up what has changed since a full backup of the group',
    example: 'srbr backup incremental --config config.yaml --group daily',
    options: [...COMMON, ...INCREMENTAL],
    check: checkBackupOptions,
    load: async () => (await import('../commands/backup.ts')).backupCommand('incremental'),
  },
  {
    name: 'backup auto',
    purpose: 'full or incremental, by the rules of backup.auto in the configuration',
    example: 'srbr backup auto --config config.yaml --group daily',
    options: [...COMMON, { flags: '--allow-empty', purpose: 'success when nothing has changed' }],
    check: checkBackupOptions,
    load: async () => (await import('../commands/backup-auto.ts')).runBackupAuto,
  },
];
