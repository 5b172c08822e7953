/** `repo verify URL [LABEL...]`: what is whole, what is damaged, and what still restores. */
import { toPromise } from '../../../base/op.ts';
import { realRandom } from '../../../base/random.ts';
import { decodeManifest } from '../../../be-sim/manifest.ts';
import type { TabletHeader } from '../../../repository/inspect/check-tablet.ts';
import {
  type FoundRepository,
  listRepository,
  readRepoInfo,
} from '../../../repository/inspect/find-repositories.ts';
import type { SnapshotReport } from '../../../repository/inspect/snapshot-report.ts';
import { verifySnapshot } from '../../../repository/inspect/verify-snapshot.ts';
import { repoInfoKey } from '../../../repository/layout.ts';
import { runVerb, type VerbContext } from '../../run-verb.ts';
import { plural } from '../../ui/format.ts';
import { printable } from '../../ui/table.ts';
import type { RepoVerifyOptions } from '../repo-options.ts';
import { chosenLabels, type OpenPlace, withRepositories } from './open-repository.ts';
import { createFindingTeller, exitOf, tellReport, tellTotal } from './tell-verify.ts';
import { readVerifyInput, type VerifyInput } from './verify-input.ts';

export function runRepoVerify(
  url: string,
  labels: readonly string[],
  options: RepoVerifyOptions,
): Promise<void> {
  return runVerb(options, async (context) => {
    const input = readVerifyInput(options, realRandom);
    return await withRepositories(url, options, async (place) => {
      const reports: SnapshotReport[] = [];
      let strangers = 0;
      for (const repository of place.repositories) {
        const looked = await verifyOne(context, place, repository, labels, input);
        reports.push(...looked.reports);
        strangers += looked.strangers;
      }
      tellTotal(context.printer, reports);
      return exitOf(reports, strangers > 0);
    });
  });
}

/** The header of the emulator's backends; those of real ones nobody here can read. */
function readHeader(bytes: Uint8Array): TabletHeader | undefined {
  const manifest = decodeManifest(bytes);
  if (manifest === undefined) return undefined;
  const { tabletId, version, rowsets } = manifest;
  return { tabletId, version, files: rowsets.flatMap(({ files }) => files) };
}

async function verifyOne(
  { printer, checkpoint }: VerbContext,
  { storage, shown }: OpenPlace,
  repository: FoundRepository,
  asked: readonly string[],
  { level, sample }: VerifyInput,
): Promise<{ readonly reports: readonly SnapshotReport[]; readonly strangers: number }> {
  const { name, directory } = repository;
  const listing = await toPromise(listRepository(storage, directory));
  const labels = chosenLabels(asked, listing.labels, name);
  const isSampled = level === 'data' && sample.share < 1;
  const data = isSampled ? `${sample.share * 100}% of data, --seed ${sample.seed}` : level;
  printer.line({
    event: 'repository',
    look: 'title',
    text: `repository ${printable(name)} at ${shown}: ${plural(labels.length, 'snapshot')}, level ${data}`,
    facts: { name, url: shown, snapshots: labels.length, level, ...sample },
  });
  const teller = createFindingTeller(printer, directory);
  const info = await toPromise(readRepoInfo(storage, directory));
  if (info.state !== 'read') {
    const isMissing = info.state === 'missing';
    teller.tell({
      kind: isMissing ? 'missing' : 'unreadable',
      effect: 'leftover',
      key: repoInfoKey(directory),
      text: isMissing ? 'a cluster that attaches writes it anew' : info.text,
    });
  }
  for (const stranger of listing.strangers) {
    const text = 'nothing in a repository has this name';
    teller.tell({ kind: 'extra', effect: 'leftover', key: `${directory}/${stranger}`, text });
  }
  const strangers = listing.strangers.length + (info.state === 'read' ? 0 : 1);
  const reports: SnapshotReport[] = [];
  for (const label of labels) {
    checkpoint();
    const ofLabel = createFindingTeller(printer, directory);
    const report = await toPromise(
      verifySnapshot({
        storage,
        repository: directory,
        label,
        level,
        sample,
        isAskedFor: asked.length > 0,
        readHeader,
        tell: ofLabel.tell,
        onProgress: (progress) => printer.progress({ label: printable(label), ...progress }),
        checkpoint,
      }),
    );
    ofLabel.end();
    tellReport(printer, name, report);
    reports.push(report);
  }
  return { reports, strangers };
}
