/** The options of `blob`: what a store is good for. */
import type { Command } from 'commander';
import { addStorageOptions, type StorageOptions, URL_HELP } from '../storage/storage-options.ts';

export interface BlobCheckOptions extends StorageOptions {
  readonly store?: string;
}

const EXIT_HELP = `
Exit codes: 0 every promise is kept, or broken only as --store says; 1 refused or failed;
10 a promise is broken; 130 interrupted.
Example: starrocks-emulator blob check s3://bucket/scratch`;

export function addBlobCommand(program: Command): void {
  const blob = program.command('blob').description('look at a store of repositories');
  addStorageOptions(
    blob
      .command('check')
      .description('whether a store keeps what repositories rely on: tried below a fresh directory')
      .argument('<url>', URL_HELP)
      .option('--store <name>', 'the product, whose known gaps are then no failure'),
  )
    .addHelpText('after', EXIT_HELP)
    .action(async (url: string, options: BlobCheckOptions) => {
      const { runBlobCheck } = await import('./blob-check.ts');
      await runBlobCheck(url, options);
    });
}
