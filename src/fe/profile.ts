/**
 * What differs between StarRocks releases, as traits. Code asks a profile for a trait and never
 * compares version strings. Source: resolutions.md, "Which label means which profile" and (a).
 */
import { NO_QUIRKS, quirksOf } from '../base/quirks.ts';
import type { JobTraits } from '../jobs/ports.ts';

export const PROFILE_NAMES = ['3.3', '3.5', '4.2'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

export interface Profile {
  readonly name: ProfileName;
  /** `x.y.z-commit`, as in `version_comment` and the node lists (resolutions.md 45). */
  readonly releaseVersion: string;
  readonly commit: string;
  /** SHOW FRONTENDS begins with `Id` (1). */
  readonly frontendsHaveId: boolean;
  /** SHOW BACKENDS ends with `StatusCode` (2). */
  readonly backendsHaveStatusCode: boolean;
  /** SHOW PARTITIONS has `StorageSize` and the three version columns (2). */
  readonly partitionsHaveStorageSize: boolean;
  readonly partitionsHaveTabletBalanced: boolean;
  /** SHOW TABLET ends with `DiskRootPath`, `IsConsistent` and `Checksum` (sql-surface.md 4.6). */
  readonly tabletsHaveChecksum: boolean;
  /** BACKUP DATABASE, ON (TABLE ...), RESTORE ... DATABASE (10). */
  readonly hasNewBackupForms: boolean;
  /** SHOW PROCESSLIST has ServerName, CNGroup, Catalog and QueryId (sql-surface.md 4.10). */
  readonly processlistHasServerName: boolean;
  /** A location loses its trailing slashes when a repository is created (17). */
  readonly stripsLocationSlash: boolean;
  /** information_schema.materialized_views has the columns of 4.0 (sql-surface.md 4.11). */
  readonly materializedViewsAreWide: boolean;
  /** SHOW WARNINGS and SHOW ERRORS tell of the last error (sql-surface.md 1.7). */
  readonly warningsTellLastError: boolean;
  /** `insert_timeout` limits loads, which `query_timeout` did before 3.4. */
  readonly hasInsertTimeout: boolean;
  /** Default of `enable_backup_materialized_view` (10). */
  readonly backsUpMaterializedViews: boolean;
  readonly jobs: JobTraits;
}

const RELEASE_COMMIT = 'emulator';

function profile(
  name: ProfileName,
  release: string,
  traits: Omit<Profile, 'name' | 'releaseVersion' | 'commit'>,
): Profile {
  return Object.freeze({
    name,
    releaseVersion: release,
    commit: RELEASE_COMMIT,
    ...traits,
    jobs: Object.freeze(traits.jobs),
  });
}

export const PROFILES: Readonly<Record<ProfileName, Profile>> = Object.freeze({
  '3.3': profile('3.3', '3.3.0', {
    frontendsHaveId: false,
    backendsHaveStatusCode: false,
    partitionsHaveStorageSize: false,
    partitionsHaveTabletBalanced: false,
    tabletsHaveChecksum: false,
    hasNewBackupForms: false,
    processlistHasServerName: false,
    stripsLocationSlash: false,
    materializedViewsAreWide: false,
    backsUpMaterializedViews: true,
    warningsTellLastError: false,
    hasInsertTimeout: false,
    jobs: {
      physicalIdEqualsLogical: true,
      longBackupProgress: false,
      infoUsesSubPartitions: false,
      createsMissingDatabase: false,
      hasSnapshotRetention: false,
      replaysExpiredJobs: false,
      hasMetadataObjects: false,
      quirks: NO_QUIRKS,
      backsUpListPartitions: false,
      hasCatalogSlot: false,
      metaVersion: 92,
      starrocksMetaVersion: 3,
    },
  }),
  '3.5': profile('3.5', '3.5.0', {
    frontendsHaveId: true,
    backendsHaveStatusCode: true,
    partitionsHaveStorageSize: true,
    partitionsHaveTabletBalanced: false,
    tabletsHaveChecksum: true,
    hasNewBackupForms: true,
    processlistHasServerName: false,
    stripsLocationSlash: false,
    materializedViewsAreWide: false,
    backsUpMaterializedViews: false,
    warningsTellLastError: false,
    hasInsertTimeout: true,
    jobs: {
      physicalIdEqualsLogical: false,
      longBackupProgress: true,
      infoUsesSubPartitions: true,
      createsMissingDatabase: true,
      hasSnapshotRetention: false,
      replaysExpiredJobs: true,
      hasMetadataObjects: true,
      quirks: NO_QUIRKS,
      backsUpListPartitions: true,
      hasCatalogSlot: true,
      metaVersion: 92,
      starrocksMetaVersion: 3,
    },
  }),
  '4.2': profile('4.2', '4.2.0', {
    frontendsHaveId: true,
    backendsHaveStatusCode: true,
    partitionsHaveStorageSize: true,
    partitionsHaveTabletBalanced: true,
    tabletsHaveChecksum: true,
    hasNewBackupForms: true,
    processlistHasServerName: true,
    stripsLocationSlash: true,
    materializedViewsAreWide: true,
    backsUpMaterializedViews: false,
    warningsTellLastError: true,
    hasInsertTimeout: true,
    jobs: {
      physicalIdEqualsLogical: false,
      longBackupProgress: true,
      infoUsesSubPartitions: true,
      createsMissingDatabase: true,
      hasSnapshotRetention: true,
      replaysExpiredJobs: true,
      hasMetadataObjects: true,
      quirks: NO_QUIRKS,
      backsUpListPartitions: true,
      hasCatalogSlot: true,
      metaVersion: 92,
      starrocksMetaVersion: 3,
    },
  }),
});

/** The same profile with quirks switched on beside its own; `bad-option` for an unknown name. */
export function profileWithQuirks(base: Profile, names: readonly string[]): Profile {
  const own = Object.entries(base.jobs.quirks).flatMap(([name, isOn]) => (isOn ? [name] : []));
  const quirks = quirksOf([...own, ...names]);
  return Object.freeze({ ...base, jobs: Object.freeze({ ...base.jobs, quirks }) });
}

/** What `version()` and the greeting say in every profile (resolutions.md 45). */
export const MYSQL_SERVER_VERSION = '8.0.33';
