/** `repo ls URL`: repositories and their snapshots, each with what its `__info` says. */
import { SimError } from '../../../base/errors.ts';
import { attempt, toPromise } from '../../../base/op.ts';
import { formatDateTime } from '../../../base/time-zone.ts';
import {
  type FoundRepository,
  listRepository,
  type RepoInfoState,
  readRepoInfo,
} from '../../../repository/inspect/find-repositories.ts';
import { readSnapshot } from '../../../repository/inspect/read-snapshot.ts';
import { tabletCountOf } from '../../../repository/inspect/snapshot-contents.ts';
import { EXIT_OK } from '../../exit-codes.ts';
import { runVerb, type VerbContext } from '../../run-verb.ts';
import { formatCount } from '../../ui/format.ts';
import { printable, tableLines } from '../../ui/table.ts';
import type { RepoOptions } from '../repo-options.ts';
import { type OpenPlace, withRepositories } from './open-repository.ts';

export function runRepoLs(url: string, options: RepoOptions): Promise<void> {
  return runVerb(options, (context) =>
    withRepositories(url, options, async (place) => {
      for (const repository of place.repositories) await listOne(context, place, repository);
      return EXIT_OK;
    }),
  );
}

/** What is told of a snapshot; without a readable info, only why. */
interface Row {
  readonly label: string;
  readonly timestamp: string | null;
  readonly database: string | null;
  readonly tables: number | null;
  readonly tablets: number | null;
  readonly writer: string | null;
  readonly expires: string | null;
  readonly status: string;
}

async function listOne(
  { printer, checkpoint }: VerbContext,
  { storage, shown }: OpenPlace,
  repository: FoundRepository,
): Promise<void> {
  const { name, prefix, directory } = repository;
  const info = await toPromise(readRepoInfo(storage, directory));
  const { labels } = await toPromise(listRepository(storage, directory));
  printer.line({
    event: 'repository',
    look: 'title',
    text: `repository ${printable(name)} at ${shown}${createdText(name, info)}`,
    facts: { name, prefix, url: shown, snapshots: labels.length, info: { ...info } },
  });
  const rows: Row[] = [];
  for (const label of labels) {
    checkpoint();
    rows.push(await rowOf(storage, directory, label));
  }
  for (const [at, text] of linesOf(rows).entries()) {
    const row = rows[at - 1];
    const facts = row === undefined ? {} : { facts: { repository: name, ...row } };
    printer.line({ event: 'snapshot', look: at === 0 ? 'step' : 'plain', text, ...facts });
  }
}

function createdText(name: string, info: RepoInfoState): string {
  switch (info.state) {
    case 'read':
      return `, made ${info.created}${info.name === name ? '' : ` as ${printable(info.name)}`}`;
    case 'missing':
      return ', without __repo_info: a cluster would make it anew';
    case 'unreadable':
      return `, its __repo_info cannot be read: ${printable(info.text)}`;
  }
}

async function rowOf(
  storage: OpenPlace['storage'],
  directory: string,
  label: string,
): Promise<Row> {
  const nothing = { timestamp: null, database: null, tables: null, tablets: null };
  const read = await toPromise(attempt(readSnapshot(storage, directory, label)));
  if (!read.ok) {
    const { error } = read;
    if (!(error instanceof SimError) || !isOfSnapshot(error)) throw error;
    return { label, ...nothing, writer: null, expires: null, status: error.message };
  }
  const { file, contents, listed } = read.value;
  const { info, writer } = contents;
  const isUsual = listed.infos.length === 1 && listed.metas.length === 1;
  return {
    label,
    timestamp: file.timestamp,
    database: info.dbName === '' ? null : info.dbName,
    tables: info.tables.size,
    tablets: tabletCountOf(contents),
    writer,
    expires: info.expireTimeMs === undefined ? null : formatDateTime(info.expireTimeMs, 'UTC'),
    status: isUsual
      ? 'ok'
      : `${listed.infos.length} files __info and ${listed.metas.length} __meta`,
  };
}

/** Trouble with one snapshot is its row's; trouble with the store is everybody's. */
function isOfSnapshot({ code }: SimError): boolean {
  return code === 'metadata-unreadable' || code === 'checksum-mismatch' || code === 'bad-option';
}

function linesOf(rows: readonly Row[]): readonly string[] {
  if (rows.length === 0) return ['  no snapshots'];
  const hasExpiry = rows.some(({ expires }) => expires !== null);
  const lines = tableLines(
    [
      { title: 'SNAPSHOT' },
      { title: 'TIMESTAMP' },
      { title: 'DATABASE' },
      { title: 'OBJECTS', isNumber: true },
      { title: 'TABLETS', isNumber: true },
      ...(hasExpiry ? [{ title: 'EXPIRES (UTC)' }] : []),
      { title: 'WRITTEN BY' },
      { title: 'STATUS' },
    ],
    rows.map(({ label, timestamp, database, tables, tablets, expires, writer, status }) => [
      label,
      timestamp ?? '-',
      database ?? '-',
      tables === null ? '-' : formatCount(tables),
      tablets === null ? '-' : formatCount(tablets),
      ...(hasExpiry ? [expires ?? 'never'] : []),
      writer ?? '-',
      status,
    ]),
  );
  return lines.map((line) => `  ${line}`);
}
