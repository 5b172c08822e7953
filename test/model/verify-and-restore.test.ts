/**
 * What `repo verify` says of a damaged snapshot against what a restore of it comes to: each damage
 * is done to a copy of one repository, looked at, and restored by a cluster.
 */
import { beforeAll, expect, test } from 'vitest';
import { runNow } from '../../src/base/op.ts';
import type { MemoryBlob } from '../../src/blob/memory.ts';
import {
  bytesAt,
  copyOf,
  firstKey,
  flipAt,
  keyOf,
  md5,
  putAt,
  replaceAt,
  verify,
} from '../unit/repository/inspect/support.ts';
import { backUp, clusterWith, rowsOfShop, shopOf, timestampOf } from './shared-store.ts';

let whole: MemoryBlob;
let rows: unknown;

beforeAll(async () => {
  const made = await shopOf('3.5', { seed: 5n, backends: 1 });
  await backUp(made.cluster, 'monday');
  rows = await rowsOfShop(made.cluster);
  await made.cluster.stop();
  whole = made.store;
});

const DATA = /\.dat\./;
const HEADER = /\/\d+\.hdr\./;

const directoryOf = (key: string): string => key.slice(0, key.lastIndexOf('/'));
const remove = (store: MemoryBlob, key: string): void => runNow(store.delete(key));

/** The name of the damage, what it does, and how much still restores. */
const DAMAGES: readonly (readonly [string, (store: MemoryBlob) => void, string])[] = [
  ['nothing', () => {}, 'yes'],
  ['a flipped bit of data', (store) => flipAt(store, firstKey(store, DATA)), 'partly'],
  ['a truncated file', (store) => halve(store, firstKey(store, DATA)), 'partly'],
  ['a missing file', (store) => remove(store, firstKey(store, DATA)), 'partly'],
  ['a missing tablet', (store) => remove(store, directoryOf(firstKey(store, DATA))), 'partly'],
  ['a missing header', (store) => remove(store, firstKey(store, HEADER)), 'partly'],
  ['a flipped bit of a header', (store) => flipAt(store, firstKey(store, HEADER)), 'partly'],
  ['a stale file that is listed first', (store) => stale(store, '0'), 'partly'],
  ['a stale file that is listed last', (store) => stale(store, 'f'), 'yes'],
  ['a name that is refused', (store) => beside(store, 'notes.txt'), 'partly'],
  ['a file without a dot', (store) => beside(store, 'README'), 'yes'],
  ['a file more', (store) => beside(store, `other_0.dat.${md5('x')}`), 'yes'],
  ['a directory more', (store) => beside(store, '__1/2.hdr.x'), 'yes'],
  ['a .part beside the file', (store) => half(store, firstKey(store, DATA)), 'yes'],
  ['a .part beside __meta', (store) => half(store, keyOf(store, /__meta\./)), 'no'],
  ['a flipped bit of __meta', (store) => flipAt(store, keyOf(store, /__meta\./)), 'no'],
  ['a missing __meta', (store) => remove(store, keyOf(store, /__meta\./)), 'no'],
  ['a flipped bit of __info', (store) => flipAt(store, keyOf(store, /__info_/)), 'no'],
  ['an __info of another table id', otherTableId, 'partly'],
];

function halve(store: MemoryBlob, key: string): void {
  const bytes = bytesAt(store, key);
  putAt(store, key, bytes.slice(0, bytes.length >> 1));
}

function stale(store: MemoryBlob, digit: string): void {
  putAt(store, `${firstKey(store, DATA).slice(0, -32)}${digit.repeat(32)}`, 'old');
}

function half(store: MemoryBlob, key: string): void {
  putAt(store, `${key.slice(0, -32)}part`, 'half');
}

function beside(store: MemoryBlob, name: string): void {
  putAt(store, `${directoryOf(firstKey(store, DATA))}/${name}`, 'x');
}

/** Of `orders`, so that its tablets are looked for where there are none. */
function otherTableId(store: MemoryBlob): void {
  const key = keyOf(store, /__info_/);
  const text = new TextDecoder().decode(bytesAt(store, key));
  replaceAt(store, key, text.replace(/("orders":\{"id":)\d+/, '$11'));
}

/** FINISHED, or why the restore came to nothing. */
async function restored(store: MemoryBlob, on: string): Promise<{ end: string; rows: unknown }> {
  const spec = { starrocksVersion: '3.5', backends: 1, seed: 6n, memoryStore: store } as const;
  const cluster = await clusterWith(spec, false);
  try {
    const timestamp = await timestampOf(cluster, 'monday');
    await cluster.query(`RESTORE SNAPSHOT shop.monday FROM repo ${on}
      PROPERTIES ('backup_timestamp' = '${timestamp}', 'timeout' = '600')`);
    const { state, status } = await cluster.untilJobDone('shop');
    const isDone = state === 'FINISHED';
    return {
      end: isDone ? state : status,
      rows: isDone && on === '' ? await rowsOfShop(cluster) : [],
    };
  } catch (error) {
    return { end: String(error), rows: [] };
  } finally {
    await cluster.stop();
  }
}

/** Of these the tables that are said to be whole are restored by themselves, too. */
const IN_PART: readonly string[] = ['a flipped bit of data', 'an __info of another table id'];

test.each(DAMAGES)(
  '%s: a restore comes to what verify has said',
  async (name, damage, restores) => {
    const store = copyOf(whole);
    damage(store);
    const { report } = verify(store, 'data');
    expect(report.restores).toBe(restores);
    const all = await restored(copyOf(store), '');
    if (restores === 'yes') expect(all).toEqual({ end: 'FINISHED', rows });
    else expect(all.end).not.toBe('FINISHED');
    if (!IN_PART.includes(name)) return;
    const good = report.tables.filter(({ verdict }) => verdict === 'whole').map(({ name }) => name);
    expect((await restored(store, `ON (${good.join(', ')})`)).end).toBe('FINISHED');
  },
);
