/** What a restore makes of the tables of a database, once it has FINISHED or was CANCELLED. */
import type { Shape } from './actions.ts';
import type { ModelPartition, ModelTable, ModelTables } from './model.ts';
import { isView, withPart, withTable } from './model.ts';

/** One table of a RESTORE statement. */
export interface RestoredTable {
  /** In the snapshot. */
  readonly source: string;
  /** Here; another name with AS. */
  readonly target: string;
  /** Without a list: all that the snapshot has. */
  readonly parts: readonly number[] | undefined;
}

export interface RestoreOrder {
  readonly tables: readonly RestoredTable[];
  readonly replicas: number;
  /** Into another database than the one that was backed up. */
  readonly isElsewhere?: boolean;
}

function chosen(
  table: ModelTable,
  parts: readonly number[] | undefined,
): readonly [number, ModelPartition][] {
  return [...table.parts].filter(([part]) => parts === undefined || parts.includes(part));
}

/** After FINISHED. `had` tells which targets the restore found when it prepared. */
export function restored(
  tables: ModelTables,
  snapshot: ModelTables,
  order: RestoreOrder,
  had: ReadonlySet<string>,
): ModelTables {
  let next = tables;
  for (const { source, target, parts } of order.tables) {
    const given = snapshot.get(source);
    if (given === undefined) continue;
    const from = isView(given) ? boundView(given, order) : given;
    const here = next.get(target);
    if (from.text !== undefined) {
      next = withTable(next, target, from);
    } else if (!had.has(target)) {
      const made = chosen(from, parts).map(
        ([part, partition]) => [part, { ...partition, replicas: order.replicas }] as const,
      );
      const shape = { ...from.shape, replicas: order.replicas };
      next = withTable(next, target, { ...from, shape, parts: new Map(made) });
    } else if (here !== undefined) {
      let table: ModelTable = { ...here, isDamaged: here.isDamaged || from.isDamaged };
      if (isView(from)) table = { ...table, base: from.base };
      for (const [part, partition] of chosen(from, parts)) {
        const replicas = here.parts.get(part)?.replicas ?? order.replicas;
        table = withPart(table, part, { ...partition, replicas });
      }
      next = withTable(next, target, table);
    }
  }
  return next;
}

/** Where its table comes along under its own name, a view reads that; else nobody says here. */
function boundView(view: ModelTable, { tables, isElsewhere }: RestoreOrder): ModelTable {
  const isBound = tables.some(({ source, target }) => source === view.base && target === source);
  return isBound && isElsewhere !== true ? view : { ...view, base: undefined };
}

/** After a cancel once COMMIT was reached: what was being overwritten may be a mixture. */
export function torn(
  tables: ModelTables,
  snapshot: ModelTables,
  order: RestoreOrder,
  had: ReadonlySet<string>,
): ModelTables {
  let next = tables;
  for (const { source, target, parts } of order.tables) {
    const from = snapshot.get(source);
    const here = next.get(target);
    if (from === undefined || here === undefined || !had.has(target)) continue;
    if (from.text !== undefined) continue;
    let table = here;
    for (const [part] of chosen(from, parts)) {
      const partition = table.parts.get(part);
      if (partition !== undefined) table = withPart(table, part, { ...partition, isTorn: true });
    }
    next = withTable(next, target, table);
  }
  return next;
}

/**
 * Why the checks of a restore may refuse it, as far as the model can tell; undefined: they must
 * let it pass (restore-jobs.md 3.4).
 */
export function refusalOf(
  tables: ModelTables,
  snapshot: ModelTables,
  order: RestoreOrder,
): string | undefined {
  for (const { source, target, parts } of order.tables) {
    const from = snapshot.get(source);
    if (from === undefined) return `${source} is not in the snapshot`;
    const here = tables.get(target);
    if (here === undefined || from.text !== undefined) continue;
    if (here.hasTemporary === true) return `${target} has temporary partitions`;
    if (source !== target) return `${target} exists and has another name in the snapshot`;
    if (isOtherKind(here.shape, from.shape)) return `${target} is another kind of table`;
    if (here.extra !== from.extra) return `${target} has other columns`;
    for (const [part] of chosen(from, parts)) {
      const partition = here.parts.get(part);
      if (partition === undefined && from.shape.isList === true) {
        return `${target} lacks a list partition`;
      }
      if (partition !== undefined && partition.replicas !== order.replicas) {
        return `${target} has ${partition.replicas} replicas`;
      }
    }
  }
  return undefined;
}

function isOtherKind(a: Shape, b: Shape): boolean {
  return (
    a.keys !== b.keys ||
    a.isPartitioned !== b.isPartitioned ||
    a.isRandom !== b.isRandom ||
    a.buckets !== b.buckets ||
    (a.isList ?? false) !== (b.isList ?? false) ||
    (a.hasRollup ?? false) !== (b.hasRollup ?? false)
  );
}
