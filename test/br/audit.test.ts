/** Where history, manifest, slots and repository disagree (br-cli.md 7.6, 7.8). */
import { describe, expect, test } from 'vitest';
import { runNow } from '../../src/base/op.ts';
import type { BlobLocation } from '../../src/blob/blob-storage.ts';
import { readConfig } from '../../src/br/config/read-config.ts';
import { ServerError } from '../../src/br/errors.ts';
import { openSnapshotStore } from '../../src/br/retention/store-snapshots.ts';
import { MemoryBlob } from '../../src/index.ts';
import { createSales } from './sales.ts';
import { type CallOptions, CONFIG, type Outcome, openSite, type Site } from './site.ts';

const REPOSITORY = '/bucket/backups/__starrocks_repository_repo';

let site: Site;
let store: MemoryBlob;

function run(words: readonly string[], how: CallOptions = {}): Promise<Outcome> {
  return site.run(['--json', '--exit-codes', 'extended', ...words], how);
}

async function backup(type: string, name: string): Promise<void> {
  const outcome = await run(['backup', type, '--group', 'all', '--name', name]);
  expect(outcome.err).not.toContain('Error');
}

async function kinds(...more: readonly string[]): Promise<readonly string[]> {
  const { findings } = JSON.parse((await run(['audit', ...more])).out);
  return findings.map((each: { kind: string; label: string }) => `${each.kind} ${each.label}`);
}

function loseSnapshot(label: string): void {
  runNow(store.delete(`${REPOSITORY}/__ss_${label}`));
}

/** A frontend before 4.2. */
function withoutDrop(sql: string): void {
  if (sql.startsWith('DROP SNAPSHOT')) throw new ServerError(1064, 'syntax error');
}

async function openSales(memoryStore: MemoryBlob, options = {}): Promise<Site> {
  const opened = await openSite({ memoryStore, ...options });
  await createSales(opened);
  await opened.run(['init']);
  await opened.run(['inventory', 'add', '--group', 'all', '*']);
  return opened;
}

async function begin(options = {}): Promise<void> {
  store = new MemoryBlob();
  site = await openSales(store, options);
}

describe('srbr audit', () => {
  test('AC-AUDIT-1, E2E-35: finds one of each kind and nothing else, and mends them', async () => {
    await begin();
    await backup('full', 'good');
    const clean = await run(['audit']);
    expect(clean).toMatchObject({ exit: 0 });
    expect(JSON.parse(clean.out)).toEqual({ findings: [], fixed: [] });
    await backup('full', 'lost');
    loseSnapshot('lost');
    await site.sql('BACKUP DATABASE sales_db SNAPSHOT found TO repo ON (TABLE dim)');
    await site.cluster.untilJobDone('sales_db');
    await site.sql(
      'INSERT INTO ops.backup_partitions (key_hash, label, database_name, table_name, ' +
        "partition_name) VALUES ('x', 'never', 'sales_db', 'orders', 'p1')",
    );
    await site.sql(
      "INSERT INTO ops.run_status (scope, label, state, started_at) VALUES ('backup', 'stuck', " +
        "'ACTIVE', '2024-12-01 00:00:00')",
    );
    const wanted = [
      'history-without-snapshot lost',
      'snapshot-without-history found',
      'manifest-without-history never',
      'slot-without-job stuck',
    ];
    const dirty = await run(['audit']);
    expect(dirty.exit).toBe(10);
    expect(await kinds()).toEqual(wanted);
    const fixed = await run(['audit', '--fix']);
    expect(fixed.exit).toBe(0);
    expect(JSON.parse(fixed.out).fixed).toHaveLength(wanted.length);
    expect(await kinds()).toEqual([]);
    const history = await site.sql('SELECT label, status FROM ops.backup_history ORDER BY label');
    expect(history.map((row) => Object.values(row).join(' '))).toEqual([
      'found FINISHED',
      'good FINISHED',
      'lost LOST',
      'stuck CANCELLED',
    ]);
  });

  test('E2E-41: a chain without its base is told, and no repair hides it', async () => {
    await begin();
    await backup('full', 'base');
    await site.sql("INSERT INTO sales_db.dim VALUES (9, 'later')");
    await backup('incremental', 'top');
    loseSnapshot('base');
    const told = JSON.parse((await run(['audit'])).out).findings[0].text;
    expect(told).toContain('base: FINISHED in the history, not in the repository');
    expect(told).toContain('these stand on it: top');
    for (const words of [
      ['verify', 'top'],
      ['restore', '--target-label', 'top', '--yes'],
    ]) {
      const outcome = await run(words);
      expect(outcome.exit).not.toBe(0);
      expect(outcome.err).toContain('base');
      expect(outcome.statements.filter((sql) => sql.startsWith('RESTORE'))).toEqual([]);
    }
    expect((await run(['audit', '--fix'])).exit).toBe(10);
    expect(await kinds()).toEqual(['unrestorable top']);
  });

  test('a snapshot that went when its time was up is no alarm, and says so', async () => {
    await begin({ starrocksVersion: '4.2' });
    await run(['backup', 'full', '--group', 'all', '--name', 'short', '--ttl', '1 MINUTE']);
    await backup('full', 'long');
    site.pass(720_000);
    const [finding] = JSON.parse((await run(['audit'])).out).findings;
    expect(finding.text).toMatch(/^short: .* where it was to stay until 2025-01-01 \d\d:/);
    const check = await site.run(['check', '--max-age', '26h']);
    expect(check.out).toMatch(/^SRBR OK/);
    expect((await run(['audit', '--fix'])).exit).toBe(0);
  });

  test('a run that is not over is no finding, and no repository means no verdict', async () => {
    await begin();
    await run(['backup', 'full', '--group', 'all', '--detach']);
    expect(await kinds()).toEqual([]);
    await site.cluster.untilJobDone('sales_db');
    expect(await kinds()).toEqual([]);
    const config = 'host: h\nport: 1\nuser: u\ndatabase: sales_db\nrepository: elsewhere\n';
    const outcome = await run(['audit', '--fix'], { config });
    expect(outcome.exit).toBe(4);
    expect(outcome.err).toContain("repository 'elsewhere' not found");
  });

  test('snapshots of databases that this cluster never had are left to their owners', async () => {
    await begin();
    await site.sql('CREATE DATABASE theirs');
    await site.sql('CREATE TABLE theirs.t (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1');
    await site.sql('BACKUP DATABASE theirs SNAPSHOT foreign_one TO repo');
    await site.cluster.untilJobDone('theirs');
    await site.sql('DROP DATABASE theirs FORCE');
    expect((await run(['audit', '--fix'])).exit).toBe(10);
    expect(await kinds()).toEqual(['snapshot-without-history foreign_one']);
  });
});

describe('srbr prune where the frontend cannot', () => {
  test('E2E-30, AC-PRUNE-7: --storage-delete removes it, without all stays', async () => {
    await begin({ strict: true, backends: 3 });
    await backup('full', 'first');
    await backup('full', 'second');
    const words = ['prune', '--snapshot', 'first', '--yes'];
    const refused = await run(words, { store });
    expect(refused.exit).toBe(1);
    expect(refused.err).toContain('--storage-delete');
    expect(await site.sql('SELECT label FROM ops.backup_history')).toHaveLength(2);
    const done = await run([...words, '--storage-delete'], { store });
    expect(done.err).not.toContain('Error');
    expect(JSON.parse(done.out)).toEqual({ deleted: ['first'], failed: [] });
    const left = store.keys().filter((key) => key.includes('__ss_'));
    expect(left.filter((key) => key.includes('__ss_first'))).toEqual([]);
    expect(left.length).toBeGreaterThan(0);
    expect((await run(['verify', 'second'])).exit).toBe(0);
    expect(await site.sql('SELECT label FROM ops.backup_history')).toEqual([{ label: 'second' }]);
  });

  test('a store that does not answer keeps the records', async () => {
    await begin();
    await backup('full', 'first');
    const words = ['prune', '--snapshot', 'first', '--yes', '--storage-delete'];
    const outcome = await run(words, { onStatement: withoutDrop });
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain('nobody is there');
    expect(await site.sql('SELECT label FROM ops.backup_history')).toHaveLength(1);
  });

  test('storage says where an S3 store is and which variables hold its keys', async () => {
    const connection = {
      query: async () => [
        { RepoName: 'repo', IsReadOnly: 'false', Location: 's3://bucket/path', ErrMsg: 'NULL' },
      ],
      close: async () => undefined,
    };
    const opened: BlobLocation[] = [];
    const open = async (more: string, env: Readonly<Record<string, string>>) => {
      const { config } = await readConfig(`${CONFIG}${more}`, 'config.yaml');
      return await openSnapshotStore(connection, config, {
        env: (name) => env[name],
        async openStore(where) {
          opened.push(where);
          return { storage: new MemoryBlob(), root: '/path' };
        },
      });
    };
    const storage = 'storage: {endpoint: "http://h:9000", access_key_env: A, secret_key_env: S}\n';
    await open(storage, { A: 'ak', S: 'sk' });
    expect(opened).toEqual([
      {
        location: 's3://bucket/path',
        brokerName: '',
        properties: {
          'aws.s3.access_key': 'ak',
          'aws.s3.secret_key': 'sk',
          'aws.s3.enable_path_style_access': 'true',
          'aws.s3.endpoint': 'http://h:9000',
        },
      },
    ]);
    await expect(open(storage, { A: 'ak' })).rejects.toThrow('the environment has no S');
    await expect(open('', {})).rejects.toThrow('storage is not configured');
    const elsewhere = storage.replace('{', '{bucket: b, prefix: /p/, ');
    const { remove } = await open(elsewhere, { A: 'ak', S: 'sk' });
    expect(opened[1]?.location).toBe('s3://b/p');
    await expect(remove('../x')).rejects.toThrow("'../x' is no name of one directory");
  });

  test('--reverse-orphans deletes records whose snapshot is gone, and no others', async () => {
    await begin();
    await backup('full', 'good');
    await backup('full', 'lost');
    loseSnapshot('lost');
    const dry = await run(['prune', '--reverse-orphans', '--dry-run']);
    expect(JSON.parse(dry.out).wouldDelete).toEqual(['lost']);
    const outcome = await run(['prune', '--reverse-orphans', '--yes']);
    expect(JSON.parse(outcome.out).deleted).toEqual(['lost']);
    expect(await site.sql('SELECT label FROM ops.backup_history')).toEqual([{ label: 'good' }]);
    expect((await run(['prune', '--reverse-orphans', '--policy'])).exit).toBe(1);
  });
});
