/** Which texts StarRocks takes as names (sql-surface.md 2.1; `FeNameFormat.java`). */

const COMMON_NAME = /^(?:[a-zA-Z]\w{0,63}|_[a-zA-Z0-9]\w{0,62})$/;
const DATABASE_NAME =
  /^(?:[a-zA-Z][\w\-~!@#$%^&<>=+]{0,255}|_[a-zA-Z0-9][\w\-~!@#$%^&<>=+]{0,254})$/;
const CATALOG_NAME = /^[a-zA-Z][-\w]{0,1022}$/;
const TABLE_NAME = /^[^\0]{1,1024}$/u;
const COLUMN_NAME = /^[^\0=<>!*]{1,1024}$/u;
const LABEL = /^[-\w]{1,128}$/;

const RESERVED_COLUMN_NAMES: ReadonlySet<string> = new Set(['__op', '__row']);
/** Columns of a running schema change are called so. */
const SHADOW_COLUMN_PREFIX = '__starrocks_shadow_';
const RESERVED_PARTITION_PREFIX = 'placeholder_';

export function isDatabaseName(name: string): boolean {
  return DATABASE_NAME.test(name);
}

/** Tables, views and rollups. */
export function isTableName(name: string): boolean {
  return TABLE_NAME.test(name);
}

export function isColumnName(name: string): boolean {
  return (
    COLUMN_NAME.test(name) &&
    !RESERVED_COLUMN_NAMES.has(name.toLowerCase()) &&
    !name.startsWith(SHADOW_COLUMN_PREFIX)
  );
}

export function isPartitionName(name: string): boolean {
  return COMMON_NAME.test(name) && !name.startsWith(RESERVED_PARTITION_PREFIX);
}

/** External catalogs. */
export function isCatalogName(name: string): boolean {
  return CATALOG_NAME.test(name);
}

export function isRepositoryName(name: string): boolean {
  return COMMON_NAME.test(name);
}

/** Labels of loads. Labels of backups need only be non-empty (resolutions.md 25). */
export function isLoadLabel(label: string): boolean {
  return LABEL.test(label);
}
