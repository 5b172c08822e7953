/** The options of `repo`: looking at repositories without a cluster. */
import { type Command, Option } from 'commander';
import {
  addStorageOptions,
  collect,
  type StorageOptions,
  URL_HELP,
} from '../storage/storage-options.ts';

export interface RepoOptions extends StorageOptions {
  readonly repository?: string;
}

export interface RepoShowOptions extends RepoOptions {
  readonly partitions: boolean;
}

export interface RepoVerifyOptions extends RepoOptions {
  readonly level: 'files' | 'metadata' | 'data';
  readonly readData?: string | true;
  readonly seed?: string;
}

export interface RepoDiffOptions extends RepoOptions {
  readonly snapshot?: string;
  readonly with?: string;
  readonly otherProperty: readonly string[];
}

const PLACE_HELP = `the location of a repository, or its directory: ${URL_HELP}`;

export function addRepoCommand(program: Command): void {
  const repo = program
    .command('repo')
    .description('look at a repository of StarRocks or Apache Doris, without a cluster');
  addLs(repo);
  addShow(repo);
  addVerify(repo);
  addDiff(repo);
  addDu(repo);
}

function addRepoOptions(command: Command): Command {
  return addStorageOptions(command).option(
    '--repository <name>',
    'of several at the location, this one alone',
  );
}

function addLs(repo: Command): void {
  addRepoOptions(
    repo
      .command('ls')
      .description('the repositories at a location, and their snapshots')
      .argument('<url>', PLACE_HELP),
  )
    .addHelpText('after', '\nExample: starrocks-emulator repo ls s3://bucket/backups')
    .action(async (url: string, options: RepoOptions) => {
      const { runRepoLs } = await import('./repo/ls.ts');
      await runRepoLs(url, options);
    });
}

function addShow(repo: Command): void {
  addRepoOptions(
    repo
      .command('show')
      .description('what a snapshot holds: objects, partitions, tablets')
      .argument('<url>', PLACE_HELP)
      .argument('<label>', 'the snapshot')
      .option('--partitions', 'a line for each partition too', false),
  )
    .addHelpText('after', '\nExample: starrocks-emulator repo show ./backups monday')
    .action(async (url: string, label: string, options: RepoShowOptions) => {
      const { runRepoShow } = await import('./repo/show.ts');
      await runRepoShow(url, label, options);
    });
}

const VERIFY_HELP = `
Levels, each with all of those before it:
  files     every file that the snapshot lists is there, at the size that is recorded
  metadata  __info and __meta can be read and do not contradict each other
  data      every byte is the one that its file's name promises
Exit codes: 0 all is well; 1 refused or failed; 10 damage; 11 nothing wrong was seen, but not all
could be judged, such as files of a real cluster; 12 all is well beside leftovers; 130 interrupted.
Example: starrocks-emulator repo verify s3://bucket/backups monday --read-data 5%`;

function addVerify(repo: Command): void {
  addRepoOptions(
    repo
      .command('verify')
      .description('whether snapshots are whole, and what still restores')
      .argument('<url>', PLACE_HELP)
      .argument('[labels...]', 'snapshots; all of them without a word')
      .addOption(
        new Option('--level <level>', 'how far to look')
          .choices(['files', 'metadata', 'data'])
          .default('metadata'),
      )
      .option('--read-data [share]', 'reads all files of data, or a share of them such as 5%')
      .option('--seed <text>', 'chooses the share; the same text chooses the same files'),
  )
    .addHelpText('after', VERIFY_HELP)
    .action(async (url: string, labels: readonly string[], options: RepoVerifyOptions) => {
      const { runRepoVerify } = await import('./repo/verify.ts');
      await runRepoVerify(url, labels, options);
    });
}

const DIFF_HELP = `
Exit codes: 0 the same; 1 refused or failed; 10 different; 130 interrupted.
Examples: starrocks-emulator repo diff ./backups --snapshot monday --with tuesday
          starrocks-emulator repo diff ./backups s3://bucket/copy --snapshot monday`;

function addDiff(repo: Command): void {
  addRepoOptions(
    repo
      .command('diff')
      .description('two snapshots, or two copies of a repository, table by table')
      .argument('<url>', PLACE_HELP)
      .argument('[other]', 'another place; without it both snapshots lie at the first')
      .option('--snapshot <label>', 'the snapshot; of two places, all without a word')
      .option('--with <label>', 'the other snapshot; the same label without a word')
      .addOption(
        new Option('--other-property <key=value>', 'for the other place, in place of --property')
          .argParser(collect)
          .default([], 'none'),
      ),
  )
    .addHelpText('after', DIFF_HELP)
    .action(async (url: string, other: string | undefined, options: RepoDiffOptions) => {
      const { runRepoDiff } = await import('./repo/diff.ts');
      await runRepoDiff(url, other, options);
    });
}

function addDu(repo: Command): void {
  addRepoOptions(
    repo
      .command('du')
      .description('what snapshots and their tables take, and what is there more than once')
      .argument('<url>', PLACE_HELP)
      .argument('[labels...]', 'snapshots; all of them without a word'),
  )
    .addHelpText('after', '\nExample: starrocks-emulator repo du ./backups')
    .action(async (url: string, labels: readonly string[], options: RepoOptions) => {
      const { runRepoDu } = await import('./repo/du.ts');
      await runRepoDu(url, labels, options);
    });
}
