/**
 * What real clients send: `starrocks-br` (starrocks-br-client.md), drivers and tools right after
 * connecting (sql-surface.md 8), and syntax people paste (sql-surface.md 9).
 */
import { describe, expect, test } from 'vitest';
import { parseStatements } from '../../../src/sql/parse.ts';
import { errorOf, OPTIONS, parseOne } from './support.ts';

describe('starrocks-br', () => {
  test.each([
    // The preamble of every command.
    "SHOW DATABASES LIKE 'ops'",
    'USE ops',
    'SHOW TABLES',
    'SHOW FRONTENDS',
    'SHOW BACKENDS',
    'SHOW REPOSITORIES',
    // Connector.
    "SET NAMES 'utf8mb4' COLLATE 'utf8mb4_0900_ai_ci'",
    'SET @@session.autocommit = OFF',
    'set autocommit=0',
    'COMMIT',
    'commit',
    'SELECT @@session.sql_mode',
    // init.
    'CREATE DATABASE IF NOT EXISTS ops',
    `INSERT INTO ops.table_inventory (inventory_group, database_name, table_name)
     VALUES ('g', 'db', 't')`,
    // backup.
    "SELECT label FROM ops.backup_history WHERE label LIKE 'sales_20260101_full%' ORDER BY label",
    `SELECT database_name, table_name FROM ops.table_inventory WHERE inventory_group = 'g'
     ORDER BY database_name, table_name`,
    'SHOW TABLES FROM `sales`',
    `
        SELECT DB_NAME, TABLE_NAME, PARTITION_NAME
        FROM information_schema.partitions_meta${' '}
        WHERE DB_NAME = 'sales' AND PARTITION_NAME IS NOT NULL
          AND (TABLE_NAME = 'a' OR TABLE_NAME = 'b')
        ORDER BY TABLE_NAME, PARTITION_NAME
    `,
    "SELECT scope, label, state FROM ops.run_status WHERE state = 'ACTIVE'",
    `INSERT INTO ops.run_status (scope, label, state, started_at)
     VALUES ('backup', 'l', 'ACTIVE', NOW())`,
    `INSERT INTO ops.backup_partitions (key_hash, label, database_name, table_name, partition_name)
     VALUES ('5d41402abc4b2a76b9719d911017c592', 'l', 'd', 't', 'p')`,
    "SHOW VARIABLES LIKE 'time_zone'",
    'BACKUP DATABASE `sales` SNAPSHOT `l`\n    TO `repo`',
    'BACKUP DATABASE `sales` SNAPSHOT `l`\n    TO `repo`\n    ON (TABLE `a`,\n        TABLE `b`)',
    `BACKUP DATABASE \`sales\` SNAPSHOT \`l\` TO \`repo\`
     ON (TABLE \`t\` PARTITION (\`p1\`, \`p2\`),\n    TABLE \`u\` PARTITION (\`u\`))`,
    'SHOW BACKUP FROM sales',
    'SHOW BACKUP FROM `sales`',
    `INSERT INTO ops.backup_history ( label, backup_type, status, repository, started_at,
      finished_at, error_message ) VALUES ( 'l', 'full', 'FINISHED', 'repo',
      '2026-01-01 00:00:00', '2026-01-01 00:00:01', NULL )`,
    `UPDATE ops.run_status SET state='FINISHED', finished_at=NOW()
     WHERE scope='backup' AND label='l'`,
    `SELECT label, backup_type, finished_at FROM ops.backup_history WHERE backup_type = 'full'
     AND status = 'FINISHED' AND label LIKE 'sales_%' ORDER BY finished_at DESC LIMIT 1`,
    "SELECT finished_at FROM ops.backup_history WHERE label = 'l' AND status = 'FINISHED'",
    'SHOW PARTITIONS FROM `sales`.`t`',
    // restore.
    `SELECT label, backup_type, finished_at FROM ops.backup_history WHERE backup_type = 'full'
     AND status = 'FINISHED' AND label LIKE 'sales_%' AND finished_at < '2026-01-01 00:00:00'
     ORDER BY finished_at DESC LIMIT 1`,
    `SELECT DISTINCT database_name, table_name FROM ops.backup_partitions WHERE label = 'l'
     ORDER BY database_name, table_name`,
    "SHOW SNAPSHOT ON `repo` WHERE Snapshot = 'l'",
    `RESTORE SNAPSHOT \`l\`
    FROM \`repo\`
    DATABASE \`sales\`
    ON (TABLE \`a\` AS \`a_restored\`,
    TABLE \`b\` AS \`b_restored\`)
    PROPERTIES ("backup_timestamp" = "2026-01-01-00-00-00-000")`,
    `RESTORE SNAPSHOT \`l\` FROM \`repo\` DATABASE \`sales\`
     ON (TABLE \`n\` PARTITION (\`p1\`) AS \`n_restored\`)
     PROPERTIES ("backup_timestamp" = "2026-01-01-00-00-00")`,
    'RESTORE SNAPSHOT `l` FROM `repo` DATABASE `sales` PROPERTIES ("backup_timestamp" = "x")',
    'SHOW RESTORE FROM `sales`',
    `INSERT INTO ops.restore_history ( job_id, backup_label, restore_type, status, repository,
      started_at, finished_at, error_message, verification_checksum ) VALUES ( 'l', 'l', 'full',
      'CANCELLED', 'repo', '2026-01-01 00:00:00', '2026-01-01 00:00:01', 'it''s', NULL )`,
    `SELECT partition_name FROM ops.backup_partitions WHERE label = 'l' AND database_name = 'd'
     AND table_name = 't' ORDER BY partition_name`,
    'ALTER TABLE `sales`.`t` RENAME `t_backup_20260101_000000`',
    'ALTER TABLE `sales`.`t_restored` RENAME `t`',
    // prune.
    `SELECT label, finished_at FROM ops.backup_history WHERE repository = 'repo'
     AND status = 'FINISHED' ORDER BY finished_at ASC`,
    `SELECT DISTINCT bh.label, bh.finished_at, ti.inventory_group FROM ops.backup_history bh
     INNER JOIN ops.backup_partitions bp ON bh.label = bp.label
     INNER JOIN ops.table_inventory ti ON bp.database_name = ti.database_name
       AND (bp.table_name = ti.table_name OR ti.table_name = '*')
     WHERE bh.repository = 'repo' AND bh.status = 'FINISHED' AND ti.inventory_group = 'g'
     ORDER BY bh.finished_at ASC`,
    "SHOW SNAPSHOT ON repo WHERE SNAPSHOT = 'l'",
    "DROP SNAPSHOT ON repo WHERE SNAPSHOT = 'l'",
    "DELETE FROM ops.backup_partitions WHERE label = 'l'",
    "DELETE FROM ops.backup_history WHERE label = 'l'",
    // Its documentation.
    `SELECT status, COUNT(*), SUM(CASE WHEN status = 'FAILED' THEN 1 ELSE 0 END),
      MAX(DATEDIFF(NOW(), finished_at)) FROM ops.backup_history
     WHERE finished_at > DATE_SUB(NOW(), INTERVAL 7 DAY) GROUP BY status`,
  ])('%s', (text) => {
    expect(parseOne(text).kind).not.toBe('');
  });

  test('its tables: comment before distribution, STRING keys, no PROPERTIES', () => {
    const inventory = parseOne(`
      CREATE TABLE IF NOT EXISTS ops.table_inventory (
          inventory_group STRING NOT NULL COMMENT "group",
          database_name STRING NOT NULL COMMENT "db",
          table_name STRING NOT NULL COMMENT "table, or '*'",
          created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
          updated_at DATETIME DEFAULT CURRENT_TIMESTAMP
      )
      UNIQUE KEY (inventory_group, database_name, table_name)
      COMMENT "groups"
      DISTRIBUTED BY HASH(inventory_group)`);
    expect(inventory).toMatchObject({
      keys: { type: 'UNIQUE_KEYS', columns: ['inventory_group', 'database_name', 'table_name'] },
      comment: 'groups',
      distribution: { kind: 'HASH', columns: ['inventory_group'], buckets: undefined },
      properties: new Map(),
    });
    const status = parseOne(`CREATE TABLE IF NOT EXISTS ops.run_status (
        scope STRING NOT NULL COMMENT "backup or restore",
        label STRING NOT NULL,
        state STRING NOT NULL DEFAULT "ACTIVE" COMMENT "state",
        started_at DATETIME DEFAULT CURRENT_TIMESTAMP COMMENT "begin",
        finished_at DATETIME COMMENT "end"
      ) PRIMARY KEY (scope, label) COMMENT "slots"`);
    expect(status.kind === 'create-table' && status.columns).toMatchObject([
      { name: 'scope', type: { name: 'VARCHAR', length: 65_533 } },
      { name: 'label' },
      { defaultValue: { kind: 'literal', text: 'ACTIVE' }, comment: 'state' },
      { defaultValue: { kind: 'expression' } },
      { nullable: undefined },
    ]);
  });

  test('a database name with a dash fails in its unquoted poll, as with a real frontend', () => {
    expect(errorOf('SHOW BACKUP FROM my-db').code).toBe('syntax');
  });

  test.each([
    'BACKUP SNAPSHOT repo ON (t, ops.backup_history)',
    'BACKUP DATABASE ops ON (t) TO repo',
    "RESTORE TABLE t FROM l AT '2026-01-01'",
  ])('%s, from before its first release, is no StarRocks', (text) => {
    expect(errorOf(text).code).toBe('syntax');
  });
});

describe('connecting clients', () => {
  test.each([
    ['mysql', 'select @@version_comment limit 1'],
    ['mysql', 'show databases'],
    ['mysql', 'SELECT DATABASE()'],
    ['mysql', 'select DATABASE(), USER() limit 1'],
    ['MariaDB', 'show warnings'],
    ['mysqldump', "/*!40100 SET @@SQL_MODE='' */; SELECT 1"],
    ['mysqldump', "SHOW VARIABLES LIKE 'gtid\\_mode'"],
    ['mysqldump', 'SELECT /*!40001 SQL_NO_CACHE */ * FROM `t`'],
    ['PyMySQL', 'SET NAMES utf8mb4'],
    ['PyMySQL', 'SET AUTOCOMMIT = 0'],
    ['PyMySQL', "SET sql_mode='ONLY_FULL_GROUP_BY'"],
    ['PyMySQL', 'COMMIT'],
    ['mysql-connector', "SET NAMES 'utf8mb4' COLLATE 'utf8mb4_general_ci'"],
    ['mysql-connector', 'SELECT @@session.autocommit'],
    ['mysql-connector', "SET @@session.time_zone = '+00:00'"],
    ['SQLAlchemy', 'SELECT VERSION()'],
    ['SQLAlchemy', 'SELECT @@sql_mode'],
    ['SQLAlchemy', "SHOW VARIABLES LIKE 'sql_mode'"],
    ['SQLAlchemy', 'SELECT @@lower_case_table_names'],
    ['SQLAlchemy', 'SELECT @@transaction_isolation'],
    ['SQLAlchemy', 'ROLLBACK'],
    ['SQLAlchemy', 'SELECT CURRENT_VERSION()'],
    ['SQLAlchemy', 'DESCRIBE `d`.`t`'],
    ['SQLAlchemy', 'SHOW FULL TABLES FROM `d`'],
    [
      'Connector/J',
      `/* mysql-connector-j-8.0.33 (Revision: x) */SELECT
       @@session.auto_increment_increment AS auto_increment_increment,
       @@character_set_client AS character_set_client, @@license AS license,
       @@performance_schema AS performance_schema, @@wait_timeout AS wait_timeout`,
    ],
    ['Connector/J', 'SET character_set_results = NULL'],
    ['Connector/J', "SET sql_mode='STRICT_TRANS_TABLES,ONLY_FULL_GROUP_BY'"],
    ['Connector/J', 'SET SESSION a=1,b=2'],
    ['DBeaver', 'SHOW ENGINES'],
    ['DBeaver', 'SHOW CHARSET'],
    ['DBeaver', 'SHOW COLLATION'],
    ['DBeaver', 'SELECT * FROM information_schema.SCHEMATA'],
    ['DBeaver', 'use `db`'],
    ['DBeaver', 'SHOW GLOBAL STATUS'],
    ['DBeaver', 'SHOW GLOBAL VARIABLES'],
    ['DBeaver', 'SHOW PRIVILEGES'],
    ['DBeaver', 'SHOW PLUGINS'],
    ['DBeaver', 'SELECT * FROM mysql.user ORDER BY user'],
    ['go-sql-driver', 'SELECT @@max_allowed_packet'],
    ['go-sql-driver', "SET time_zone = 'UTC'"],
    ['dbt', 'select current_version()'],
    ['dbt', 'CREATE DATABASE default_catalog.analytics'],
    [
      'Flink',
      `SELECT COLUMN_NAME, COLUMN_KEY, DATA_TYPE, COLUMN_SIZE, DECIMAL_DIGITS
       FROM \`information_schema\`.\`COLUMNS\` WHERE \`TABLE_SCHEMA\`='d' AND \`TABLE_NAME\`='t';`,
    ],
    ['Spark', 'show databases;'],
    [
      'Spark',
      `SELECT SCHEMA_NAME FROM information_schema.schemata WHERE SCHEMA_NAME IN ('a', 'b')`,
    ],
    [
      'Spark',
      `SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.tables
       WHERE TABLE_SCHEMA = 'd' AND TABLE_TYPE='BASE TABLE'`,
    ],
  ])('%s: %s', (_client, text) => {
    expect(parseStatements(text, OPTIONS)).toHaveLength(1);
  });
});

describe('syntax people paste', () => {
  test('a primary-key table with and without expression partitioning', () => {
    const pasted = (partitionBy: string): string => `
      CREATE TABLE IF NOT EXISTS fleet.trip_state (
          trip_day     DATE        NOT NULL COMMENT "service day",
          vehicle_no   BIGINT      NOT NULL,
          leg          SMALLINT    NOT NULL DEFAULT "0",
          driver       VARCHAR(48) NULL,
          payload      JSON        NULL,
          updated_at   DATETIME    NULL DEFAULT CURRENT_TIMESTAMP
      ) ENGINE=OLAP
      PRIMARY KEY (trip_day, vehicle_no, leg)
      COMMENT "latest state per leg"
      ${partitionBy}
      DISTRIBUTED BY HASH (vehicle_no) BUCKETS 4
      ORDER BY (driver, updated_at)
      PROPERTIES ("replication_num" = "1", "enable_persistent_index" = "true");`;
    expect(parseOne(pasted(''))).toMatchObject({
      keys: { type: 'PRIMARY_KEYS', columns: ['trip_day', 'vehicle_no', 'leg'] },
      orderBy: ['driver', 'updated_at'],
      columns: [{}, {}, { type: { name: 'SMALLINT' } }, {}, { type: { name: 'JSON' } }, {}],
    });
    expect(parseOne(pasted("PARTITION BY date_trunc('day', trip_day)"))).toMatchObject({
      partitionBy: { kind: 'expression', unit: 'day', column: 'trip_day', partitions: [] },
    });
  });

  test('an aggregate table is refused for its BITMAP and HLL columns', () => {
    const pasted = (columns: string, rollup: string): string => `
      CREATE TABLE fleet.fuel_daily (
          d        DATE,
          depot    INT             COMMENT 'depot id',
          litres   DECIMAL(12, 3)  SUM DEFAULT "0",
          peak     DOUBLE          MAX${columns}
      )
      AGGREGATE KEY (d, depot)
      PARTITION BY RANGE (d) (
          PARTITION p_old   VALUES [("2000-01-01"), ("2024-01-01")),
          PARTITION p202401 VALUES [("2024-01-01"), ("2024-02-01")),
          START ("2024-02-01") END ("2024-05-01") EVERY (INTERVAL 1 MONTH)
      )
      DISTRIBUTED BY HASH (depot) BUCKETS 3
      ${rollup}
      PROPERTIES ("replication_num" = "1", "storage_medium" = "HDD");`;
    expect(parseOne(pasted('', ''))).toMatchObject({ partitionBy: { partitions: [{}, {}, {}] } });
    expect(errorOf(pasted(', plates BITMAP BITMAP_UNION', '')).message).toMatch('the type BITMAP');
    expect(errorOf(pasted(', cards HLL HLL_UNION', '')).message).toMatch('the type HLL');
    expect(parseOne(pasted('', 'ROLLUP (by_depot (depot, litres))'))).toMatchObject({
      rollups: [{ name: 'by_depot', columns: ['depot', 'litres'] }],
    });
  });

  test('a duplicate-key table is refused for its index alone', () => {
    const pasted = (columns: string, partitionBy: string): string => `
      CREATE TABLE fleet.sensor_raw (
          region   VARCHAR(16) NOT NULL,
          ts       DATETIME    NOT NULL,
          reading  LARGEINT    DEFAULT "0"${columns}
      )
      DUPLICATE KEY (region, ts)
      ${partitionBy}
      DISTRIBUTED BY RANDOM BUCKETS 2
      PROPERTIES ("replication_num" = "1", "compression" = "LZ4");`;
    expect(parseOne(pasted('', ''))).toMatchObject({
      distribution: { kind: 'RANDOM', buckets: 2 },
    });
    const list = 'PARTITION BY LIST (region) (PARTITION pNorth VALUES IN ("oslo", "umea"))';
    expect(parseOne(pasted('', list))).toMatchObject({
      partitionBy: {
        kind: 'list',
        columns: ['region'],
        isAutomatic: false,
        partitions: [{ kind: 'list', name: 'pNorth', values: [['oslo'], ['umea']] }],
      },
    });
    const nested = ', tags ARRAY<VARCHAR(20)>, attrs MAP<VARCHAR(20), INT>';
    expect(parseOne(pasted(nested, list))).toMatchObject({
      columns: { 3: { type: { name: 'ARRAY' } }, 4: { type: { name: 'MAP' } } },
    });
    expect(parseOne(pasted(", INDEX ix (region) USING BITMAP COMMENT 'low'", list))).toMatchObject({
      indexes: [{ name: 'ix', columns: ['region'], type: 'BITMAP', comment: 'low' }],
    });
  });

  test('the words that are not reserved are names', () => {
    const words = `BACKUP RESTORE SNAPSHOT SNAPSHOTS REPOSITORY REPOSITORIES RECOVER BROKER
      LOCATION CANCEL EXTERNAL CATALOG CATALOGS MATERIALIZED FUNCTIONS ASYNC ONLY BUCKETS
      DISTRIBUTED DUPLICATE AGGREGATE HASH RANDOM LIST PARTITIONS PROPERTIES LABEL CLUSTER AUTOMATED
      STATUS DATA DATE COMMENT NAME FILE TABLES TIMESTAMP VIEW VIEWS`.split(/\s+/);
    for (const word of words) {
      expect(parseOne(`CREATE TABLE ${word} (${word} INT)`)).toMatchObject({
        table: { name: word },
        columns: [{ name: word }],
      });
      expect(parseOne(`SELECT ${word} FROM ${word}.${word} WHERE ${word} = 1`).kind).toBe('select');
      expect(parseOne(`BACKUP SNAPSHOT ${word}.${word} TO ${word} ON (${word})`)).toMatchObject({
        label: word,
        objects: [{ name: { name: word } }],
      });
    }
  });

  test('the reserved words are not', () => {
    const words =
      `ALL AS DATABASE FOR FROM FUNCTION INDEX KEY ON ORDER PARTITION PRIMARY RANGE TABLE
      TO WHERE WITH`.split(/\s+/);
    for (const word of words) {
      expect(errorOf(`DROP TABLE ${word}`).code).toBe('syntax');
      expect(parseOne(`DROP TABLE \`${word}\``)).toMatchObject({ table: { name: word } });
    }
  });
});
