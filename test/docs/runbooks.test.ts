/** AC-RUN-1: every command of docs/runbooks.md works, after the damage that its chapter is about. */
import { describe, expect, test } from 'vitest';
import { MemoryBlob } from '../../src/index.ts';
import { parseMetrics } from '../br/prometheus.ts';
import { createSales, salesRows } from '../br/sales.ts';
import { CONFIG, openSite, type Site } from '../br/site.ts';
import { readPage } from './made-page.ts';

const PAGE = 'docs/runbooks.md';
/** What only the ops database knows must come from its own snapshots there. */
const WITH_COMPANIONS: readonly number[] = [4, 6];
const WITH = CONFIG.replace('meta_snapshot: false', 'meta_snapshot: true');
const REPOSITORY = "CREATE REPOSITORY repo WITH BROKER ON LOCATION 'memory://bucket/backups';";
const files = new Map([['create-repository.sql', REPOSITORY]]);

type Rows = Awaited<ReturnType<typeof salesRows>>;

/** The example of the page: a full backup, one more row, an incremental one. */
interface World {
  site: Site;
  readonly store: MemoryBlob;
  readonly config: string;
  readonly atIncremental: Rows;
}

async function openWorld(config: string): Promise<World> {
  const store = new MemoryBlob();
  const site = await openSite({ memoryStore: store });
  await createSales(site);
  await site.run(['init'], { config });
  await site.run(['inventory', 'add', '--group', 'all', '*'], { config });
  await site.run(['backup', 'full', '--group', 'all'], { config });
  await site.sql("INSERT INTO sales_db.orders VALUES ('2026-03-09', 9, 'new')");
  await site.sql("INSERT INTO sales_db.dim VALUES (9, 'new')");
  const atIncremental = await salesRows(site);
  await site.run(['backup', 'incremental', '--group', 'all'], { config });
  return { site, store, config, atIncremental };
}

let calm: World | undefined;

/** Where nothing is damaged, chapters may follow each other. */
async function worldFor(number: number, { damage }: Chapter): Promise<World> {
  if (damage !== nothing) return await openWorld(WITH_COMPANIONS.includes(number) ? WITH : CONFIG);
  calm ??= await openWorld(CONFIG);
  return calm;
}

interface Chapter {
  readonly damage: (world: World) => Promise<void>;
  readonly repaired: (world: World) => Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

async function isAsBackedUp({ site, atIncremental }: World): Promise<void> {
  expect(await salesRows(site)).toEqual(atIncremental);
}

/** By the number of the chapter; 0 is what stands before the first. */
const CHAPTERS: readonly Chapter[] = [
  { damage: nothing, repaired: isAsBackedUp },
  {
    async damage({ site }) {
      await site.sql('TRUNCATE TABLE sales_db.orders PARTITION (p3)');
      await site.sql("INSERT INTO sales_db.dim VALUES (77, 'goes on')");
    },
    async repaired({ site, atIncremental }) {
      const rows = await salesRows(site);
      expect(rows['orders']).toEqual(atIncremental['orders']);
      expect(rows['dim']).toContain('77,goes on');
    },
  },
  { damage: ({ site }) => gone(site, 'DROP TABLE sales_db.dim'), repaired: isAsBackedUp },
  { damage: ({ site }) => gone(site, 'DROP DATABASE sales_db'), repaired: isAsBackedUp },
  {
    async damage(world) {
      await world.site.cluster.stop();
      const options = { memoryStore: world.store, seed: 8n };
      world.site = await openSite(options, { withRepository: false });
    },
    repaired: isAsBackedUp,
  },
  {
    async damage({ site }) {
      await gone(
        site,
        'INSERT INTO ops.run_status (scope, label, state, started_at) ' +
          "VALUES ('backup', 'stuck_run', 'ACTIVE', NOW())",
      );
    },
    repaired: isAsBackedUp,
  },
  {
    damage: ({ site }) => gone(site, 'DROP DATABASE ops FORCE'),
    async repaired({ site }) {
      const history = await site.sql('SELECT label FROM ops.backup_history ORDER BY label');
      expect(history.map((row) => row['label'])).toEqual([
        'sales_db_20250101_full',
        'sales_db_20250101_full_r1',
        'sales_db_20250101_incremental',
      ]);
    },
  },
  {
    async damage({ site, config }) {
      site.pass(1000);
      await site.run(['backup', 'full', '--group', 'all'], { config });
    },
    async repaired({ site }) {
      const snapshots = await site.sql('SHOW SNAPSHOT ON repo');
      expect(snapshots.map((row) => row['Snapshot'])).not.toContain('sales_db_20250101_full');
    },
  },
  { damage: nothing, repaired: isAsBackedUp },
];

/** AC-MON-1: whatever has happened, metrics can be read and count what the history has. */
async function agreesWithHistory({ site, config }: World): Promise<void> {
  const metrics = parseMetrics((await site.run(['metrics'], { config })).out);
  const rows = await site.sql("SELECT label FROM ops.backup_history WHERE status = 'FINISHED'");
  expect(metrics.get('runs_total{status="FINISHED"}')).toBe(rows.length);
}

async function gone(site: Site, sql: string): Promise<void> {
  await site.sql(sql);
}

const chapters = readPage(PAGE).split(/^## /m);

describe('the runbooks', () => {
  test.each(chapters.map((text, number) => ({ number, title: text.split('\n')[0], text })))(
    'AC-RUN-1, AC-MON-1: chapter $number ($title) works as it is written',
    async ({ number, text }) => {
      const chapter = CHAPTERS[number];
      if (chapter === undefined) throw new Error(`nobody knows what chapter ${number} is about`);
      const world = await worldFor(number, chapter);
      await chapter.damage(world);
      expect(await play(world, text)).toBeGreaterThan(0);
      await chapter.repaired(world);
      await agreesWithHistory(world);
    },
  );
});

/** Answers how many commands and statements it ran. */
async function play(world: World, text: string): Promise<number> {
  const variables = new Map<string, string>();
  let count = 0;
  for (const [, language, body = ''] of text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)) {
    if (language === 'sql') {
      for (const sql of body.split(/;\s*$/m).filter((each) => each.trim() !== '')) {
        await world.site.sql(sql);
        count += 1;
      }
      continue;
    }
    expect(['sh', 'crontab'], body).toContain(language);
    for (const line of body.trim().split('\n')) {
      await playLine(world, language === 'crontab' ? withoutTime(line) : line, variables);
      count += 1;
    }
  }
  return count;
}

function withoutTime(line: string): string {
  return line.split(/\s+/).slice(5).join(' ');
}

async function playLine(
  { site, config }: World,
  line: string,
  variables: Map<string, string>,
): Promise<void> {
  site.pass(1000);
  const assigned = /^(\w+)=\$\(srbr (.*) \| jq -r \.(\w+)\)$/.exec(line);
  const plain = /^srbr (.*?)(?:\s+# exits (\d+))?$/.exec(line);
  const rest = assigned?.[2] ?? plain?.[1];
  if (rest === undefined) throw new Error(`no command of srbr: ${line}`);
  const words = [...rest.matchAll(/'([^']*)'|"\$(\w+)"|(\S+)/g)].map(
    ([, quoted, variable, word]) => quoted ?? variables.get(variable ?? '') ?? word ?? '',
  );
  const outcome = await site.run(words, { config, files });
  expect(`${line}\n${outcome.exit === Number(plain?.[2] ?? 0) ? '' : outcome.err}`).toBe(
    `${line}\n`,
  );
  if (assigned === null) return;
  variables.set(assigned[1] ?? '', String(JSON.parse(outcome.out)[assigned[3] ?? '']));
}
