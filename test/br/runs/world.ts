/** A cluster with `srbr`, what a random run knows of it, and calls that something befalls. */
import { SeededRandom } from '../../../src/base/random.ts';
import { LostConnection, ServerError } from '../../../src/br/errors.ts';
import { type Outcome, openSite, type Site } from '../site.ts';
import type { Strike } from './moves.ts';
import { applyChange, createTables, DATABASE, readTables, type Tables } from './tables.ts';

/** What the process that ran `srbr` would never have seen: it was killed before. */
class Killed extends Error {
  override readonly name = 'Killed';
}

export interface World {
  readonly site: Site;
  /** Every state that the tables had while a backup ran, by label: one of them is in it. */
  readonly taken: Map<string, readonly Tables[]>;
  /** What was said and done, for the text of a failure. */
  readonly log: string[];
}

export interface Struck extends Outcome {
  readonly isKilled: boolean;
  /** The strike found a statement. */
  readonly isStruck: boolean;
}

export async function openWorld(): Promise<World> {
  const site = await openSite();
  await createTables(site);
  await site.run(['init']);
  await site.run(['inventory', 'add', '--group', 'g', 'orders', 'dim']);
  await site.run(['inventory', 'add', '--group', 'all', '*']);
  return { site, taken: new Map(), log: [] };
}

/** `seen` gets the tables at the start, at BACKUP, and whenever somebody meddled. */
export async function call(
  world: World,
  words: readonly string[],
  strike: Strike,
  seen: Tables[] = [],
): Promise<Struck> {
  const { site, log } = world;
  let count = 0;
  let lost = 0;
  let isKilled = false;
  let isStruck = false;
  const lose = async (sql: string, isDone: boolean): Promise<never> => {
    if (isDone) await site.sql(sql).catch(ignoreRefusal);
    throw new LostConnection('the connection is gone');
  };
  const befall = async (sql: string): Promise<void> => {
    isStruck = true;
    log.push(`    ${strike.kind} at: ${sql.replace(/\s+/g, ' ').slice(0, 160)}`);
    switch (strike.kind) {
      case 'none':
        return;
      case 'kill':
        isKilled = true;
        throw new Killed('killed');
      case 'refused':
        throw new ServerError(1064, 'not now');
      case 'lost':
        lost = strike.more;
        return await lose(sql, strike.isDone);
      case 'crash': {
        if (strike.isDone) await site.sql(sql).catch(ignoreRefusal);
        const random = new SeededRandom(BigInt(strike.at));
        site.cluster = await site.cluster.unsafeCrash({ fate: strike.fate, random });
        return await lose(sql, false);
      }
      case 'meddle':
        await applyChange(site, strike.change).catch(ignoreRefusal);
        seen.push(await readTables(site));
        return;
      case 'cancel':
        for (const kind of ['BACKUP', 'RESTORE']) {
          await site.sql(`CANCEL ${kind} FROM ${DATABASE}`).catch(ignoreRefusal);
        }
    }
  };
  const outcome = await site.run(words, {
    async onStatement(sql) {
      if (isKilled) throw new Killed('killed');
      if (/^BACKUP DATABASE `sales_db`/.test(sql)) seen.push(await readTables(site));
      count += 1;
      if (lost > 0) {
        lost -= 1;
        throw new LostConnection('still gone');
      }
      if (strike.kind !== 'none' && count === strike.at + 1) await befall(sql);
    },
  });
  log.push(`  srbr ${words.join(' ')} -> ${outcome.exit}${isKilled ? ' (killed)' : ''}`);
  const errors = outcome.err.split('\n').filter((line) => /^(Error|⚠)/.test(line));
  log.push(...errors.map((line) => `    ${line}`));
  return { ...outcome, isKilled, isStruck };
}

function ignoreRefusal(error: unknown): void {
  if (!(error instanceof ServerError)) throw error;
}
