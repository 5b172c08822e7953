/** Clocks that are set, in whole clusters: the rows on time of repository.md 9's failure table. */
import { expect, test } from 'vitest';
import type { Cluster } from '../../src/start-cluster.ts';
import { backUp, refusal, rowsOfShop, shopOf, snapshotsOf, timestampOf } from './shared-store.ts';

const HOUR_MS = 3_600_000;
/** A heartbeat is sent in that time. */
const HEARTBEAT_MS = 6_000;

/** What the clock of the frontend says, which it tells with a record of the edit log. */
async function nowOf(cluster: Cluster): Promise<number> {
  await cluster.query('CREATE DATABASE noon');
  await cluster.query('DROP DATABASE noon');
  return cluster.trace.at(-1)?.at ?? Number.NaN;
}

/** The clock of the frontend goes that far at once, as NTP sets it. */
function setClock(cluster: Cluster, ms: number): void {
  cluster.faults.enable('fe.heartbeat.send', { do: 'clock-jump', ms }, { times: 1 });
  cluster.advance(HEARTBEAT_MS);
}

test('clock jumps back: a ttl is judged by the clock of the frontend that cleans up', async () => {
  const { cluster } = await shopOf('4.2');
  await backUp(cluster, 'monday', '1 HOUR');
  setClock(cluster, -2 * HOUR_MS);
  cluster.advance(2 * HOUR_MS);
  expect(Object.keys(await snapshotsOf(cluster))).toEqual(['monday']);
  cluster.advance(2 * HOUR_MS);
  expect(Object.keys(await snapshotsOf(cluster))).toEqual([]);
  await cluster.stop();
});

test('DST fold: two backups an hour apart bear one timestamp, and each is restored', async () => {
  const { cluster } = await shopOf('3.5', { timeZone: 'Europe/Berlin' });
  // Half past two in the morning of the last Sunday of October comes twice.
  setClock(cluster, Date.UTC(2025, 9, 26, 0, 30) - (await nowOf(cluster)));
  const begunMs = await nowOf(cluster);
  await backUp(cluster, 'summer');
  const rows = await rowsOfShop(cluster);
  await cluster.query("INSERT INTO shop.orders VALUES (9, 'an hour later')");
  cluster.advance(begunMs + HOUR_MS - (await nowOf(cluster)));
  await backUp(cluster, 'winter');
  const later = await rowsOfShop(cluster);
  const { summer, winter } = await snapshotsOf(cluster);
  expect(summer?.['Timestamp']).toMatch(/^2025-10-26-02-30-/);
  expect(winter?.['Timestamp']).toBe(summer?.['Timestamp']);
  for (const [label, expected] of [
    ['summer', rows],
    ['winter', later],
  ] as const) {
    const timestamp = await timestampOf(cluster, label);
    await cluster.query(`RESTORE SNAPSHOT shop.${label} FROM repo
      PROPERTIES ('backup_timestamp' = '${timestamp}')`);
    expect(await cluster.untilJobDone('shop')).toMatchObject({ state: 'FINISHED' });
    expect(await rowsOfShop(cluster)).toEqual(expected);
  }
  expect(await refusal(cluster, 'BACKUP SNAPSHOT shop.summer TO repo')).toBe('5064/42000');
  await cluster.stop();
});
