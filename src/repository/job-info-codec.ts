/**
 * `__info_<timestamp>`: a snapshot's table of contents as JSON (repository.md 3.1, restore-jobs.md
 * 1.6). Decoding is by hand, so that starting a cluster loads no schema library for it.
 */
import type { BackupIndexInfo, BackupJobInfo, BackupPartitionInfo } from './job-info.ts';
import { CompactText, compactJson, indentedJson, type JsonTree } from './json-text.ts';

/** What depends on the release that writes; a profile's job traits fit. */
export interface JobInfoForm {
  /** Indexes always under `subPartitions`; else in the older place where there is one physical. */
  readonly infoUsesSubPartitions: boolean;
  /** Constants of the writer, never those of the object (restore-jobs.md 1.6). */
  readonly metaVersion: number;
  readonly starrocksMetaVersion: number;
}

/** Form of profiles 3.5 and 4.2 (resolutions.md 6 and 40). */
export const CURRENT_JOB_INFO_FORM: JobInfoForm = Object.freeze({
  infoUsesSubPartitions: true,
  metaVersion: 92,
  starrocksMetaVersion: 3,
});

/** The one value of `backup_result`; readers take any other for a failed backup. */
export const BACKUP_RESULT_SUCCEED = 'succeed';

const NOTHING: ReadonlyMap<string, JsonTree> = new Map();

/** The text of the file, in the key order of the test vectors; to be stored as UTF-8. */
export function encodeJobInfo(
  info: BackupJobInfo,
  form: JobInfoForm = CURRENT_JOB_INFO_FORM,
): string {
  const objects = new Map<string, JsonTree>();
  for (const [name, table] of info.tables) {
    const tree = new Map<string, JsonTree>([['id', table.id]]);
    if (table.autoIncrementId !== undefined) tree.set('autoIncrementId', table.autoIncrementId);
    tree.set(
      'partitions',
      mapOf(table.partitions, (one) => partitionTree(one, form)),
    );
    objects.set(name, tree);
  }
  const tree = new Map<string, JsonTree>([
    ['name', info.name],
    ['database', info.dbName],
    ['id', info.dbId],
    ['backup_time', info.backupTimeMs],
    ['backup_objects', objects],
    ...versions(form),
  ]);
  if (info.clusterId !== undefined) tree.set('cluster_id', info.clusterId);
  if (info.finishTimeMs !== undefined) tree.set('finish_time', info.finishTimeMs);
  if (info.ttl !== undefined) tree.set('ttl', info.ttl);
  if (info.expireTimeMs !== undefined) tree.set('expire_time', info.expireTimeMs);
  return compactJson(tree);
}

/** The `Details` cell of SHOW SNAPSHOT: names only, no ids (resolutions.md 42). */
export function briefJobInfo(
  info: BackupJobInfo,
  form: JobInfoForm = CURRENT_JOB_INFO_FORM,
): string {
  const objects = mapOf(info.tables, ({ autoIncrementId, partitions }) => {
    const tree = new Map<string, JsonTree>();
    if (autoIncrementId !== undefined) tree.set('autoIncrementId', autoIncrementId);
    return tree.set(
      'partitions',
      mapOf(partitions, () => NOTHING),
    );
  });
  return indentedJson(
    new Map<string, JsonTree>([
      ['name', info.name],
      ['database', info.dbName],
      ['backup_time', info.backupTimeMs],
      ['backup_objects', objects],
      ...versions(form),
    ]),
  );
}

function versions(form: JobInfoForm): readonly (readonly [string, JsonTree])[] {
  return [
    ['meta_version', form.metaVersion],
    ['starrocks_meta_version', form.starrocksMetaVersion],
    ['backup_result', BACKUP_RESULT_SUCCEED],
  ];
}

function partitionTree(partition: BackupPartitionInfo, form: JobInfoForm): JsonTree {
  const placed = place(partition, form);
  return new Map<string, JsonTree>([
    ['id', partition.id],
    ['version', partition.version],
    ['version_hash', 0],
    ['indexes', mapOf(placed.indexes, indexTree)],
    [
      'subPartitions',
      new Map(
        [...placed.subPartitions].map(([id, physical]) => [
          String(id),
          new Map<string, JsonTree>([
            ['id', physical.id],
            ['version', physical.version],
            ['indexes', mapOf(physical.indexes, indexTree)],
          ]),
        ]),
      ),
    ],
  ]);
}

/**
 * Puts the indexes where this form has them, never in both places (resolutions.md 6). They move to
 * the older place only if no id is lost, since paths there are made from the partition's own id.
 */
function place(
  partition: BackupPartitionInfo,
  form: JobInfoForm,
): Pick<BackupPartitionInfo, 'indexes' | 'subPartitions'> {
  const { id, version, indexes, subPartitions } = partition;
  if (form.infoUsesSubPartitions) {
    if (subPartitions.size > 0 || indexes.size === 0) return { indexes: new Map(), subPartitions };
    return { indexes: new Map(), subPartitions: new Map([[id, { id, version, indexes }]]) };
  }
  const only = subPartitions.size === 1 ? subPartitions.get(id) : undefined;
  if (only !== undefined) return { indexes: only.indexes, subPartitions: new Map() };
  return { indexes: subPartitions.size > 0 ? new Map() : indexes, subPartitions };
}

/** Written as text at once: there may be hundreds of thousands of tablets. */
function indexTree(index: BackupIndexInfo): JsonTree {
  const ids = index.tabletIds.map((id) => `"${id}"`);
  const tablets = ids.map((id) => `${id}:[]`).join(',');
  const head = `"id":${index.id},"schema_hash":${index.schemaHash}`;
  return new CompactText(`{${head},"tablets":{${tablets}},"tablets_order":[${ids.join(',')}]}`);
}

function mapOf<T>(
  source: ReadonlyMap<string, T>,
  toTree: (value: T) => JsonTree,
): ReadonlyMap<string, JsonTree> {
  return new Map([...source].map(([key, value]) => [key, toTree(value)]));
}
