/** `srbr list` and `srbr show`: what was backed up, and what is known of it (BR-LIST). */
import { parseDateTime } from '../../base/time-zone.ts';
import type { Call } from '../cli/command-spec.ts';
import { type Snapshot, snapshotsOn } from '../cluster/snapshots.ts';
import { durationText } from '../config/duration.ts';
import { BrError, EXIT } from '../errors.ts';
import { dependentsOf, finishedBackups } from '../history/lineage.ts';
import { readBooks } from '../history/read-books.ts';
import type { BackupMeta } from '../ops/backup-meta.ts';
import type { HistoryRow } from '../ops/history.ts';
import { manifestOf } from '../ops/manifest.ts';
import type { Ops } from '../ops/ops.ts';
import { tableLines } from '../report/table.ts';
import type { Books } from '../restore/chain.ts';
import { openSession } from './session.ts';

interface Listed {
  readonly label: string;
  readonly type: string;
  readonly status: string;
  readonly group: string | null;
  readonly database: string | null;
  readonly started: string;
  readonly finished: string | null;
  readonly durationMs: number | null;
  readonly tables: number;
  readonly partitions: number;
  readonly sizeBytes: number | null;
  readonly baseline: string | null;
  readonly snapshot: string;
  readonly snapshotTimestamp: string | null;
  readonly rows: number | null;
  readonly objects: ListedObjects | null;
  readonly partitionsJson: Readonly<Record<string, readonly string[]>>;
  readonly error: string | null;
}

interface ListedObjects {
  readonly views: readonly string[];
  readonly materializedViews: readonly string[];
  readonly functions: readonly string[];
}

export async function runList(call: Call): Promise<number> {
  const { ops, connection, config, options, report } = await openSession(call);
  const books = await readBooks(ops);
  const snapshots = await snapshotsOn(connection, config.repository);
  const since = options.text('since');
  const wanted = books.history
    .map((row) => listed(row, books, snapshots))
    .filter(({ group }) => matches(options.text('group'), group))
    .filter(({ type }) => matches(options.text('type'), type))
    .filter(({ status }) => matches(options.text('status')?.toUpperCase(), status))
    .filter(({ started }) => since === undefined || started >= since);
  const limit = options.count('limit', 1);
  const some = limit === undefined ? wanted : wanted.slice(-limit);
  const rows = options.flag('json') ? await withPartitions(ops, some) : some;
  if (options.flag('tsv')) {
    report.result(rows, options.flag('mvp') ? mvpLines(rows) : tsvLines(rows));
  } else {
    report.result(rows, rows.length === 0 ? ['no backups yet'] : listLines(rows));
  }
  return EXIT.ok;
}

/** Names only where they are told: there may be very many. */
async function withPartitions(ops: Ops, rows: readonly Listed[]): Promise<readonly Listed[]> {
  const byLabel = new Map<string, Record<string, string[]>>(rows.map(({ label }) => [label, {}]));
  for (const { label, database, table, partition } of await manifestOf(ops, [...byLabel.keys()])) {
    const names = byLabel.get(label) ?? {};
    const name = `${database}.${table}`;
    names[name] ??= [];
    names[name].push(partition);
  }
  return rows.map((row) => ({ ...row, partitionsJson: byLabel.get(row.label) ?? {} }));
}

function matches(wanted: string | undefined, value: string | null): boolean {
  return wanted === undefined || wanted === value;
}

function listed(row: HistoryRow, books: Books, snapshots: readonly Snapshot[]): Listed {
  const meta = books.metas.get(row.label);
  const manifest = books.manifest.filter(({ label }) => label === row.label);
  const snapshot = snapshots.find(({ label }) => label === row.label);
  return {
    label: row.label,
    type: row.type,
    status: row.status,
    group: meta?.group ?? null,
    database: meta?.database ?? manifest[0]?.database ?? null,
    started: row.startedAt,
    finished: row.finishedAt ?? null,
    durationMs: durationOf(row),
    tables: manifest.length,
    partitions: manifest.reduce((sum, { partitions }) => sum + partitions, 0),
    sizeBytes: meta?.sizeBytes ?? null,
    baseline: meta?.baselineLabel ?? null,
    snapshot: snapshot?.status ?? 'absent',
    snapshotTimestamp: meta?.snapshotTimestamp ?? null,
    rows: meta?.rowCount ?? null,
    objects: objectsOf(meta),
    partitionsJson: {},
    error: row.error ?? null,
  };
}

/** Names alone; `null` if nobody has recorded them. */
function objectsOf(meta: BackupMeta | undefined): ListedObjects | null {
  if (meta?.objects === undefined) return null;
  const { views, materializedViews, functions } = meta.objects;
  return {
    views: Object.keys(views),
    materializedViews: Object.keys(materializedViews),
    functions,
  };
}

/** Both times are of one wall, so any zone does. */
function durationOf({ startedAt, finishedAt }: HistoryRow): number | null {
  const from = parseDateTime(startedAt, 'UTC');
  const to = finishedAt === undefined ? undefined : parseDateTime(finishedAt, 'UTC');
  return from === undefined || to === undefined ? null : to - from;
}

const HEADER = [
  ...['LABEL', 'TYPE', 'STATUS', 'GROUP', 'DATABASE', 'STARTED', 'FINISHED', 'DURATION'],
  ...['TABLES', 'PARTITIONS', 'BYTES', 'BASELINE', 'SNAPSHOT'],
];

function cellsOf(row: Listed): readonly string[] {
  return [
    row.label,
    row.type,
    row.status,
    row.group ?? '-',
    row.database ?? '-',
    row.started,
    row.finished ?? '-',
    row.durationMs === null ? '-' : durationText(row.durationMs),
    String(row.tables),
    String(row.partitions),
    row.sizeBytes === null ? '-' : String(row.sizeBytes),
    row.baseline ?? '-',
    row.snapshot,
  ];
}

function listLines(rows: readonly Listed[]): readonly string[] {
  return tableLines(HEADER, rows.map(cellsOf));
}

function tsvLines(rows: readonly Listed[]): readonly string[] {
  return [HEADER, ...rows.map(cellsOf)].map((cells) => cells.join('\t'));
}

/** The header of upstream's first release. */
function mvpLines(rows: readonly Listed[]): readonly string[] {
  const header = ['ID', 'TYPE', 'STATUS', 'START', 'END', 'LABEL', 'TS', 'DB', 'TABLE'];
  const lines = rows.map((row, index) => [
    String(index + 1),
    row.type,
    row.status,
    row.started,
    row.finished ?? '',
    row.label,
    row.snapshotTimestamp ?? '',
    row.database ?? '',
    '',
  ]);
  return [header, ...lines].map((cells) => cells.join('\t'));
}

const OBJECT_WORDS: Readonly<Record<keyof ListedObjects, string>> = {
  views: 'views',
  materializedViews: 'materialized views',
  functions: 'functions',
};

export async function runShow(call: Call): Promise<number> {
  const { ops, connection, config, report } = await openSession(call);
  const label = call.words[0] ?? '';
  const books = await readBooks(ops);
  const row = books.history.find((each) => each.label === label);
  if (row === undefined) {
    throw new BrError('label-unknown', `there is no backup '${label}'`, {
      advice: ['srbr list shows what there is', 'srbr status shows what runs'],
    });
  }
  const backups = finishedBackups(books);
  const chain = backups.find((each) => each.label === label)?.chain ?? [];
  const dependents = dependentsOf(backups, label).map((each) => each.label);
  const bare = listed(row, books, await snapshotsOn(connection, config.repository));
  const [about = bare] = await withPartitions(ops, [bare]);
  const verifiedAt = books.metas.get(label)?.verifiedAt ?? null;
  report.result({ ...about, chain, dependents, verifiedAt }, [
    ...HEADER.map((title, index) => `${title.toLowerCase()}: ${cellsOf(about)[index]}`),
    ...(about.error === null ? [] : [`error: ${about.error}`]),
    `chain: ${chain.join(' -> ') || 'not known'}`,
    `dependents: ${dependents.join(', ') || 'none'}`,
    ...Object.entries(about.partitionsJson).map(
      ([table, names]) => `${table}: ${names.join(', ')}`,
    ),
    ...Object.entries(about.objects ?? {})
      .filter(([, names]) => names.length > 0)
      .map(([kind, names]) => `${OBJECT_WORDS[kind as keyof ListedObjects]}: ${names.join(', ')}`),
    ...(about.rows === null ? [] : [`rows: ${about.rows}`]),
  ]);
  return EXIT.ok;
}
