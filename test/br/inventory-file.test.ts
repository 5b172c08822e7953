/** Groups of tables as files, and completion of words (br-cli.md 2, 3, 6.1). */
import { beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/br/cli/commands.ts';
import { openSales } from './sales.ts';
import type { Outcome, Site } from './site.ts';

let site: Site;

beforeAll(async () => {
  site = await openSales();
});

function run(files: Map<string, string>, ...words: readonly string[]): Promise<Outcome> {
  return site.run(['--json', 'inventory', ...words], { files });
}

async function groups(): Promise<readonly string[]> {
  const { out } = await site.run(['--json', 'inventory', 'list']);
  return JSON.parse(out).map(
    (row: Record<string, string>) => `${row['group']}: ${row['database']}.${row['table']}`,
  );
}

describe('srbr inventory', () => {
  test('export writes what import reads', async () => {
    const files = new Map<string, string>();
    const before = await groups();
    expect((await run(files, 'export', '--output', 'groups.yaml')).exit).toBe(0);
    await site.sql('TRUNCATE TABLE ops.table_inventory');
    expect(await groups()).toEqual([]);
    const outcome = await run(files, 'import', 'groups.yaml');
    expect(JSON.parse(outcome.out)).toEqual({ read: 3, added: 3, removed: 0 });
    expect(await groups()).toEqual(before);
    const text = await site.run(['inventory', 'export', '--group', 'all']);
    expect(text.out).toBe(
      'table_inventory:\n  - group: all\n    tables:\n      - database: sales_db\n        table: "*"\n',
    );
    expect((await run(files, 'export', '--group', 'nope')).exit).toBe(1);
  });

  test('import --from-mvp takes the list of the first starrocks-br', async () => {
    const mvp = 'host: h\ntables:\n  - sales_db.orders\n  - sales_db.dim\n';
    const files = new Map([['old.yaml', mvp]]);
    const outcome = await run(files, 'import', '--from-mvp', '--group', 'old', 'old.yaml');
    expect(JSON.parse(outcome.out)).toMatchObject({ read: 2, added: 2 });
    expect(await groups()).toContain('old: sales_db.dim');
    files.set('old.yaml', 'table_inventory: [{group: old, tables: [{database: d, table: t}]}]');
    const synced = await run(files, 'import', '--sync', 'old.yaml');
    expect(JSON.parse(synced.out)).toEqual({ read: 1, added: 1, removed: 2 });
    expect((await groups()).filter((each) => each.startsWith('old'))).toEqual(['old: d.t']);
    expect((await run(files, 'remove', '--group', 'old', 'd.t')).exit).toBe(0);
    expect((await groups()).filter((each) => each.startsWith('old'))).toEqual([]);
  });

  test.each([
    ['no.yaml', 'there is no file no.yaml'],
    ['a.yaml', 'tables[0]: expected database.table'],
    ['b.yaml', 'lists no table'],
  ])('import tells what is wrong with %s', async (path, message) => {
    const files = new Map([
      ['a.yaml', 'tables: [orders]'],
      ['b.yaml', 'host: h\ntables: []'],
    ]);
    const outcome = await run(files, 'import', '--from-mvp', '--group', 'g', path);
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain(message);
    expect((await run(files, 'import', '--from-mvp', path)).exit).toBe(2);
    expect((await run(files, 'import', '--group', 'g', path)).exit).toBe(2);
  });
});

describe('srbr completion', () => {
  test.each(['bash', 'zsh', 'fish'])('%s knows every command and option', async (shell) => {
    const env = { STARROCKS_BR_CONFIG: '' };
    const { exit, out, statements } = await site.run(['completion', shell], { env });
    expect(exit).toBe(0);
    expect(statements).toEqual([]);
    for (const { name, options } of COMMANDS) {
      for (const word of name.split(' ')) expect(out).toContain(word);
      for (const { flags } of options) {
        const flag = flags.split(' ')[0] ?? '';
        expect(out).toContain(shell === 'fish' ? `-l ${flag.slice(2)}` : flag);
      }
    }
  });

  test('names the shells that it knows', async () => {
    const outcome = await site.run(['completion', 'csh']);
    expect(outcome.exit).toBe(2);
    expect(outcome.err).toContain('bash, zsh, fish');
  });
});
