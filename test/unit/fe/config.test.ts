/** Each setting of ADMIN SHOW FRONTEND CONFIG changes what it says: here, or in the test named. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { CONFIG_ROWS } from '../../../src/fe/config.ts';
import { smallWorld, type World, type WorldOptions } from './support/world.ts';

/** Where a setting is shown to count. */
const SHOWN_BY: Readonly<Record<string, string>> = {
  auto_increment_cache_size: 'unit/fe/auto-increment.test.ts',
  auto_partition_max_creation_number_per_load: 'unit/fe/partition-kinds.test.ts',
  backup_clean_retry_limit: 'model/snapshot-retention.test.ts',
  backup_job_default_timeout_ms: 'unit/fe/config.test.ts',
  default_replication_num: 'unit/fe/background.test.ts',
  dynamic_partition_enable: 'unit/fe/dynamic-partitions.test.ts',
  edit_log_roll_num: 'unit/fe/background.test.ts',
  enable_backup_materialized_view: 'unit/fe/config.test.ts',
  enable_colocate_restore: 'unit/fe/colocation.test.ts',
  enable_mv_automatic_active_check: 'unit/fe/materialized-views/views.test.ts',
  history_job_keep_max_second: 'unit/fe/background.test.ts',
  label_clean_interval_second: 'unit/fe/config.test.ts',
  label_keep_max_num: 'unit/fe/loads.test.ts',
  max_download_task_per_be: 'unit/fe/config.test.ts',
  max_upload_task_per_be: 'unit/fe/background.test.ts',
  mv_active_checker_interval_seconds: 'unit/fe/config.test.ts',
  mysql_server_version: 'unit/fe/config.test.ts',
  qe_max_connection: 'unit/wire/connection-limits.test.ts',
  ssl_force_secure_transport: 'unit/wire/tls.test.ts',
  tablet_create_timeout_second: 'unit/fe/background.test.ts',
};

test('every setting is shown to count by the test that is named for it', () => {
  expect(Object.keys(CONFIG_ROWS).sort()).toEqual(Object.keys(SHOWN_BY).sort());
  for (const [key, file] of Object.entries(SHOWN_BY)) {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    expect(text, file).toContain(key);
  }
});

function worldWithBackup(options: WorldOptions = {}): World {
  const world = smallWorld({ backends: 1, ...options });
  world.run("INSERT INTO d.p VALUES (1, 1, 'a'), (2, 2, 'b'), (3, 3, 'c')");
  world.run("CREATE REPOSITORY r WITH BROKER ON LOCATION 'memory://r'");
  return world;
}

const set = (world: World, key: string, value: string): void => {
  world.run(`ADMIN SET FRONTEND CONFIG ('${key}' = '${value}')`);
};

describe('a setting counts from its change on', () => {
  test('backup_job_default_timeout_ms', () => {
    const world = worldWithBackup();
    set(world, 'backup_job_default_timeout_ms', '700000');
    world.run('BACKUP SNAPSHOT d.s TO r');
    expect(world.objects('SHOW BACKUP FROM d')[0]).toMatchObject({ Timeout: '700' });
  });

  test('enable_backup_materialized_view', () => {
    const world = worldWithBackup();
    world.run(`CREATE MATERIALIZED VIEW d.m DISTRIBUTED BY HASH (id) REFRESH MANUAL
      AS SELECT id FROM d.p`);
    const backedUp = (label: string): unknown => {
      world.run(`BACKUP SNAPSHOT d.${label} TO r`);
      world.untilJobDone('d');
      return world.objects('SHOW BACKUP FROM d')[0]?.['BackupObjs'];
    };
    expect(backedUp('one')).not.toContain('d.m');
    set(world, 'enable_backup_materialized_view', 'true');
    expect(backedUp('two')).toContain('d.m');
  });

  test('max_download_task_per_be', () => {
    const world = worldWithBackup();
    world.run('BACKUP SNAPSHOT d.s TO r ON (p)');
    world.untilJobDone('d');
    const [[, timestamp]] = world.rows('SHOW SNAPSHOT ON r') as [[unknown, string]];
    const downloads = (): number => {
      world.events.length = 0;
      world.run(`RESTORE SNAPSHOT d.s FROM r PROPERTIES ('backup_timestamp' = '${timestamp}')`);
      world.untilJobDone('d');
      return world.events.filter(
        ({ what, about }) => what === 'task.finish' && about['type'] === 'DOWNLOAD',
      ).length;
    };
    expect(downloads()).toBe(2);
    set(world, 'max_download_task_per_be', '1');
    expect(downloads()).toBe(1);
  });

  test('mysql_server_version', () => {
    const world = smallWorld({ backends: 1, config: { mysql_server_version: '5.7.1' } });
    expect(world.cluster.queryHandler.serverVersion).toBe('5.7.1');
    expect(world.rows('SELECT @@version, VERSION()')).toEqual([['5.7.1', '5.7.1']]);
    set(world, 'mysql_server_version', '8.4.0');
    expect(world.cluster.queryHandler.serverVersion).toBe('8.4.0');
    expect(world.cell('SELECT VERSION()')).toBe('8.4.0');
  });
});

describe('a setting of the start', () => {
  test('label_clean_interval_second: how often old jobs are dropped', () => {
    const world = worldWithBackup({
      config: { label_clean_interval_second: '60', history_job_keep_max_second: '1' },
    });
    world.run('BACKUP SNAPSHOT d.s TO r');
    world.untilJobDone('d');
    expect(world.rows('SHOW BACKUP FROM d')).toHaveLength(1);
    world.clock.advance(65_000);
    expect(world.rows('SHOW BACKUP FROM d')).toEqual([]);
  });

  test.each([
    ['10', true],
    ['3600', false],
  ])('mv_active_checker_interval_seconds: %s', (seconds, isActiveAgain) => {
    const world = smallWorld({
      backends: 1,
      config: { mv_active_checker_interval_seconds: seconds },
    });
    world.run(`CREATE MATERIALIZED VIEW d.m DISTRIBUTED BY HASH (id) REFRESH MANUAL
      AS SELECT id FROM d.p; DROP TABLE d.p FORCE;
      CREATE TABLE d.p (id INT NOT NULL) PRIMARY KEY (id) DISTRIBUTED BY HASH (id) BUCKETS 1`);
    world.clock.advance(30_000);
    expect(world.objects('SHOW MATERIALIZED VIEWS FROM d')[0]?.['is_active']).toBe(
      String(isActiveAgain),
    );
  });
});
