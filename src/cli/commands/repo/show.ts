/** `repo show URL LABEL`: what a snapshot holds, out of its `__info` and, where it can, `__meta`. */

import { SimError } from '../../../base/errors.ts';
import { attempt, toPromise } from '../../../base/op.ts';
import { formatDateTime } from '../../../base/time-zone.ts';
import type { MetaReading } from '../../../repository/inspect/meta-outline.ts';
import {
  type ReadSnapshot,
  readMetaOf,
  readSnapshot,
} from '../../../repository/inspect/read-snapshot.ts';
import { expectedTablets, tabletCountOf } from '../../../repository/inspect/snapshot-contents.ts';
import { EXIT_OK } from '../../exit-codes.ts';
import { runVerb } from '../../run-verb.ts';
import { formatCount } from '../../ui/format.ts';
import type { Printer } from '../../ui/printer.ts';
import { printable, tableLines } from '../../ui/table.ts';
import type { RepoShowOptions } from '../repo-options.ts';
import { onlyRepository, withRepositories } from './open-repository.ts';

export function runRepoShow(url: string, label: string, options: RepoShowOptions): Promise<void> {
  return runVerb(options, ({ printer }) =>
    withRepositories(url, options, async (place) => {
      const { directory, name } = await onlyRepository(place, label);
      const snapshot = await toPromise(readSnapshot(place.storage, directory, label));
      const meta = await toPromise(attempt(readMetaOf(place.storage, snapshot.listed)));
      if (!meta.ok && !(meta.error instanceof SimError)) throw meta.error;
      const reading = meta.ok ? meta.value : { text: (meta.error as SimError).message };
      tellHead(printer, name, snapshot, reading);
      tellObjects(printer, snapshot, reading, options.partitions);
      return EXIT_OK;
    }),
  );
}

function tellHead(
  printer: Printer,
  repository: string,
  { label, file, contents }: ReadSnapshot,
  meta: MetaReading | undefined,
): void {
  const { info, writer, otherObjects, hasData } = contents;
  const tablets = tabletCountOf(contents);
  const functions = meta?.outline?.functionCount ?? null;
  const catalogs = meta?.outline?.catalogNames ?? null;
  const metaText =
    meta === undefined ? 'there is none' : meta.outline === undefined ? meta.text : 'ok';
  printer.line({
    event: 'snapshot',
    look: 'title',
    text: `snapshot ${printable(label)} of repository ${printable(repository)}`,
    facts: {
      repository,
      label,
      timestamp: file.timestamp,
      writer,
      database: info.dbName,
      databaseId: info.dbId,
      backupTimeMs: info.backupTimeMs,
      objects: info.tables.size,
      tablets,
      hasData,
      functions,
      catalogs,
      otherObjects,
      meta: metaText,
      clusterId: info.clusterId ?? null,
      finishTimeMs: info.finishTimeMs ?? null,
      ttl: info.ttl ?? null,
      expireTimeMs: info.expireTimeMs ?? null,
    },
  });
  const say = (name: string, text: string): void =>
    printer.line({ event: 'head', look: 'plain', text: `  ${name.padEnd(10)} ${printable(text)}` });
  say('timestamp', file.timestamp);
  say(
    'written by',
    `${writer}${info.clusterId === undefined ? '' : `, cluster ${info.clusterId}`}`,
  );
  say('database', info.dbName === '' ? 'none: external catalogs' : `${info.dbName} (${info.dbId})`);
  const more = [
    ...(functions ? [`${formatCount(functions)} functions`] : []),
    ...(catalogs ?? []).map((name) => `catalog ${name}`),
    ...otherObjects.map((name) => `other object ${name}`),
  ];
  const counts = `${formatCount(info.tables.size)} objects, ${formatCount(tablets)} tablets`;
  say('holds', [counts, ...more, ...(hasData ? [] : ['metadata only'])].join(', '));
  if (info.expireTimeMs !== undefined) {
    say('expires', `${formatDateTime(info.expireTimeMs, 'UTC')} UTC (${info.ttl ?? '?'})`);
  }
  if (metaText !== 'ok') say('__meta', metaText);
}

function tellObjects(
  printer: Printer,
  { contents }: ReadSnapshot,
  meta: MetaReading | undefined,
  withPartitions: boolean,
): void {
  const tablets = new Map<string, Map<string, number>>();
  for (const { table, partition } of expectedTablets(contents)) {
    const of = tablets.get(table) ?? new Map<string, number>();
    tablets.set(table, of.set(partition, (of.get(partition) ?? 0) + 1));
  }
  const rows: (readonly string[])[] = [];
  const facts: Parameters<Printer['line']>[0]['facts'][] = [];
  for (const { name, id, partitions } of contents.info.tables.values()) {
    const of = tablets.get(name) ?? new Map<string, number>();
    const count = [...of.values()].reduce((sum, one) => sum + one, 0);
    const kind = meta?.outline?.tables.get(name)?.clazz ?? '-';
    rows.push([name, kind, String(id), formatCount(partitions.size), formatCount(count), '']);
    const parts = [...partitions.values()].map((partition) => ({
      name: partition.name,
      id: partition.id,
      version: partition.version,
      tablets: of.get(partition.name) ?? 0,
    }));
    facts.push({ name, kind, id, tablets: count, partitions: parts });
    for (const part of withPartitions ? parts : []) {
      const numbers = [String(part.id), '', formatCount(part.tablets), String(part.version)];
      rows.push([`  ${part.name}`, 'partition', ...numbers]);
      facts.push(undefined);
    }
  }
  if (rows.length === 0) return;
  const lines = tableLines(
    [
      { title: 'OBJECT' },
      { title: 'KIND' },
      { title: 'ID', isNumber: true },
      { title: 'PARTITIONS', isNumber: true },
      { title: 'TABLETS', isNumber: true },
      { title: withPartitions ? 'VERSION' : '', isNumber: true },
    ],
    rows,
  );
  for (const [at, line] of lines.entries()) {
    const fact = facts[at - 1];
    const look = at === 0 ? 'step' : 'plain';
    printer.line({ event: 'object', look, text: `  ${line}`, ...(fact ? { facts: fact } : {}) });
  }
}
