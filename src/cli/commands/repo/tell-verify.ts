/** How findings and verdicts of `repo verify` read, and which exit code they come to. */
import { formatBytesShort } from '../../../base/units.ts';
import type { BlobKey } from '../../../blob/blob-storage.ts';
import type { Effect, Finding } from '../../../repository/inspect/finding.ts';
import type { SnapshotReport, TableReport } from '../../../repository/inspect/snapshot-report.ts';
import { EXIT_FOUND, EXIT_LEFTOVERS, EXIT_OK, EXIT_UNKNOWN } from '../../exit-codes.ts';
import { formatCount, plural } from '../../ui/format.ts';
import type { Look, Printer } from '../../ui/printer.ts';
import { printable } from '../../ui/table.ts';

/** Findings of a snapshot that people are shown; programs get all of them. */
export const FINDINGS_SHOWN_MAX = 100;

const LOOKS: Readonly<Record<Effect, Look>> = { hurts: 'bad', unknown: 'step', leftover: 'plain' };

const NAMES_SHOWN_MAX = 8;

const KIND_COLUMNS = 12;

export interface FindingTeller {
  readonly tell: (finding: Finding) => void;
  /** Says how many more there were than were shown. */
  end(): void;
}

/** Keys are shown from the directory of the repository on. */
export function createFindingTeller(printer: Printer, directory: BlobKey): FindingTeller {
  let count = 0;
  return {
    tell: (finding) => {
      count += 1;
      const facts = { ...finding };
      if (count > FINDINGS_SHOWN_MAX) {
        // Programs read the facts; the text stays empty for people, who get a count at the end.
        printer.line({ event: 'finding', look: 'hidden', text: '', facts });
        return;
      }
      const { kind, effect, key, text } = finding;
      const below = key.startsWith(`${directory}/`) ? key.slice(directory.length + 1) : key;
      const more = `${printable(below)}: ${printable(text)}${placeOf(finding)}`;
      printer.line({
        event: 'finding',
        look: LOOKS[effect],
        text: `  ${kind.padEnd(KIND_COLUMNS)} ${more}`,
        facts,
      });
    },
    end: () => {
      const more = count - FINDINGS_SHOWN_MAX;
      if (more <= 0) return;
      const text = `  and ${formatCount(more)} more; --json shows all`;
      printer.line({ event: 'more', look: 'plain', text });
    },
  };
}

function placeOf({ table, partition }: Finding): string {
  if (table === undefined) return '';
  const of = partition === undefined ? '' : `, partition ${printable(partition)}`;
  return ` (table ${printable(table)}${of})`;
}

export function tellReport(printer: Printer, repository: string, report: SnapshotReport): void {
  const { label, verdict, hasLeftovers, tables } = report;
  const look: Look = verdict === 'whole' ? 'good' : verdict === 'damaged' ? 'bad' : 'step';
  printer.line({
    event: 'snapshot',
    look,
    text: `  ${printable(label)}: ${sentenceOf(report)}`,
    facts: {
      repository,
      ...report,
      timestamp: report.timestamp ?? null,
      exit: exitOf([report], false),
      tables: tables.map((table) => ({ ...table })),
      findings: { ...report.findings },
    },
  });
  for (const table of tables) {
    if (table.verdict !== 'damaged') continue;
    printer.line({ event: 'table', look: 'bad', text: `    ${tableText(table)}` });
  }
  const { unjudgedTablets, tabletCount } = report;
  if (unjudgedTablets > 0) {
    const text =
      `    unknown: whether all files of ${formatCount(unjudgedTablets)} of ` +
      `${formatCount(tabletCount)} tablets are there; their headers are not the emulator's`;
    printer.line({ event: 'unknown', look: 'step', text });
  }
  if (hasLeftovers) {
    const text = '    there are leftovers, which no restore needs';
    printer.line({ event: 'leftovers', look: 'plain', text });
  }
}

function sentenceOf(report: SnapshotReport): string {
  const { fileCount, sizeBytes, filesRead, bytesRead } = report;
  const looked =
    `${formatCount(fileCount)} files, ${formatBytesShort(sizeBytes)}; ` +
    `read ${formatCount(filesRead)} files, ${formatBytesShort(bytesRead)}`;
  return `${restoresText(report)} (${looked})`;
}

function restoresText({ restores, tables, timestamp, verdict }: SnapshotReport): string {
  switch (restores) {
    case 'yes':
      return 'restores';
    case 'no':
      return timestamp === undefined ? 'is no snapshot, nothing restores' : 'does not restore';
    case 'unknown':
      return verdict === 'damaged'
        ? 'restores in part at best'
        : 'nothing wrong was seen, but whether it restores cannot be told';
    case 'partly': {
      const whole = tables.filter(({ verdict }) => verdict === 'whole').map(({ name }) => name);
      return `restores in part, ON (${listed(whole)})`;
    }
  }
}

function tableText({ name, partitionCount, damagedPartitions }: TableReport): string {
  const damaged = `damaged: ${printable(name)}`;
  if (damagedPartitions.length === 0) return damaged;
  const counts = `${formatCount(damagedPartitions.length)} of ${formatCount(partitionCount)}`;
  return `${damaged}: ${counts} partitions, ${listed(damagedPartitions)}`;
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMES_SHOWN_MAX ? ', ...' : '';
  return printable(`${names.slice(0, NAMES_SHOWN_MAX).join(', ')}${more}`);
}

export function tellTotal(printer: Printer, reports: readonly SnapshotReport[]): void {
  const count = (verdict: SnapshotReport['verdict']): number =>
    reports.filter((report) => report.verdict === verdict).length;
  const facts = {
    snapshots: reports.length,
    whole: count('whole'),
    damaged: count('damaged'),
    unknown: count('unknown'),
  };
  const parts = [
    `${formatCount(facts.whole)} of ${plural(facts.snapshots, 'snapshot')} whole`,
    ...(facts.damaged === 0 ? [] : [`${formatCount(facts.damaged)} damaged`]),
    ...(facts.unknown === 0 ? [] : [`${formatCount(facts.unknown)} not to be judged`]),
  ];
  const look: Look = facts.damaged > 0 ? 'bad' : facts.unknown > 0 ? 'step' : 'good';
  printer.line({ event: 'summary', look, text: parts.join(', '), facts });
}

/** Damage outweighs what is unknown, and that the leftovers. */
export function exitOf(reports: readonly SnapshotReport[], hasStrangers: boolean): number {
  if (reports.some(({ verdict }) => verdict === 'damaged')) return EXIT_FOUND;
  if (reports.some(({ verdict }) => verdict === 'unknown')) return EXIT_UNKNOWN;
  const hasLeftovers = hasStrangers || reports.some((report) => report.hasLeftovers);
  return hasLeftovers ? EXIT_LEFTOVERS : EXIT_OK;
}
