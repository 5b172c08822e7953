/**
 * Which snapshot supplies which partition, and how the pieces of a table come together (BR-REST
 * 7.2). A partition is taken from the newest snapshot that has it and restored once; what was
 * superseded or dropped since is not asked for at all.
 */
import { BrError } from '../errors.ts';
import type { ChainContents, HeldPartition } from './contents.ts';

export type Strategy = 'alias' | 'direct' | 'staged' | 'in-place';

/** What one snapshot gives to a table. */
export interface Part {
  readonly label: string;
  /** `undefined`: the table as a whole, as the snapshot has it. */
  readonly partitions: readonly string[] | undefined;
}

export interface Counted {
  readonly rows: number;
  /** `undefined`: all of them. */
  readonly partitions: readonly string[] | undefined;
}

export interface PlannedTable {
  readonly table: string;
  readonly strategy: Strategy;
  /** Oldest first. */
  readonly parts: readonly Part[];
  /** Where the pieces come together: the table's own name only if nobody can be reading it. */
  readonly assembly: string;
  readonly hasLive: boolean;
  readonly dataBytes: number;
  /** What the backups counted; `undefined` if they counted nothing of it. */
  readonly counted: Counted | undefined;
  readonly replicationNum: number | undefined;
}

export interface RestorePlan {
  readonly sourceDatabase: string;
  readonly database: string;
  readonly labels: readonly string[];
  readonly suffix: string;
  readonly tables: readonly PlannedTable[];
}

export interface PlanWish {
  readonly labels: readonly string[];
  readonly database: string;
  readonly suffix: string;
  /** Whether a table is wanted at all. */
  readonly isWanted: (table: string) => boolean;
  readonly strategy: 'auto' | 'staged' | 'in-place';
  /** Nothing is put in place, so nothing may be assembled there. */
  readonly noCutOver: boolean;
  /** Tables that are in the target database now. */
  readonly there: ReadonlySet<string>;
}

export function planRestore(contents: ChainContents, wish: PlanWish): RestorePlan {
  const names = [...new Set(contents.live.map(({ table }) => table))].filter(wish.isWanted);
  return {
    sourceDatabase: contents.database,
    database: wish.database,
    labels: wish.labels,
    suffix: wish.suffix,
    tables: names.sort().map((table) => plannedTable(table, contents, wish)),
  };
}

function plannedTable(table: string, { held, live }: ChainContents, wish: PlanWish): PlannedTable {
  const wanted = live.filter((each) => each.table === table);
  const byLink: HeldPartition[][] = held.map(() => []);
  for (const partition of wanted) {
    const link = held.findLastIndex((each) => has(each, partition));
    if (link < 0) {
      throw new BrError(
        'restore',
        `${table}: no snapshot of the chain has ${partition.partition}`,
        {
          advice: [`srbr verify ${wish.labels.at(-1)} shows what is missing`],
        },
      );
    }
    byLink[link]?.push(partition);
  }
  const parts = byLink.flatMap((partitions, link): Part[] => {
    if (partitions.length === 0) return [];
    const all = held[link]?.filter((each) => each.table === table) ?? [];
    const names = partitions.map(({ partition }) => partition).sort();
    const isWhole = names.length === all.length;
    return [{ label: wish.labels[link] ?? '', partitions: isWhole ? undefined : names }];
  });
  const hasLive = wish.there.has(table);
  const strategy = strategyFor(parts.length, hasLive, wish);
  const isAside = strategy === 'alias' || strategy === 'staged';
  const replications = wanted.map(({ replicationNum }) => replicationNum);
  return {
    table,
    strategy,
    parts,
    assembly: isAside ? `${table}${wish.suffix}` : table,
    hasLive,
    dataBytes: wanted.reduce((sum, { dataBytes }) => sum + dataBytes, 0),
    counted: countedOf(wanted),
    replicationNum: replications.every((each) => each === replications[0])
      ? replications[0]
      : undefined,
  };
}

function has(held: readonly HeldPartition[], { table, partition }: HeldPartition): boolean {
  return held.some((each) => each.table === table && each.partition === partition);
}

function strategyFor(parts: number, hasLive: boolean, { strategy, noCutOver }: PlanWish): Strategy {
  if (parts === 1) return 'alias';
  if (strategy === 'staged' || noCutOver) return 'staged';
  if (strategy === 'in-place' && hasLive) return 'in-place';
  return hasLive ? 'staged' : 'direct';
}

function countedOf(partitions: readonly HeldPartition[]): Counted | undefined {
  const known = partitions.filter(({ rowCount }) => rowCount !== undefined);
  if (known.length === 0) return undefined;
  return {
    rows: known.reduce((sum, { rowCount = 0 }) => sum + rowCount, 0),
    partitions:
      known.length === partitions.length ? undefined : known.map(({ partition }) => partition),
  };
}

/** `orders_restored_2`: what the second part of a table is restored under before it is copied. */
export function partName({ table }: PlannedTable, { suffix }: RestorePlan, index: number): string {
  return `${table}${suffix}_${index + 1}`;
}
