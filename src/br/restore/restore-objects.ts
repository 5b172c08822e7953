/**
 * Views, materialized views and functions of a backup: brought back where they are missing, when
 * the tables that they read are in place. What is there stays, as the frontend itself leaves
 * active materialized views alone. The tables count without them, so a failure here is told and
 * undoes nothing.
 */
import { dialectOf } from '../cluster/dialect.ts';
import { functionNames } from '../cluster/objects.ts';
import type { Session } from '../commands/session.ts';
import { quotePath } from '../connection/sql-text.ts';
import { BrError, messageOf } from '../errors.ts';
import type { BackupMeta } from '../ops/backup-meta.ts';
import type { RestoreStep } from '../ops/restore-steps.ts';
import { restoreItems } from './assemble.ts';
import type { Journal } from './journal.ts';
import { existingTables, type RestoreRun } from './restore-run.ts';
import type { RestoreItem } from './statement.ts';

export interface PlannedObject {
  readonly kind: 'VIEW' | 'MATERIALIZED VIEW' | 'FUNCTION';
  readonly name: string;
  /** The snapshot that it comes from. */
  readonly label: string;
}

export interface ObjectWish {
  readonly labels: readonly string[];
  readonly isWanted: (name: string) => boolean;
  /** No filter: functions too, which no group names. */
  readonly isEverything: boolean;
}

/** Those that were live at the target; a materialized view from the newest link that has it. */
export function plannedObjects(
  metas: ReadonlyMap<string, BackupMeta>,
  { labels, isWanted, isEverything }: ObjectWish,
): readonly PlannedObject[] {
  const target = labels.at(-1) ?? '';
  const objects = metas.get(target)?.objects;
  if (objects === undefined) return [];
  const holderOf = (name: string): string | undefined =>
    labels.findLast((label) => metas.get(label)?.objects?.heldMaterializedViews.includes(name));
  const views = Object.keys(objects.views).filter(isWanted);
  const materialized = Object.keys(objects.materializedViews).filter(isWanted);
  return [
    ...views.map((name) => ({ kind: 'VIEW' as const, name, label: target })),
    ...materialized.flatMap((name) => {
      const label = holderOf(name);
      return label === undefined ? [] : [{ kind: 'MATERIALIZED VIEW' as const, name, label }];
    }),
    ...(isEverything ? objects.functions : []).map((name) => {
      return { kind: 'FUNCTION' as const, name, label: target };
    }),
  ];
}

export interface RestoredObjects {
  readonly restored: readonly string[];
  readonly failed: readonly string[];
}

export async function restoreObjects(run: RestoreRun): Promise<RestoredObjects> {
  const { session, order, journal } = run;
  const missing = await missingObjects(session, order.plan.database, order.objects ?? []);
  const restored: string[] = [];
  const failed: string[] = [];
  if (missing.length === 0) return { restored, failed };
  const dialect = await dialectOf(session.connection);
  const [replicationNum] = order.plan.tables.map((table) => table.replicationNum);
  for (const label of new Set(missing.map((each) => each.label))) {
    const ofLabel = missing.filter((each) => each.label === label);
    const names = ofLabel.map(({ name }) => name);
    const items = ofLabel.map(itemOf);
    try {
      await journal.step('objects', label, ofLabel, () =>
        restoreItems(run, { label, items, replicationNum, dialect }),
      );
      restored.push(...names);
    } catch (error) {
      if (!(error instanceof BrError)) throw error;
      session.report.warn(`${names.join(', ')} not restored: ${messageOf(error)}`);
      failed.push(...names);
    }
  }
  return { restored, failed };
}

function itemOf({ kind, name }: PlannedObject): RestoreItem {
  return { kind, table: name, partitions: undefined, alias: undefined };
}

async function missingObjects(
  session: Session,
  database: string,
  planned: readonly PlannedObject[],
): Promise<readonly PlannedObject[]> {
  if (planned.length === 0) return [];
  const tables = new Set(await existingTables(session, database));
  const hasFunctions = planned.some(({ kind }) => kind === 'FUNCTION');
  const functions = new Set(hasFunctions ? await functionNames(session.connection, database) : []);
  return planned.filter(({ kind, name }) => !(kind === 'FUNCTION' ? functions : tables).has(name));
}

/** Takes away what a restore has brought; functions stay, since others may call them by now. */
export async function dropRestoredObjects(
  { connection }: Session,
  database: string,
  journal: Journal,
  steps: readonly RestoreStep[],
): Promise<void> {
  for (const { no, action, state, detail } of steps) {
    if (action !== 'objects' || state === 'UNDONE') continue;
    for (const { kind, name } of JSON.parse(detail) as readonly PlannedObject[]) {
      if (kind === 'FUNCTION') continue;
      await connection.query(`DROP ${kind} IF EXISTS ${quotePath(database, name)}`);
    }
    await journal.mark(no, 'UNDONE');
  }
}
