/** What stands in the ops database and the repository, and what must hold of it at rest. */
import { expect } from 'vitest';
import type { Site } from '../site.ts';
import { tableNames } from './tables.ts';

export interface Books {
  /** Status by label. */
  readonly backups: ReadonlyMap<string, string>;
  /** Status by job. */
  readonly restores: ReadonlyMap<string, string>;
  /** Restores whose plan was written, oldest first. */
  readonly begun: readonly string[];
  readonly snapshots: readonly string[];
}

export async function readBooks(site: Site): Promise<Books> {
  const pairs = async (sql: string): Promise<ReadonlyMap<string, string>> =>
    new Map((await site.sql(sql)).map((row) => [row['name'] ?? '', row['status'] ?? '']));
  const begun = await site.sql(
    "SELECT job_id FROM ops.br_restore_steps WHERE action = 'plan' ORDER BY started_at, job_id",
  );
  const snapshots = await site.sql('SHOW SNAPSHOT ON repo');
  return {
    backups: await pairs('SELECT label AS name, status FROM ops.backup_history'),
    restores: await pairs('SELECT job_id AS name, status FROM ops.restore_history'),
    begun: begun.map((row) => row['job_id'] ?? ''),
    snapshots: snapshots
      .filter((row) => row['Status'] === 'OK')
      .map((row) => row['Snapshot'] ?? ''),
  };
}

const TEMPORARY = /_restored(_\d+)?$/;

/** Slots without an owner, claims, temporary tables: nothing when all is in order. */
export async function leftBehind(site: Site): Promise<readonly string[]> {
  const slots = await site.sql("SELECT scope, label FROM ops.run_status WHERE state = 'ACTIVE'");
  const claims = await site.sql('SELECT scope, label FROM ops.br_claims');
  const tables = (await tableNames(site)).filter((name) => TEMPORARY.test(name));
  return [
    ...slots.map((row) => `slot ${row['scope']}:${row['label']}`),
    ...claims.map((row) => `claim ${row['scope']}:${row['label']}`),
    ...tables.map((name) => `table ${name}`),
  ];
}

/** Every finished backup has its snapshot and every snapshot its finished backup. */
export function expectInStep({ backups, snapshots, restores, begun }: Books): void {
  const finished = [...backups].filter(([, status]) => status === 'FINISHED');
  expect([...snapshots].sort()).toEqual(finished.map(([label]) => label).sort());
  for (const status of backups.values()) {
    expect(['FINISHED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'LOST']).toContain(status);
  }
  expect([...begun].sort()).toEqual([...restores.keys()].sort());
}
