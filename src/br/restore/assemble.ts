/** Brings the pieces of every table together, link by link of the chain (BR-REST 7.2). */
import { type Dialect, dialectOf } from '../cluster/dialect.ts';
import { quoteName, quotePath } from '../connection/sql-text.ts';
import { BrError, messageOf, ServerError } from '../errors.ts';
import { asConflict } from '../jobs/slot.ts';
import { trackJob } from '../jobs/track-job.ts';
import { type Part, type PlannedTable, partName } from './plan-restore.ts';
import { backupName, dropText, type RestoreRun, renameText } from './restore-run.ts';
import { type RestoreItem, restoreText } from './statement.ts';
import { tableKind } from './table-kind.ts';

/** A part that comes under a name of its own and is then copied into the assembly. */
interface StagedPart {
  readonly table: PlannedTable;
  readonly name: string;
}

/** The step of one RESTORE; its object is the label. */
export const RESTORE = 'restore';

export async function assemble(run: RestoreRun): Promise<void> {
  const { plan } = run.order;
  const dialect = await dialectOf(run.session.connection);
  await setLiveAside(run);
  for (const label of plan.labels) {
    const staged: StagedPart[] = [];
    const items: { item: RestoreItem; table: PlannedTable }[] = [];
    for (const table of plan.tables) {
      const index = table.parts.findIndex((part) => part.label === label);
      const part = table.parts[index];
      if (part === undefined) continue;
      const alias = await aliasOf(run, table, index);
      items.push({ item: itemOf(table, part, alias), table });
      if (alias !== undefined && index > 0) staged.push({ table, name: alias });
    }
    for (const group of byReplication(items)) await restore(run, label, group, dialect);
    for (const part of staged) await merge(run, part);
  }
}

/** In place: the live table gets the name it would get at the end, at the beginning. */
async function setLiveAside({ session, order, journal }: RestoreRun): Promise<void> {
  const { database, tables } = order.plan;
  for (const { table, strategy } of tables) {
    if (strategy !== 'in-place') continue;
    const aside = backupName(order, table);
    await journal.step('set-aside', table, { aside }, () =>
      session.connection.query(renameText(database, table, aside)),
    );
  }
}

/**
 * `undefined`: under its own name. A second part may come straight into the assembly only if that
 * is the table itself and missing partitions are added, which a restore does for ranges only.
 */
async function aliasOf(
  { session, order: { plan } }: RestoreRun,
  table: PlannedTable,
  index: number,
): Promise<string | undefined> {
  if (index === 0) return table.assembly === table.table ? undefined : table.assembly;
  if (table.assembly !== table.table) return partName(table, plan, index);
  const { kind } = await tableKind(session.connection, plan.database, table.assembly);
  return kind === 'range' ? undefined : partName(table, plan, index);
}

function itemOf({ table }: PlannedTable, part: Part, alias: string | undefined): RestoreItem {
  return { table, partitions: part.partitions, alias };
}

interface Group {
  readonly replicationNum: number | undefined;
  readonly items: readonly RestoreItem[];
}

/** One statement restores all its tables with one number of replicas. */
function byReplication(
  items: readonly { readonly item: RestoreItem; readonly table: PlannedTable }[],
): readonly Group[] {
  const groups = new Map<number | undefined, RestoreItem[]>();
  for (const { item, table } of items) {
    const group = groups.get(table.replicationNum) ?? [];
    group.push(item);
    groups.set(table.replicationNum, group);
  }
  return [...groups].map(([replicationNum, group]) => ({ replicationNum, items: group }));
}

async function restore(
  run: RestoreRun,
  label: string,
  { items, replicationNum }: Group,
  dialect: Dialect,
): Promise<void> {
  await run.journal.step(RESTORE, label, items, () =>
    restoreItems(run, { label, items, replicationNum, dialect }),
  );
}

export interface RestoreCall {
  readonly label: string;
  readonly items: readonly RestoreItem[];
  readonly replicationNum: number | undefined;
  readonly dialect: Dialect;
}

/** One RESTORE statement, followed to its end; `restore` or `unfinished` if that is not good. */
export async function restoreItems(
  { session, order, slot }: RestoreRun,
  { label, items, replicationNum, dialect }: RestoreCall,
): Promise<void> {
  const { plan, timestamps, timeoutSeconds } = order;
  const statement = restoreText(
    {
      label,
      repository: session.config.repository,
      sourceDatabase: plan.sourceDatabase,
      database: plan.database,
      items,
      timestamp: timestamps[label] ?? '',
      replicationNum: order.replicationNum ?? replicationNum,
      timeoutSeconds,
    },
    dialect,
  );
  try {
    await session.connection.query(statement);
  } catch (error) {
    throw refused(asConflict(error, plan.database), label);
  }
  const tracked = { kind: 'restore', database: plan.database, label } as const;
  const end = await trackJob(tracked, { ...session, beat: () => slot.beat() });
  if (end.state === 'FINISHED') return;
  if (end.state === 'INTERRUPTED') {
    await session.connection.query(`CANCEL RESTORE FROM ${quoteName(plan.database)}`);
  }
  const isOpen = end.state === 'TIMEOUT' || end.state === 'LOST';
  throw new BrError(
    isOpen ? 'unfinished' : 'restore',
    `the restore of ${label} ended ${end.state}: ${end.reason ?? ''}`,
    { inputs: { label } },
  );
}

function refused(error: unknown, label: string): unknown {
  if (!(error instanceof ServerError)) return error;
  return new BrError('restore', `the server refused to restore ${label}: ${messageOf(error)}`, {
    cause: error,
  });
}

/** Copies a staged part into the assembly: partitions that are missing there are made first. */
async function merge(run: RestoreRun, { table, name }: StagedPart): Promise<void> {
  const { session, order, journal } = run;
  const { database } = order.plan;
  const target = table.assembly;
  await journal.step('merge', target, { from: name }, async () => {
    const part = await tableKind(session.connection, database, name);
    const whole = await tableKind(session.connection, database, target);
    const into = quotePath(database, target);
    for (const [partition, values] of part.definitions) {
      if (whole.definitions.has(partition)) continue;
      const add = `ALTER TABLE ${into} ADD PARTITION ${quoteName(partition)} ${values}`;
      await session.connection.query(add);
    }
    const names = [...part.definitions.keys()].map(quoteName).join(', ');
    const only = names === '' ? '' : ` PARTITION (${names})`;
    const from = quotePath(database, name);
    await session.connection.query(`INSERT INTO ${into}${only} SELECT * FROM ${from}`);
    await session.connection.query(dropText(database, name));
  });
}
