/**
 * `blob check URL`: the conformance suite of all drivers against a user's own store, below a fresh
 * directory that is removed afterwards.
 */
import { SimError } from '../../base/errors.ts';
import { toPromise } from '../../base/op.ts';
import { realRandom, uuid } from '../../base/random.ts';
import { formatBytesShort } from '../../base/units.ts';
import { joinKey } from '../../blob/blob-key.ts';
import type { BlobGap } from '../../blob/conformance/case.ts';
import {
  type CaseOutcome,
  type CaseResult,
  checkStore,
} from '../../blob/conformance/check-store.ts';
import { KNOWN_GAPS } from '../../blob/conformance/known-gaps.ts';
import { type BlobFigures, BlobMetrics, withMetrics } from '../../blob/with-metrics.ts';
import { EXIT_FOUND, EXIT_OK } from '../exit-codes.ts';
import { runVerb } from '../run-verb.ts';
import { openLocation } from '../storage/open-location.ts';
import { formatCount, formatDuration } from '../ui/format.ts';
import type { Look, Printer } from '../ui/printer.ts';
import { printable } from '../ui/table.ts';
import type { BlobCheckOptions } from './blob-options.ts';

export function runBlobCheck(url: string, options: BlobCheckOptions): Promise<void> {
  return runVerb(options, async ({ printer, clock, checkpoint }) => {
    const gaps = gapsOf(options.store);
    const opened = await openLocation(url, options.property, process.env);
    const { root, shown } = opened;
    const metrics = new BlobMetrics();
    const storage = withMetrics(opened.storage, clock, metrics);
    const base = joinKey(root, `starrocks-emulator-check-${uuid(realRandom)}`);
    const text = `Checking ${printable(shown)} below ${base}`;
    printer.line({ event: 'check', look: 'title', text, facts: { url: shown, base } });
    try {
      const results = await toPromise(
        checkStore({
          storage,
          base,
          gaps,
          clock,
          checkpoint,
          onCase: (result) => tellCase(printer, result),
        }),
      );
      tellRequests(printer, metrics.figures());
      return tellSummary(printer, results);
    } finally {
      await toPromise(storage.close());
    }
  });
}

function gapsOf(store: string | undefined): readonly BlobGap[] {
  if (store === undefined) return [];
  const gaps = Object.hasOwn(KNOWN_GAPS, store) ? KNOWN_GAPS[store] : undefined;
  if (gaps !== undefined) return gaps;
  throw new SimError('bad-option', `--store: nothing is known of '${printable(store)}'`, {
    hint: `Known are: ${Object.keys(KNOWN_GAPS).join(', ')}.`,
  });
}

const LOOKS: Readonly<Record<CaseOutcome, Look>> = {
  kept: 'good',
  mended: 'good',
  gap: 'plain',
  broken: 'bad',
};

/** The width of the longest outcome. */
const OUTCOME_COLUMNS = 6;

function tellCase(printer: Printer, result: CaseResult): void {
  const { promise, outcome, text, ms } = result;
  const more = text === '' ? '' : `: ${printable(text)}`;
  printer.line({
    event: 'case',
    look: LOOKS[outcome],
    text: `  ${outcome.padEnd(OUTCOME_COLUMNS)}  ${promise}${more}`,
    facts: { promise, outcome, text, ms },
  });
}

function tellRequests(printer: Printer, figures: BlobFigures): void {
  const parts = Object.entries(figures).map(([operation, { requests, bytes, totalMs }]) => {
    const moved = bytes === 0 ? '' : ` ${formatBytesShort(bytes)}`;
    const eachMs = requests === 0 ? 0 : totalMs / requests;
    return `${operation} ${formatCount(requests)}${moved} ${formatDuration(eachMs)} each`;
  });
  const text = `Requests: ${parts.join(', ')}.`;
  printer.line({ event: 'requests', look: 'plain', text, facts: factsOf(figures) });
}

function factsOf(figures: BlobFigures): Record<string, Record<string, number>> {
  return Object.fromEntries(Object.entries(figures).map(([name, row]) => [name, { ...row }]));
}

function tellSummary(printer: Printer, results: readonly CaseResult[]): number {
  const count = (outcome: CaseOutcome): number =>
    results.filter((result) => result.outcome === outcome).length;
  const broken = count('broken');
  const gap = count('gap');
  const mended = count('mended');
  const kept = count('kept') + mended;
  const ms = results.reduce((sum, result) => sum + result.ms, 0);
  const parts = [
    `${formatCount(kept)} of ${formatCount(results.length)} promises kept`,
    ...(broken === 0 ? [] : [`${formatCount(broken)} broken`]),
    ...(gap === 0 ? [] : [`${formatCount(gap)} known gaps`]),
    ...(mended === 0 ? [] : [`${formatCount(mended)} known gaps are mended`]),
  ];
  printer.line({
    event: 'summary',
    look: broken === 0 ? 'good' : 'bad',
    text: `${parts.join(', ')}; ${formatDuration(ms)}. Nothing is left behind.`,
    facts: { total: results.length, kept, broken, gap, mended, ms },
  });
  return broken === 0 ? EXIT_OK : EXIT_FOUND;
}
