/** `srbr init` against a cluster (br-cli.md 5). */
import { beforeAll, describe, expect, test } from 'vitest';
import { UPSTREAM_TABLES } from '../../src/br/ops/tables.ts';
import { CONFIG, openSite, type Site } from './site.ts';

let site: Site;

beforeAll(async () => {
  site = await openSite();
});

describe('srbr init', () => {
  test('AC-OPS-4: makes nothing when the repository is unknown', async () => {
    const outcome = await site.run(['init'], { config: CONFIG.replace('repo\n', 'nowhere\n') });
    expect(outcome.exit).toBe(1);
    expect(outcome.err).toContain("repository 'nowhere' not found");
    expect(outcome.err).toContain('CREATE REPOSITORY');
    expect((await site.sql('SHOW DATABASES')).map((row) => row['Database'])).not.toContain('ops');
  });

  test("E2E-01: makes upstream's five tables and five of its own, and again nothing", async () => {
    const first = await site.run(['init']);
    expect(first.err).toContain('database ops is ready');
    expect(first.exit).toBe(0);
    const tables = (await site.sql('SHOW TABLES FROM ops')).map((row) => row['Tables_in_ops']);
    expect(tables).toEqual(expect.arrayContaining(UPSTREAM_TABLES.map(({ name }) => name)));
    expect(tables).toHaveLength(10);
    const again = await site.run(['--json', 'init']);
    expect(JSON.parse(again.out)).toMatchObject({ created: [], added: 0 });
  });
});
