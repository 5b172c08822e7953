/** The command line and the configuration, before anything is connected to (br-cli.md 2 and 3). */
import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/br/cli/commands.ts';
import { readConfig } from '../../src/br/config/read-config.ts';
import { CONFIG, openSite, type Site } from './site.ts';

let shared: Promise<Site> | undefined;
const anySite = (): Promise<Site> => (shared ??= openSite());

async function refusal(config: string): Promise<string> {
  const site = await anySite();
  const outcome = await site.run(['doctor'], { config });
  expect(outcome.exit).toBe(1);
  expect(outcome.statements).toEqual([]);
  return outcome.err;
}

describe('the configuration', () => {
  test.each(['host', 'port', 'user', 'database', 'repository'])(
    'AC-CFG-1: without %s it is refused by that name',
    async (key) => {
      const config = CONFIG.split('\n')
        .filter((line) => !line.startsWith(`${key}:`))
        .join('\n');
      expect(await refusal(config)).toContain(`${key}: missing`);
    },
  );

  test('AC-CFG-2: no file, no YAML and no mapping are three different messages', async () => {
    const site = await anySite();
    const absent = await site.run(['doctor', '--config', 'nowhere.yaml']);
    expect(absent).toMatchObject({ exit: 1 });
    expect(absent.err).toContain('there is no file nowhere.yaml');
    expect(await refusal('a: [1')).toContain('is not YAML');
    expect(await refusal('- 1')).toContain('must hold a mapping');
  });

  test.each([
    ['tls: {enabled: true}', 'tls.ca_cert: is needed'],
    ['tls: {verify_server_cert: "no"}', 'tls.verify_server_cert: expected true or false'],
    ['tls: {tls_versions: TLSv1.2}', 'tls.tls_versions: expected a list'],
    ['table_inventory: {}', 'table_inventory: expected a list'],
    ['table_inventory: [{tables: []}]', 'table_inventory[0].group: missing'],
    ['table_inventory: [{group: g}]', 'table_inventory[0].tables: missing'],
    [
      'table_inventory: [{group: g, tables: [{table: t}]}]',
      'table_inventory[0].tables[0].database: missing',
    ],
    ['ops_database: "a b"', 'ops_database: expected an identifier'],
    ['polling: {max: soon}', 'polling.max: expected a span of time'],
  ])('AC-CFG-3, AC-CFG-4: %s is refused', async (more, message) => {
    expect(await refusal(`${CONFIG}${more}\n`)).toContain(message);
  });

  test('tells all faults at once', async () => {
    const text = await refusal('host: 1\nport: 99999\n');
    for (const key of ['host', 'port', 'user', 'database', 'repository']) {
      expect(text).toContain(`${key}: `);
    }
  });

  test('warns of what it does not use, with the nearest name; --strict refuses it', async () => {
    const config = `${CONFIG}pasword: x\npassword: secret\ntable_inventories: []\nreposit: r\n`;
    const { warnings } = await readConfig(config, 'c.yaml');
    expect(warnings.join('\n')).toContain(
      'reposit: not a key that is known; did you mean repository?',
    );
    expect(warnings.join('\n')).toContain('password: never read from the file');
    const site = await anySite();
    const strict = await site.run(['--strict', 'doctor'], { config });
    expect(strict.exit).toBe(1);
    expect(strict.err).not.toContain('secret');
  });
});

describe('the command line', () => {
  test('AC-CMD-2: the help of each command lists its options and one example', async () => {
    const site = await anySite();
    for (const { name, options, example } of COMMANDS) {
      const outcome = await site.run([...name.split(' '), '--help']);
      expect(outcome.exit).toBe(0);
      for (const { flags } of options) expect(outcome.out).toContain(flags.split(' ')[0]);
      expect(outcome.out).toContain(example);
    }
  });

  test('AC-CMD-2, AC-CMD-3: missing and unknown options exit 2 and are named', async () => {
    const site = await anySite();
    const missing = await site.run(['backup', 'full']);
    expect(missing).toMatchObject({ exit: 2 });
    expect(missing.err).toContain('--group');
    const unknown = await site.run(['init', '--sideways']);
    expect(unknown).toMatchObject({ exit: 2 });
    expect(unknown.err).toContain('--sideways');
    const without = await site.run(['init'], { env: { STARROCKS_BR_CONFIG: '' } });
    expect(without.exit).not.toBe(0);
  });

  test.each([
    'init --config config.yaml',
    '--verbose backup full --config config.yaml --group g --name x --dry-run',
    'backup incremental --config config.yaml --group g --baseline-backup b --name x',
    'restore --config config.yaml --target-label l --group g --rename-suffix _r --yes',
    'restore --config config.yaml --target-label l --table t',
    'prune --config config.yaml --group g --keep-last 5 --dry-run',
    'prune --config config.yaml --older-than 2024-01-01 --yes',
    'prune --config config.yaml --snapshots a,b --yes',
  ])('AC-CMD-1: takes what upstream documents: srbr %s', async (line) => {
    const site = await anySite();
    const outcome = await site.run(line.split(' '));
    expect(outcome.exit).not.toBe(2);
  });
});
