/** `repo du URL [LABEL...]`: what snapshots and tables take, and what lies there more than once. */
import { SimError } from '../../../base/errors.ts';
import { attempt, toPromise } from '../../../base/op.ts';
import { formatBytesShort } from '../../../base/units.ts';
import {
  type FoundRepository,
  listRepository,
} from '../../../repository/inspect/find-repositories.ts';
import { type ReadSnapshot, readSnapshot } from '../../../repository/inspect/read-snapshot.ts';
import { type RepositoryUsage, type Usage, usageOf } from '../../../repository/inspect/usage.ts';
import { EXIT_OK, EXIT_UNKNOWN } from '../../exit-codes.ts';
import { runVerb, type VerbContext } from '../../run-verb.ts';
import { formatCount } from '../../ui/format.ts';
import type { Printer } from '../../ui/printer.ts';
import { printable, tableLines } from '../../ui/table.ts';
import type { RepoOptions } from '../repo-options.ts';
import { chosenLabels, type OpenPlace, withRepositories } from './open-repository.ts';

export function runRepoDu(
  url: string,
  labels: readonly string[],
  options: RepoOptions,
): Promise<void> {
  return runVerb(options, (context) =>
    withRepositories(url, options, async (place) => {
      let exit = EXIT_OK;
      for (const repository of place.repositories) {
        exit = Math.max(exit, await tellOne(context, place, repository, labels));
      }
      return exit;
    }),
  );
}

/** Snapshots without a readable `__info` are named, and counted in no sum. */
async function tellOne(
  { printer, checkpoint }: VerbContext,
  { storage, shown }: OpenPlace,
  { name, directory }: FoundRepository,
  asked: readonly string[],
): Promise<number> {
  const listing = await toPromise(listRepository(storage, directory));
  const read: ReadSnapshot[] = [];
  const unread: SimError[] = [];
  const labels = chosenLabels(asked, listing.labels, name);
  for (const label of labels) {
    checkpoint();
    const outcome = await toPromise(attempt(readSnapshot(storage, directory, label)));
    if (outcome.ok) read.push(outcome.value);
    else unread.push(ofSnapshot(outcome.error));
  }
  const total = read.length;
  const usage = await toPromise(
    usageOf(storage, directory, read, (done) => {
      checkpoint();
      printer.progress({ label: printable(name), unit: 'snapshots', done, total });
    }),
  );
  tellUsage(printer, name, shown, usage);
  for (const { message } of unread) {
    const text = `  not counted: ${printable(message)}`;
    printer.line({ event: 'uncounted', look: 'bad', text, facts: { text: message } });
  }
  return unread.length === 0 ? EXIT_OK : EXIT_UNKNOWN;
}

function ofSnapshot(error: unknown): SimError {
  const isHere =
    error instanceof SimError &&
    (error.code === 'metadata-unreadable' || error.code === 'checksum-mismatch');
  if (!isHere) throw error;
  return error;
}

function tellUsage(printer: Printer, name: string, shown: string, usage: RepositoryUsage): void {
  const { snapshots, sizeBytes, distinctBytes, fileCount, sharedFiles, sharedBytes } = usage;
  const sum = `${formatCount(fileCount)} files, ${formatBytesShort(sizeBytes)}`;
  printer.line({
    event: 'repository',
    look: 'title',
    text:
      `repository ${printable(name)} at ${shown}: ${sum}; ` +
      `${formatBytesShort(distinctBytes)} if every file were kept once`,
    facts: { name, url: shown, fileCount, sizeBytes, sharedFiles, sharedBytes, distinctBytes },
  });
  const rows: (readonly string[])[] = [];
  for (const { label, tables, ...whole } of snapshots) {
    rows.push([label, '', ...numbers(whole)]);
    for (const { table, ...of } of tables) rows.push(['', table, ...numbers(of)]);
    const facts = { repository: name, label, ...whole, tables: tables.map((one) => ({ ...one })) };
    printer.line({ event: 'snapshot', look: 'hidden', text: '', facts });
  }
  if (rows.length === 0) return;
  const lines = tableLines(
    [
      { title: 'SNAPSHOT' },
      { title: 'TABLE' },
      { title: 'FILES', isNumber: true },
      { title: 'SIZE', isNumber: true },
      { title: 'ALSO ELSEWHERE', isNumber: true },
    ],
    rows,
  );
  for (const [at, line] of lines.entries()) {
    printer.line({ event: 'row', look: at === 0 ? 'step' : 'plain', text: `  ${line}` });
  }
}

function numbers({ fileCount, sizeBytes, sharedBytes }: Usage): readonly string[] {
  return [formatCount(fileCount), formatBytesShort(sizeBytes), formatBytesShort(sharedBytes)];
}
