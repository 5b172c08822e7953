/** What users are told when something fails, and how results look to programs (br-cli.md 7.10). */
import { beforeAll, describe, expect, test } from 'vitest';
import { runNow } from '../../src/base/op.ts';
import { COMMANDS } from '../../src/br/cli/commands.ts';
import { LostConnection, ServerError } from '../../src/br/errors.ts';
import { MemoryBlob } from '../../src/index.ts';
import { createSales } from './sales.ts';
import { type CallOptions, CONFIG, type Outcome, openSite, type Site } from './site.ts';

const REPOSITORY = '/bucket/backups/__starrocks_repository_repo';

let site: Site;
let store: MemoryBlob;

/** A site with full backups `base` and `gone`, whose snapshot is lost, and nothing changed since. */
beforeAll(async () => {
  store = new MemoryBlob();
  site = await openSite({ memoryStore: store, backends: 2 });
  await createSales(site);
  await site.run(['init']);
  await site.run(['inventory', 'add', '--group', 'g', 'orders', 'dim']);
  await site.run(['inventory', 'add', '--group', 'holes', 'orders', 'nowhere']);
  await site.run(['inventory', 'add', '--group', 'fresh', 'events']);
  for (const name of ['gone', 'base']) {
    await site.run(['backup', 'full', '--group', 'g', '--name', name]);
  }
  runNow(store.delete(`${REPOSITORY}/__ss_gone`));
  await site.sql(
    "CREATE READ ONLY REPOSITORY old WITH BROKER ON LOCATION 'memory://bucket/backups'",
  );
});

function failing(when: (sql: string) => boolean, error: Error): OnStatement {
  return (sql) => {
    if (when(sql)) throw error;
  };
}

type OnStatement = NonNullable<CallOptions['onStatement']>;

const isBackup = (sql: string): boolean => sql.startsWith('BACKUP');
const taken = new ServerError(5064, "Snapshot with name 'x' already exist in repository");
const full = ['backup', 'full', '--group', 'g'];
const restore = ['restore', '--target-label', 'base', '--yes'];

interface Row {
  readonly what: string;
  readonly words: readonly string[];
  readonly exit: number;
  readonly says: string | RegExp;
  readonly how?: CallOptions;
  readonly before?: () => Promise<unknown>;
}

const ROWS: readonly Row[] = [
  {
    what: 'the repository is missing',
    words: full,
    exit: 4,
    says: /repository 'nope' not found[\s\S]*CREATE REPOSITORY/,
    how: { config: CONFIG.replace('repository: repo', 'repository: nope') },
  },
  {
    what: 'the repository is read-only',
    words: full,
    exit: 4,
    says: "repository 'old' is read-only",
    how: { config: CONFIG.replace('repository: repo', 'repository: old') },
  },
  {
    what: 'the group is unknown',
    words: ['backup', 'full', '--group', 'nope'],
    exit: 6,
    says: /there is no group 'nope'; known groups: fresh, g, holes/,
  },
  {
    what: 'tables of the inventory are missing',
    words: ['backup', 'full', '--group', 'holes'],
    exit: 6,
    says: 'not in sales_db: nowhere',
  },
  {
    what: 'there is no full backup',
    words: ['backup', 'incremental', '--group', 'fresh'],
    exit: 6,
    says: 'NO FULL BACKUP FOUND',
  },
  {
    what: 'the baseline is unknown',
    words: ['backup', 'incremental', '--group', 'g', '--baseline-backup', 'nope'],
    exit: 6,
    says: 'nope',
  },
  {
    what: 'no partition has changed',
    words: ['backup', 'incremental', '--group', 'g'],
    exit: 5,
    says: 'no partition has changed since base',
  },
  {
    what: 'the slot is taken',
    words: full,
    exit: 3,
    says: /the slot of sales_db is taken by backup:theirs, active for[\s\S]*srbr cancel --label/,
    before: () =>
      site.sql(
        'INSERT INTO ops.run_status (scope, label, state, started_at) ' +
          "VALUES ('backup', 'theirs', 'ACTIVE', NOW())",
      ),
  },
  {
    what: 'the snapshot exists already',
    words: full,
    exit: 1,
    says: /the repository has a snapshot \S+ already[\s\S]*srbr reconcile --label/,
    how: { onStatement: failing(isBackup, taken) },
    before: () => site.sql("UPDATE ops.run_status SET state = 'FAILED' WHERE label = 'theirs'"),
  },
  {
    what: 'the server refuses the job',
    words: full,
    exit: 1,
    says: 'the server refused the backup',
    how: { onStatement: failing(isBackup, new ServerError(1064, 'not today')) },
  },
  {
    what: 'the server cancels the job',
    words: [...full, '--name', 'cut'],
    exit: 1,
    says: 'backup cut was cancelled: ',
    how: {
      async onStatement(sql, index) {
        if (index > 5 && sql.startsWith('SHOW BACKUP')) {
          await site.sql('CANCEL BACKUP FROM sales_db').catch(() => undefined);
        }
      },
    },
  },
  {
    what: 'the job is lost track of',
    words: [...full, '--name', 'blind'],
    exit: 8,
    says: /lost track of blind: gone[\s\S]*srbr reconcile --label blind/,
    how: {
      config: `${CONFIG}polling: {max_consecutive_errors: 0}\n`,
      onStatement: blindAfterBackup(),
    },
  },
  {
    what: 'the label is unknown',
    words: ['restore', '--target-label', 'nope', '--yes'],
    exit: 6,
    says: "there is no backup 'nope'",
    async before() {
      await site.cluster.untilJobDone('sales_db');
      await site.run(['reconcile', '--label', 'blind']);
    },
  },
  {
    what: 'the backup did not finish',
    words: ['restore', '--target-label', 'cut', '--yes'],
    exit: 6,
    says: "backup 'cut' is CANCELLED, not FINISHED",
  },
  {
    what: 'an incremental backup has no base',
    words: ['restore', '--target-label', 'theirs', '--yes'],
    exit: 6,
    says: /no full backup that theirs could stand on[\s\S]*--base <label>/,
    before: () =>
      site.sql(
        'INSERT INTO ops.backup_history (label, backup_type, status, repository, started_at) ' +
          "VALUES ('theirs', 'incremental', 'FINISHED', 'repo', '2020-01-01 00:00:00')",
      ),
  },
  {
    what: 'the backup has no such table',
    words: [...restore, '--table', 'events'],
    exit: 6,
    says: "backup base has no table 'events'",
  },
  {
    what: 'both filters are given',
    words: [...restore, '--table', 'dim', '--group', 'g'],
    exit: 1,
    says: '--group and --table cannot be given together',
  },
  {
    what: 'the name of the table is none',
    words: [...restore, '--table', 'sales_db.dim'],
    exit: 1,
    says: "--table 'sales_db.dim': the name of a table alone",
  },
  {
    what: 'the snapshot is not in the repository',
    words: ['restore', '--target-label', 'gone', '--yes'],
    exit: 6,
    says: 'repository repo lacks: gone',
  },
  {
    what: 'a temporary table is there',
    words: [...restore, '--table', 'dim'],
    exit: 1,
    says: /left over from an earlier run: dim_restored[\s\S]*--overwrite-temp/,
    before: () =>
      site.sql('CREATE TABLE sales_db.dim_restored (id INT) DISTRIBUTED BY HASH(id) BUCKETS 1'),
  },
  {
    what: 'a table cannot be put in place',
    words: [...restore, '--table', 'dim', '--overwrite-temp'],
    exit: 1,
    says: 'dim could not be put in place: no; every table is as it was',
    how: {
      onStatement: failing((sql) => / SWAP | RENAME /.test(sql), new ServerError(1064, 'no')),
    },
  },
  {
    what: 'the user declines',
    words: restore.slice(0, -1),
    exit: 9,
    says: 'not confirmed',
    how: { answer: 'n' },
  },
  {
    what: 'there is no terminal',
    words: restore.slice(0, -1),
    exit: 9,
    says: /there is nobody to ask[\s\S]*--yes/,
  },
  {
    what: 'the configuration is wrong',
    words: full,
    exit: 1,
    says: 'port: expected a number from 1 to 65535',
    how: { config: CONFIG.replace('9030', '99999') },
  },
  {
    what: 'the ops tables are not there',
    words: full,
    exit: 4,
    says: /the ops schema was created: [\s\S]*add rows to other_ops.table_inventory/,
    how: { config: `${CONFIG}ops_database: other_ops\n` },
  },
  {
    what: 'the repository is in error',
    words: full,
    exit: 4,
    says: /repository 'repo' has errors: [\s\S]*srbr doctor/,
    async before() {
      runNow(store.delete(REPOSITORY));
      site.pass(660_000);
    },
  },
  {
    what: 'a node is dead',
    words: full,
    exit: 4,
    says: 'the cluster is unhealthy: backend 10001',
    async before() {
      site.cluster.unsafeKillBackend(10001);
      site.pass(60_000);
    },
  },
];

/** From BACKUP on, the frontend answers nothing any more. */
function blindAfterBackup(): OnStatement {
  let isBlind = false;
  return (sql) => {
    if (isBlind && sql.startsWith('SHOW')) throw new LostConnection('gone');
    isBlind ||= isBackup(sql);
  };
}

describe('failures', () => {
  test.each(ROWS)('AC-OUT-1: says what to do when $what', async (row) => {
    await row.before?.();
    const outcome = await site.run(['--exit-codes', 'extended', ...row.words], row.how);
    expect(outcome.err).toMatch(row.says);
    expect(outcome.exit).toBe(row.exit);
    expect(outcome.err).toContain('What you can do:');
    expect(outcome.err).not.toMatch(/^ {4}at /m);
  });

  test('AC-OUT-2: what nobody expected shows its stack with --verbose only', async () => {
    const onStatement = failing((sql) => sql.startsWith('SHOW'), new TypeError('oops'));
    const plain = await site.run(['doctor'], { onStatement });
    expect(plain.exit).toBe(1);
    expect(plain.err).toContain('UNEXPECTED ERROR\nError: oops');
    expect(plain.err).not.toMatch(/^ {4}at /m);
    const verbose = await site.run(['--verbose', 'doctor'], { onStatement });
    expect(verbose.err).toMatch(/^ {4}at /m);
  });
});

/** How each command can be called; what comes of it does not matter here. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  init: ['--dry-run'],
  'backup full': ['--group', 'g', '--dry-run'],
  'backup incremental': ['--group', 'g', '--dry-run'],
  'backup auto': ['--group', 'g', '--dry-run'],
  restore: ['--target-label', 'base', '--dry-run'],
  list: [],
  show: ['base'],
  status: [],
  cancel: [],
  reconcile: [],
  verify: ['base'],
  prune: ['--keep-last', '9', '--dry-run'],
  bootstrap: ['--repository-sql', 'nowhere.sql'],
  doctor: [],
  'inventory list': [],
  'inventory add': ['--group', 'j', 'orders'],
  'inventory remove': ['--group', 'j', 'orders'],
  'inventory validate': [],
  'inventory import': ['nowhere.yaml'],
  'inventory export': [],
  drill: ['--label', 'nope'],
  audit: [],
  metrics: [],
  check: [],
  completion: ['bash'],
};

describe('results', () => {
  const json = async (...words: readonly string[]): Promise<Outcome> =>
    await site.run(['--json', '--log-format', 'json', ...words]);

  test.each(COMMANDS)('srbr --json $name prints one document, and no colours', async ({ name }) => {
    const rest = CALLS[name];
    if (rest === undefined) throw new Error(`how is ${name} called?`);
    const outcome = await json(...name.split(' '), ...rest);
    const lines = outcome.out.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(typeof JSON.parse(lines[0] ?? '')).toBe('object');
    for (const line of outcome.err.split('\n').filter((each) => each !== '')) {
      expect(JSON.parse(line)).toHaveProperty('level');
    }
    const plain = await site.run([...name.split(' '), ...rest], { env: { NO_COLOR: '1' } });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with it
    expect(`${outcome.out}${outcome.err}${plain.out}${plain.err}`).not.toMatch(/\u001b/);
  });
});
