#!/usr/bin/env node
/**
 * The program `starrocks-emulator`: reads the command line and hands over to one file per verb.
 * Verbs are loaded when they are called, so that `--help` and a start wait for nothing they do not
 * need.
 */
import { Command, CommanderError } from 'commander';
import { asSimError } from '../base/errors.ts';
import { addBlobCommand } from './commands/blob-options.ts';
import { addDemoCommand } from './commands/demo-options.ts';
import { addRepoCommand } from './commands/repo-options.ts';
import { addSimulateCommand } from './commands/simulate-options.ts';
import { addStartCommand } from './commands/start-options.ts';
import { EXIT_FAILED, EXIT_OK } from './exit-codes.ts';
import { printFailure } from './ui/failure.ts';

const program: Command = new Command('starrocks-emulator')
  .description('A StarRocks cluster that is not one: backup and restore you can trust and crash.')
  .version('0.1.0')
  .exitOverride()
  .configureOutput({ writeErr: (text) => process.stderr.write(text) })
  .showSuggestionAfterError();

addStartCommand(program);
addDemoCommand(program);
addRepoCommand(program);
addBlobCommand(program);
addSimulateCommand(program);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT_OK : EXIT_FAILED;
  } else {
    printFailure(asSimError(error));
  }
}
