/** Jobs in every state for property tests of their codec, with every field of theirs in use. */
import fc from 'fast-check';
import { asId } from '../../../src/base/ids.ts';
import type { Table } from '../../../src/catalog/model.ts';
import { BACKUP_STATES, type BackupJob } from '../../../src/jobs/backup-job.ts';
import { fileMappingOf, type IdChain, NO_REPLICA } from '../../../src/jobs/file-mapping.ts';
import { type MetaObjects, NO_OBJECTS } from '../../../src/jobs/meta-objects.ts';
import { RESTORE_STATES, type RestoreJob } from '../../../src/jobs/restore-job.ts';
import type { SnapshotInfo } from '../../../src/jobs/snapshot-info.ts';
import { tabletSnapshots } from '../../../src/jobs/tablet-snapshots.ts';
import type { BackupJobInfo } from '../../../src/repository/job-info.ts';
import type { BackupMeta } from '../../../src/repository/meta-info.ts';
import { ERR_CODES } from '../../../src/repository/status.ts';
import { arbitraryPartition, arbitraryTable } from '../catalog/arbitrary-table.ts';
import { SAMPLE_CATALOG, SAMPLE_FUNCTION, SAMPLE_VIEW } from '../catalog/sample-objects.ts';

const TEXT = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('__proto__', '10', '2', 'a"b\\c', '</ß>'),
);
const ID = fc.integer({ min: 1, max: 2 ** 40 });
const TIME = fc.integer({ min: -1, max: 2 ** 42 });

/** Of ids of any kind. */
const idOf = <T extends number>(): fc.Arbitrary<T> => ID.map((id) => asId<never>(id) as T);

const TABLES: fc.Arbitrary<ReadonlyMap<string, Table>> = fc
  .array(arbitraryTable({ partitionCountMax: 2 }), { maxLength: 2 })
  .map((tables) => new Map(tables.map((table) => [table.name, table])));

const META: fc.Arbitrary<BackupMeta> = fc.record({
  tables: TABLES,
  views: fc.constantFrom(new Map(), new Map([[SAMPLE_VIEW.name, SAMPLE_VIEW]])),
  functions: fc.constantFrom([], [SAMPLE_FUNCTION]),
  catalogs: fc.constantFrom([], [SAMPLE_CATALOG]),
});

const OBJECTS: fc.Arbitrary<MetaObjects> = fc.record({
  views: fc.constantFrom([], [SAMPLE_VIEW]),
  functions: fc.constantFrom([], [SAMPLE_FUNCTION]),
  catalogs: fc.constantFrom([], [SAMPLE_CATALOG]),
});

const SNAPSHOT: fc.Arbitrary<SnapshotInfo> = fc.record({
  dbId: idOf(),
  tblId: idOf(),
  partitionId: idOf(),
  indexId: idOf(),
  tabletId: idOf(),
  beId: idOf(),
  schemaHash: fc.integer(),
  path: TEXT,
  files: fc.array(TEXT, { maxLength: 3 }),
});
/** In the order of tablets, which is no part of a job. */
const SNAPSHOTS = fc
  .uniqueArray(SNAPSHOT, { selector: ({ tabletId }) => tabletId, maxLength: 3 })
  .map((infos) => infos.sort((a, b) => a.tabletId - b.tabletId));

const INDEX = fc.record({
  name: TEXT,
  id: ID,
  schemaHash: fc.integer(),
  tabletIds: fc.uniqueArray(ID, { minLength: 1, maxLength: 3 }),
});
const PHYSICAL = fc.record({ id: ID, version: ID, indexes: named(INDEX) });
const INFO_PARTITION = fc.record({
  name: TEXT,
  id: ID,
  version: ID,
  indexes: fc.constant(new Map()),
  subPartitions: fc
    .array(PHYSICAL, { maxLength: 2 })
    .map((list) => new Map(list.map((one) => [one.id, one]))),
});
const INFO_TABLE = fc.record(
  { name: TEXT, id: ID, autoIncrementId: ID, partitions: named(INFO_PARTITION) },
  { requiredKeys: ['name', 'id', 'partitions'] },
);

/** What a snapshot may hold, as its table of contents says it. */
export const JOB_INFO: fc.Arbitrary<BackupJobInfo> = fc.record(
  {
    name: TEXT,
    dbName: TEXT,
    dbId: ID,
    backupTimeMs: TIME,
    tables: named(INFO_TABLE),
    success: fc.constant(true),
    metaVersion: fc.constant(92),
    starrocksMetaVersion: fc.constant(3),
    clusterId: ID,
    finishTimeMs: ID,
    ttl: TEXT,
    expireTimeMs: ID,
  },
  {
    requiredKeys: [
      'name',
      'dbName',
      'dbId',
      'backupTimeMs',
      'tables',
      'success',
      'metaVersion',
      'starrocksMetaVersion',
    ],
  },
);

function named<T extends { readonly name: string }>(
  one: fc.Arbitrary<T>,
): fc.Arbitrary<ReadonlyMap<string, T>> {
  return fc
    .uniqueArray(one, { selector: ({ name }) => name, maxLength: 2 })
    .map((list) => new Map(list.map((each) => [each.name, each])));
}

const COMMON = {
  repoId: idOf<BackupJob['repoId']>(),
  jobId: idOf<BackupJob['jobId']>(),
  label: TEXT,
  dbId: fc.oneof(idOf<BackupJob['dbId']>(), fc.constant(asId<BackupJob['dbId']>(-1))),
  dbName: TEXT,
  status: fc.record({ code: fc.constantFrom(...ERR_CODES), msg: TEXT }),
  createTimeMs: TIME,
  finishedTimeMs: TIME,
  timeoutMs: ID,
  taskErrMsg: fc
    .array(fc.tuple(idOf<never>(), TEXT), { maxLength: 2 })
    .map((pairs) => new Map(pairs)),
} as const;

export const BACKUP_JOB: fc.Arbitrary<BackupJob> = fc.record({
  ...COMMON,
  type: fc.constant('BACKUP' as const),
  state: fc.constantFrom(...BACKUP_STATES),
  tableRefs: fc.array(
    fc.record(
      { dbName: TEXT, tableName: TEXT, partitionNames: fc.array(TEXT, { maxLength: 2 }) },
      { requiredKeys: ['dbName', 'tableName'] },
    ),
    { maxLength: 2 },
  ),
  ttl: fc.option(TEXT, { nil: undefined }),
  backupFunctions: fc.constantFrom([], [SAMPLE_FUNCTION]),
  backupCatalogs: fc.constantFrom([], [SAMPLE_CATALOG]),
  snapshotFinishedTimeMs: TIME,
  snapshotUploadFinishedTimeMs: TIME,
  snapshotInfos: SNAPSHOTS.map(tabletSnapshots),
  backupMeta: fc.option(META, { nil: undefined }),
  localMetaInfoFilePath: fc.option(TEXT, { nil: undefined }),
  localJobInfoFilePath: fc.option(TEXT, { nil: undefined }),
});

const CHAIN: fc.Arbitrary<IdChain> = fc.record({
  tableId: ID,
  partitionId: ID,
  indexId: ID,
  tabletId: ID,
  replicaId: ID,
});

export const RESTORE_JOB: fc.Arbitrary<RestoreJob> = fc
  .record({
    ...COMMON,
    type: fc.constant('RESTORE' as const),
    state: fc.constantFrom(...RESTORE_STATES),
    backupTimestamp: TEXT,
    jobInfo: JOB_INFO,
    tblAlias: fc
      .array(fc.tuple(TEXT, TEXT), { maxLength: 2 })
      .map((pairs): ReadonlyMap<string, string> => new Map(pairs)),
    allowLoad: fc.boolean(),
    backupMeta: fc.option(META, { nil: undefined }),
    fileMapping: fc
      .array(fc.tuple(CHAIN, CHAIN), { maxLength: 3 })
      .map((rows) =>
        fileMappingOf(
          rows.map(([local, remote]) => ({ local, remote: { ...remote, replicaId: NO_REPLICA } })),
        ),
      ),
    metaPreparedTimeMs: TIME,
    snapshotFinishedTimeMs: TIME,
    downloadFinishedTimeMs: TIME,
    restoreReplicationNum: fc.integer({ min: 1, max: 3 }),
    restoredPartitions: fc.array(
      fc.record({ tableName: TEXT, partition: arbitraryPartition(20_000) }),
      { maxLength: 2 },
    ),
    restoredTbls: fc.array(arbitraryTable({ partitionCountMax: 2 }), { maxLength: 2 }),
    restoredVersionInfo: fc
      .array(fc.tuple(idOf<never>(), fc.array(fc.tuple(idOf<never>(), ID), { maxLength: 2 })), {
        maxLength: 2,
      })
      .map((tables) => new Map(tables.map(([id, pairs]) => [id, new Map(pairs)]))),
    snapshotInfos: SNAPSHOTS,
    restoredObjects: OBJECTS,
    replacedObjects: OBJECTS,
  })
  .map((job) => {
    const { views, functions, catalogs } = job.restoredObjects;
    // Nothing is replaced where nothing is put in place; aliases are those of tables of the job.
    const isNone = views.length + functions.length + catalogs.length === 0;
    const named = [...job.tblAlias].filter(([name]) => job.jobInfo.tables.has(name));
    return {
      ...job,
      tblAlias: new Map(named),
      ...(isNone && { restoredObjects: NO_OBJECTS, replacedObjects: NO_OBJECTS }),
    };
  });
