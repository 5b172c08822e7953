/** The options of the commands that look at backups, delete them, or mend their books. */
import { BrError } from '../errors.ts';
import type { CommandSpec } from './command-spec.ts';
import type { Options } from './options.ts';

const PRUNE_HELP = ['srbr prune --help lists the rules, with an example'];

/** Exit code 1, as upstream has it for these. */
function checkPruneOptions(options: Options): void {
  const texts = ['keepLast', 'olderThan', 'snapshot', 'snapshots'];
  const given = texts.filter((name) => options.text(name) !== undefined).length;
  const flags = ['policy', 'reverseOrphans'].filter((name) => options.flag(name)).length;
  if (given + flags !== 1) {
    throw new BrError(
      'config',
      'give one of --keep-last, --older-than, --snapshot, --snapshots, --policy, --reverse-orphans',
      { advice: PRUNE_HELP },
    );
  }
  const keep = options.text('keepLast');
  if (keep !== undefined && !/^[1-9]\d*$/.test(keep)) {
    const message = `--keep-last: a whole number from 1 on, got '${keep}'`;
    throw new BrError('config', message, { advice: PRUNE_HELP });
  }
}

export const HISTORY_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'list',
    purpose: 'backups, how they ended and where they are',
    example: 'srbr list --group daily --limit 10',
    options: [
      { flags: '--group <name>', purpose: 'of this group' },
      { flags: '--type <type>', purpose: 'full or incremental' },
      { flags: '--status <status>', purpose: 'FINISHED, FAILED, CANCELLED, TIMEOUT or LOST' },
      { flags: '--since <time>', purpose: 'begun at this time of the cluster or later' },
      { flags: '--limit <n>', purpose: 'the newest so many' },
      { flags: '--tsv', purpose: 'columns apart by tabs' },
      { flags: '--mvp', purpose: 'with --tsv: the columns of the first starrocks-br' },
    ],
    load: async () => (await import('../commands/list.ts')).runList,
  },
  {
    name: 'show',
    argument: '<label>',
    purpose: 'one backup: what it holds, what it stands on, what stands on it',
    example: 'srbr show sales_db_20261014_full',
    options: [],
    load: async () => (await import('../commands/list.ts')).runShow,
  },
  {
    name: 'status',
    purpose: 'slots and jobs that are active now',
    example: 'srbr status',
    options: [],
    load: async () => (await import('../commands/status.ts')).runStatus,
  },
  {
    name: 'cancel',
    purpose: 'cancel the running job and free its slot',
    example: 'srbr cancel --label sales_db_20261014_full',
    options: [{ flags: '--label <label>', purpose: 'the job of this label, in any database' }],
    load: async () => (await import('../commands/status.ts')).runCancel,
  },
  {
    name: 'reconcile',
    purpose: 'bring history and slots to what frontend and repository say',
    example: 'srbr reconcile --label sales_db_20261014_full',
    options: [{ flags: '--label <label>', purpose: 'this one only, however young its slot is' }],
    load: async () => (await import('../commands/status.ts')).runReconcile,
  },
  {
    name: 'verify',
    argument: '<label>',
    purpose: 'whether a backup could be restored, without restoring it',
    example: 'srbr verify sales_db_20261014_full',
    options: [{ flags: '--base <label>', purpose: 'the full backup, where lineage is not known' }],
    load: async () => (await import('../commands/verify.ts')).runVerify,
  },
  {
    name: 'prune',
    purpose: 'delete backups that a rule no longer wants',
    example: 'srbr prune --keep-last 7 --group daily',
    options: [
      { flags: '--group <name>', purpose: 'backups of this group only' },
      { flags: '--keep-last <n>', purpose: 'keep the newest so many, and what they stand on' },
      { flags: '--older-than <time>', purpose: 'finished before this time, or longer ago: 30d' },
      { flags: '--snapshot <label>', purpose: 'this one' },
      { flags: '--snapshots <labels>', purpose: 'these, with commas' },
      { flags: '--policy', purpose: 'by the retention section of the configuration' },
      { flags: '--keep-daily <n>', purpose: 'with --policy: the last of so many days' },
      { flags: '--keep-weekly <n>', purpose: 'with --policy: the last of so many weeks' },
      { flags: '--keep-monthly <n>', purpose: 'with --policy: the last of so many months' },
      { flags: '--keep-within <span>', purpose: 'with --policy: everything younger' },
      { flags: '--reverse-orphans', purpose: 'records whose snapshot the repository has lost' },
      {
        flags: '--storage-delete',
        purpose: 'delete in the store what the frontend cannot (storage in the configuration)',
      },
      { flags: '--cascade', purpose: 'also delete what stands on a deleted backup' },
      { flags: '--dry-run', purpose: 'tell what would be deleted' },
      { flags: '--yes', purpose: 'do not ask' },
    ],
    check: checkPruneOptions,
    load: async () => (await import('../commands/prune.ts')).runPrune,
  },
  {
    name: 'bootstrap',
    purpose: 'on a new cluster: history and manifests from the repository',
    example: 'srbr bootstrap --repository-sql create-repository.sql',
    options: [
      { flags: '--repository-sql <file>', purpose: 'statement that creates the repository' },
    ],
    load: async () => (await import('../commands/bootstrap.ts')).runBootstrap,
  },
  {
    name: 'doctor',
    purpose: 'every check before a backup, one line each; changes nothing',
    example: 'srbr doctor',
    options: [],
    load: async () => (await import('../commands/verify.ts')).runDoctor,
  },
];
