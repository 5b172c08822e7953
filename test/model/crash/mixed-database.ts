/**
 * The database of the crash tests: one of each kind of object. A new kind is one more entry of
 * `OBJECTS`, whose rows and definition are then compared wherever a machine died.
 */
import type { OlapTable } from '../../../src/catalog/model.ts';
import type { ProfileName } from '../../../src/fe/profile.ts';
import type { Machine } from './machine.ts';
import { REPOSITORY_DIR } from './machine.ts';

export interface MixedObject {
  readonly name: string;
  readonly kind: 'table' | 'materialized view' | 'view' | 'function' | 'catalog';
  /** Some profiles do not back it up: then it is left out there. */
  readonly isBackedUpIn?: readonly ProfileName[];
  /** Statements that make it and fill it. */
  readonly setUp: readonly string[];
  /** Statements that change it between backup and restore; another way for each kind. */
  readonly spoil: readonly string[];
  /** Of a table: a load into the restored one, and the row that it adds. */
  readonly load?: { readonly statement: string; readonly row: string };
}

export const OBJECTS: readonly MixedObject[] = [
  {
    name: 'orders',
    kind: 'table',
    setUp: [
      `CREATE TABLE shop.orders (id INT NOT NULL, name VARCHAR(20), amount DECIMAL(10, 2))
        PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 2`,
      "INSERT INTO shop.orders VALUES (1, 'a', 1.10), (2, NULL, 2.20), (3, 'c', 3.30)",
      'DELETE FROM shop.orders WHERE id = 3',
    ],
    // Overwritten by the restore.
    spoil: ["INSERT INTO shop.orders VALUES (2, 'later', 9), (9, 'later', 9)"],
    load: { statement: "INSERT INTO shop.orders VALUES (7, 'new', 7)", row: '[7,"new","7.00"]' },
  },
  {
    name: 'events',
    kind: 'table',
    setUp: [
      `CREATE TABLE shop.events (day DATE NOT NULL, what VARCHAR(20)) DUPLICATE KEY (day)
        PARTITION BY RANGE (day) (
          PARTITION p1 VALUES LESS THAN ('2024-02-01'),
          PARTITION p2 VALUES LESS THAN ('2024-03-01'))
        DISTRIBUTED BY HASH (day) BUCKETS 1`,
      "INSERT INTO shop.events VALUES ('2024-01-05', 'x')",
      "INSERT INTO shop.events VALUES ('2024-02-05', 'y'), ('2024-02-05', 'y')",
    ],
    // One partition is overwritten, one made anew.
    spoil: [
      'ALTER TABLE shop.events DROP PARTITION p2',
      "INSERT INTO shop.events VALUES ('2024-01-06', 'later')",
    ],
    load: {
      statement: "INSERT INTO shop.events VALUES ('2024-01-07', 'new')",
      row: '["2024-01-07","new"]',
    },
  },
  {
    name: 'stock',
    kind: 'table',
    setUp: [
      `CREATE TABLE shop.stock (item VARCHAR(10) NOT NULL, left_over BIGINT) UNIQUE KEY (item)
        DISTRIBUTED BY HASH (item) BUCKETS 1 ROLLUP (second (item, left_over))`,
      "INSERT INTO shop.stock VALUES ('nut', 5)",
      "INSERT INTO shop.stock VALUES ('nut', 4), ('bolt', 7)",
    ],
    // Made anew.
    spoil: ['DROP TABLE shop.stock'],
    load: { statement: "INSERT INTO shop.stock VALUES ('new', 1)", row: '["new","1n"]' },
  },
  {
    name: 'counted',
    kind: 'materialized view',
    setUp: [
      `CREATE MATERIALIZED VIEW shop.counted DISTRIBUTED BY HASH (item) BUCKETS 1
        REFRESH DEFERRED MANUAL AS SELECT item, left_over FROM shop.stock`,
      'REFRESH MATERIALIZED VIEW shop.counted WITH SYNC MODE',
    ],
    // Made anew, over a table that is made anew.
    spoil: ['DROP MATERIALIZED VIEW shop.counted'],
  },
  {
    name: 'named',
    kind: 'view',
    isBackedUpIn: ['3.5', '4.2'],
    setUp: ['CREATE VIEW shop.named AS SELECT id, name FROM shop.orders WHERE name IS NOT NULL'],
    spoil: ['DROP VIEW shop.named'],
  },
  {
    name: 'twice',
    kind: 'function',
    isBackedUpIn: ['3.5', '4.2'],
    setUp: [
      `CREATE FUNCTION shop.twice(INT) RETURNS INT
        PROPERTIES ('symbol' = 's', 'file' = 'http://host/f.jar', 'type' = 'StarrocksJar')`,
    ],
    spoil: [],
  },
];

/** Objects that only `npm run test:deep` has time for. */
export const FURTHER_OBJECTS: readonly MixedObject[] = [
  {
    name: 'nothing',
    kind: 'table',
    setUp: [
      `CREATE TABLE shop.nothing (id INT NOT NULL) DUPLICATE KEY (id)
        DISTRIBUTED BY HASH (id) BUCKETS 1`,
    ],
    spoil: [],
    load: { statement: 'INSERT INTO shop.nothing VALUES (1)', row: '[1]' },
  },
  {
    name: 'totals',
    kind: 'table',
    setUp: [
      `CREATE TABLE shop.totals (k INT NOT NULL, s BIGINT SUM, m INT MAX) AGGREGATE KEY (k)
        DISTRIBUTED BY HASH (k) BUCKETS 1`,
      'INSERT INTO shop.totals VALUES (1, 10, 3), (2, 5, 5)',
      'INSERT INTO shop.totals VALUES (1, 1, 9)',
    ],
    spoil: ['INSERT INTO shop.totals VALUES (1, 100, 1), (3, 1, 1)'],
    load: { statement: 'INSERT INTO shop.totals VALUES (8, 8, 8)', row: '[8,"8n",8]' },
  },
  {
    name: 'cities',
    kind: 'table',
    isBackedUpIn: ['3.5', '4.2'],
    setUp: [
      `CREATE TABLE shop.cities (city VARCHAR(10) NOT NULL, n INT) DUPLICATE KEY (city)
        PARTITION BY LIST (city) (
          PARTITION north VALUES IN ('oslo', 'bergen'), PARTITION south VALUES IN ('rome'))
        DISTRIBUTED BY HASH (city) BUCKETS 1`,
      "INSERT INTO shop.cities VALUES ('oslo', 1), ('rome', 2)",
    ],
    spoil: ["INSERT INTO shop.cities VALUES ('bergen', 9)"],
    load: { statement: "INSERT INTO shop.cities VALUES ('rome', 7)", row: '["rome",7]' },
  },
  {
    name: 'days',
    kind: 'table',
    setUp: [
      `CREATE TABLE shop.days (day DATE NOT NULL, n INT) DUPLICATE KEY (day)
        PARTITION BY date_trunc('day', day) DISTRIBUTED BY HASH (day) BUCKETS 1`,
      "INSERT INTO shop.days VALUES ('2024-05-01', 1), ('2024-05-02', 2)",
    ],
    spoil: ['DROP TABLE shop.days'],
    load: {
      statement: "INSERT INTO shop.days VALUES ('2024-05-03', 7)",
      row: '["2024-05-03",7]',
    },
  },
  {
    name: 'left_behind',
    kind: 'materialized view',
    setUp: [
      'CREATE DATABASE side',
      'CREATE TABLE side.far (k INT) DISTRIBUTED BY HASH (k) BUCKETS 1',
      'INSERT INTO side.far VALUES (1), (2)',
      `CREATE MATERIALIZED VIEW shop.left_behind DISTRIBUTED BY HASH (k) BUCKETS 1
        REFRESH DEFERRED MANUAL AS SELECT k FROM side.far`,
      'REFRESH MATERIALIZED VIEW shop.left_behind WITH SYNC MODE',
    ],
    // Inactive, so overwritten, and never active again: its table is not in the snapshot.
    spoil: ['DROP TABLE side.far'],
  },
  {
    name: 'by_city',
    kind: 'table',
    setUp: [
      `CREATE TABLE shop.by_city (id INT, city VARCHAR(10), n BIGINT) DUPLICATE KEY (id)
        DISTRIBUTED BY HASH (id) BUCKETS 1`,
      `CREATE MATERIALIZED VIEW shop.city_sums AS
        SELECT city, SUM(n) FROM shop.by_city GROUP BY city`,
      "INSERT INTO shop.by_city VALUES (1, 'oslo', 1), (2, 'oslo', 2)",
    ],
    spoil: ["INSERT INTO shop.by_city VALUES (3, 'rome', 3)"],
    load: {
      statement: "INSERT INTO shop.by_city VALUES (4, 'rome', 4)",
      row: '[4,"rome","4n"]',
    },
  },
];

/** What belongs to no database, and is backed up by jobs of its own. */
export const CATALOGS: readonly MixedObject[] = ['lake', 'sea'].map((name) => ({
  name,
  kind: 'catalog',
  setUp: [catalogSql(name, 'old')],
  spoil: [`DROP CATALOG ${name}`, ...(name === 'sea' ? [] : [catalogSql(name, 'new')])],
}));

function catalogSql(name: string, host: string): string {
  const uris = `'hive.metastore.uris' = 'thrift://${host}:9083'`;
  return `CREATE EXTERNAL CATALOG ${name} PROPERTIES ('type' = 'hive', ${uris})`;
}

/** Those that a backup in this profile takes along. */
export function objectsIn(
  profile: ProfileName,
  objects: readonly MixedObject[],
): readonly MixedObject[] {
  return objects.filter(({ isBackedUpIn }) => isBackedUpIn?.includes(profile) ?? true);
}

const CREATE_REPOSITORY = `CREATE REPOSITORY repo WITH BROKER
  ON LOCATION 'file://${REPOSITORY_DIR}'`;

export function setUpOf(objects: readonly MixedObject[]): readonly string[] {
  return ['CREATE DATABASE shop', ...objects.flatMap(({ setUp }) => setUp), CREATE_REPOSITORY];
}

/** The name under which external catalogs are looked at: they are in no database. */
export const NO_DATABASE = '';

/** What a database holds: of a table its sorted rows, of a view its definition, the functions. */
export type Contents = Readonly<Record<string, readonly string[]>>;

/** A database that is not there has no contents. */
export function contentsOf(machine: Machine, database: string): Contents {
  return contentsBut(machine, database, () => false);
}

/** The same, but for tables that are to be left out. */
export function contentsBut(
  machine: Machine,
  database: string,
  isLeftOut: (table: OlapTable) => boolean,
): Contents {
  const contents: Record<string, readonly string[]> = {};
  const { databases, databaseIds, externalCatalogs } = machine.frontend.catalog;
  if (database === NO_DATABASE) {
    for (const { name, properties } of externalCatalogs.values()) {
      contents[name] = [JSON.stringify([...properties])];
    }
    return contents;
  }
  const id = databaseIds.get(database);
  const found = id === undefined ? undefined : databases.get(id);
  if (found === undefined) return contents;
  for (const { name, definition } of found.views.values()) contents[name] = [definition];
  for (const signature of found.functions.keys()) contents[signature] = ['a function'];
  for (const table of found.tables.values()) {
    if (isLeftOut(table)) continue;
    const { name } = table;
    const { rows } = machine.query(`SELECT * FROM ${database}.${name}`);
    contents[name] = rows.map((row) => JSON.stringify(row, bigintAsText)).sort();
  }
  return contents;
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
