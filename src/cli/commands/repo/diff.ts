/** `repo diff URL [OTHER]`: two snapshots of one place, or the same snapshots at two places. */
import { SimError } from '../../../base/errors.ts';
import { toPromise } from '../../../base/op.ts';
import { formatBytesShort } from '../../../base/units.ts';
import {
  compareSnapshots,
  type FileChanges,
  type PartitionDifference,
  type Side,
  type TableDifference,
} from '../../../repository/inspect/compare-snapshots.ts';
import {
  type FoundRepository,
  listRepository,
} from '../../../repository/inspect/find-repositories.ts';
import { readSnapshot } from '../../../repository/inspect/read-snapshot.ts';
import { EXIT_FOUND, EXIT_OK } from '../../exit-codes.ts';
import { runVerb, type VerbContext } from '../../run-verb.ts';
import { formatCount } from '../../ui/format.ts';
import type { Printer } from '../../ui/printer.ts';
import { printable } from '../../ui/table.ts';
import type { RepoDiffOptions } from '../repo-options.ts';
import { type OpenPlace, onlyRepository, withRepositories } from './open-repository.ts';

export function runRepoDiff(
  url: string,
  other: string | undefined,
  options: RepoDiffOptions,
): Promise<void> {
  const { snapshot, otherProperty, property } = options;
  const there = { ...options, property: otherProperty.length === 0 ? property : otherProperty };
  return runVerb(options, (context) =>
    withRepositories(url, options, async (first) => {
      if (other !== undefined) {
        return await withRepositories(other, there, (second) =>
          comparePlaces(context, first, second, options),
        );
      }
      if (snapshot !== undefined && options.with !== undefined) {
        return await comparePlaces(context, first, first, options);
      }
      throw new SimError('bad-option', 'one place needs --snapshot and --with', {
        hint: 'Name two snapshots of it, or another place to compare with.',
      });
    }),
  );
}

async function comparePlaces(
  context: VerbContext,
  first: OpenPlace,
  second: OpenPlace,
  options: RepoDiffOptions,
): Promise<number> {
  const { snapshot } = options;
  const ours = await onlyRepository(first, snapshot);
  const theirs = await onlyRepository(second, options.with ?? snapshot);
  const pairs =
    snapshot === undefined
      ? await pairsOf(context.printer, [first, ours], [second, theirs])
      : { pairs: [[snapshot, options.with ?? snapshot] as const], isSame: true };
  let { isSame } = pairs;
  for (const [a, b] of pairs.pairs) {
    context.checkpoint();
    const left = await sideOf(first, ours, a);
    const right = await sideOf(second, theirs, b);
    isSame = (await comparePair(context.printer, left, right)) && isSame;
  }
  const text = isSame ? 'The same.' : 'They differ.';
  const look = isSame ? 'good' : 'bad';
  context.printer.line({ event: 'summary', look, text, facts: { same: isSame } });
  return isSame ? EXIT_OK : EXIT_FOUND;
}

interface Pairs {
  readonly pairs: readonly (readonly [string, string])[];
  readonly isSame: boolean;
}

/** Labels that both have; those of one side alone are a difference. */
async function pairsOf(
  printer: Printer,
  [first, ours]: readonly [OpenPlace, FoundRepository],
  [second, theirs]: readonly [OpenPlace, FoundRepository],
): Promise<Pairs> {
  const a = (await toPromise(listRepository(first.storage, ours.directory))).labels;
  const b = (await toPromise(listRepository(second.storage, theirs.directory))).labels;
  const only = (label: string, side: 'first' | 'second'): void =>
    printer.line({
      event: 'snapshot',
      look: 'bad',
      text: `${printable(label)}: only in the ${side}`,
      facts: { label, difference: `only in ${side}` },
    });
  const onlyA = a.filter((label) => !b.includes(label));
  const onlyB = b.filter((label) => !a.includes(label));
  for (const label of onlyA) only(label, 'first');
  for (const label of onlyB) only(label, 'second');
  const both = a.filter((label) => b.includes(label));
  return {
    pairs: both.map((label) => [label, label]),
    isSame: onlyA.length + onlyB.length === 0,
  };
}

async function sideOf(
  { storage }: OpenPlace,
  { directory }: FoundRepository,
  label: string,
): Promise<Side> {
  const snapshot = await toPromise(readSnapshot(storage, directory, label));
  return { storage, repository: directory, snapshot };
}

async function comparePair(printer: Printer, first: Side, second: Side): Promise<boolean> {
  const [a, b] = [first.snapshot, second.snapshot];
  const times = [a.file.timestamp, b.file.timestamp] as const;
  const isSameTime = times[0] === times[1];
  const names = a.label === b.label ? a.label : `${a.label} and ${b.label}`;
  const shownTimes = isSameTime ? times[0] : times.join(' and ');
  printer.line({
    event: 'snapshot',
    look: 'title',
    text: `${printable(names)}, ${printable(shownTimes)}`,
    facts: { label: a.label, other: b.label, timestamps: times },
  });
  // Of copies of one snapshot the metadata must be the same too; of two snapshots it never is.
  const isCopy = a.label === b.label;
  const isSameMeta =
    !isCopy || (a.file.md5 === b.file.md5 && a.listed.metas[0]?.md5 === b.listed.metas[0]?.md5);
  if (!isSameMeta) {
    printer.line({
      event: 'metadata',
      look: 'bad',
      text: '  __info or __meta differ: these are two backups under one label',
      facts: { label: a.label, difference: 'changed' },
    });
  }
  const isSame = await toPromise(
    compareSnapshots(first, second, (table) => tellTable(printer, table)),
  );
  return isSame && isSameMeta;
}

function tellTable(printer: Printer, difference: TableDifference): void {
  const { table, notes, partitions } = difference;
  const more = notes.length === 0 ? '' : `: ${notes.join('; ')}`;
  printer.line({
    event: 'table',
    look: difference.difference === 'same' ? 'plain' : 'bad',
    text: `  ${difference.difference.padEnd(14)} ${printable(table)}${more}`,
    facts: {
      ...difference,
      partitions: partitions.map((one) => ({ ...one, files: { ...one.files } })),
    },
  });
  for (const one of partitions) {
    const text = `    ${one.difference.padEnd(14)} ${partitionText(one)}`;
    printer.line({ event: 'partition', look: 'plain', text });
  }
}

function partitionText({ partition, versions: [a, b], files }: PartitionDifference): string {
  const version = a === b ? `version ${a}` : `version ${a ?? '-'}, then ${b ?? '-'}`;
  return `${printable(partition)}: ${version}; ${filesText(files)}`;
}

function filesText(files: FileChanges): string {
  const parts = (['added', 'removed', 'changed', 'same'] as const)
    .filter((kind) => files[kind] > 0)
    .map((kind) => `${formatCount(files[kind])} ${kind}`);
  const sizes = `+${formatBytesShort(files.addedBytes)} -${formatBytesShort(files.removedBytes)}`;
  return parts.length === 0 ? 'no files' : `files: ${parts.join(', ')} (${sizes})`;
}
