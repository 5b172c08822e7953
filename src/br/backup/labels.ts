/** Labels of backups (BR-LBL). */
import { snapshotsOn } from '../cluster/snapshots.ts';
import type { Connection } from '../connection/connection.ts';
import { BrError } from '../errors.ts';
import { readHistory } from '../ops/history.ts';
import type { Ops } from '../ops/ops.ts';
import { readClaims, slotLabels } from '../ops/run-status.ts';

/** `scope` and `label` are a primary key of at most 128 bytes. */
const LABEL = /^[A-Za-z0-9_-]{1,110}$/;

const VERSION_MARK = '-v#r';

/** `usage` for a name that is none; the frontend itself would take nearly anything. */
export function checkName(name: string): void {
  const plain = name.endsWith(VERSION_MARK) ? name.slice(0, -VERSION_MARK.length) : name;
  if (LABEL.test(plain)) return;
  throw new BrError('usage', `option --name: '${name}' is no label: 1 to 110 of A-Z a-z 0-9 _ -`);
}

/** `sales_db_20261005_full`; `now` is the cluster's time, so the date is its date. */
export function defaultLabel(database: string, now: string, type: string): string {
  const plain = database.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 80);
  return `${plain}_${now.slice(0, 10).replaceAll('-', '')}_${type}`;
}

/** The name, or the first free `_r1`, `_r2`, ...; `X-v#r` is X with the next version. */
export function freeLabel(name: string, taken: ReadonlySet<string>): string {
  if (name.endsWith(VERSION_MARK)) return nextVersion(name.slice(0, -VERSION_MARK.length), taken);
  if (!taken.has(name)) return name;
  for (let count = 1; ; count += 1) {
    const label = `${name}_r${count}`;
    if (!taken.has(label)) return label;
  }
}

function nextVersion(stem: string, taken: ReadonlySet<string>): string {
  const start = `${stem}-v`;
  const versions = [...taken]
    .filter((label) => label.startsWith(start) && /^\d+$/.test(label.slice(start.length)))
    .map((label) => Number(label.slice(start.length)));
  return `${start}${Math.max(0, ...versions) + 1}`;
}

/**
 * Labels of the history, of slots, of claims and of the repository, which another cluster may
 * share. A question that fails is a failure: no answer never means that nothing is taken.
 */
export async function takenLabels(
  connection: Connection,
  ops: Ops,
  repository: string,
): Promise<ReadonlySet<string>> {
  const history = await readHistory(ops);
  const slots = await slotLabels(ops);
  const claims = await readClaims(ops);
  const snapshots = await snapshotsOn(connection, repository);
  return new Set([
    ...history.map(({ label }) => label),
    ...slots,
    ...claims.map(({ label }) => label),
    ...snapshots.map(({ label }) => label),
  ]);
}
