/**
 * What a run can do, as plain data: a list of these is a whole scenario, can be printed, stored,
 * cut short and replayed. Names are small numbers (`d0`, `t1`, `l2`), so that most actions find
 * something to work on and still mean something after others were taken away.
 */
import type { Fault, FaultSubject } from '../base/fault.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import type { CrashFate } from '../base/memory-crash.ts';
import type { JobKind } from '../jobs/abstract-job.ts';

export type Keys = 'duplicate' | 'aggregate' | 'unique' | 'primary';

/** What a table is, besides its rows. */
export interface Shape {
  readonly keys: Keys;
  /** Partitions of ten keys each; otherwise there is one, numbered 0, for all keys. */
  readonly isPartitioned: boolean;
  /** The partitions are lists of their keys, not ranges. */
  readonly isList?: boolean;
  /** Has a second index with the columns the other way round. */
  readonly hasRollup?: boolean;
  readonly isRandom: boolean;
  readonly buckets: number;
  readonly replicas: number;
}

/** Strikes once, at the next visit that fits. */
export interface FaultOrder {
  readonly point: FaultPoint;
  readonly fault: Fault;
  readonly match: FaultSubject;
  readonly times: number;
}

/** Happens as soon as a job of that kind has entered the state; once. */
export interface Ambush {
  readonly kind: JobKind;
  readonly state: string;
  readonly orders: readonly FaultOrder[];
  /** A backend dies so much later, and comes back after that. */
  readonly kill?: { readonly backend: number; readonly afterMs: number; readonly downMs: number };
  /** The clock is set forward by so much. */
  readonly jumpMs?: number;
}

interface OnTable {
  readonly site: number;
  readonly db: number;
  readonly table: number;
}

export type ObjectKind = 'view' | 'function' | 'catalog';

/** One of each kind in a database; catalogs are in none. */
interface InDatabase {
  readonly site: number;
  readonly db: number;
  readonly kind: ObjectKind;
}

export type Action =
  | {
      readonly do: 'create-database';
      readonly site: number;
      readonly db: number;
      readonly ifMissing: boolean;
    }
  | { readonly do: 'drop-database'; readonly site: number; readonly db: number }
  | (OnTable & {
      readonly do: 'create-table';
      readonly shape: Shape;
      readonly parts: number;
      readonly ifMissing: boolean;
    })
  | (OnTable & { readonly do: 'drop-table' })
  | (OnTable & { readonly do: 'truncate'; readonly part: number | null })
  | (OnTable & { readonly do: 'add-partition'; readonly part: number })
  | (OnTable & { readonly do: 'drop-partition'; readonly part: number })
  | (OnTable & {
      readonly do: 'insert';
      readonly rows: readonly (readonly [key: number, value: number])[];
    })
  | (OnTable & { readonly do: 'delete'; readonly below: number })
  /** Adds the column `x` with this default, or drops it if it is there. */
  | (OnTable & { readonly do: 'change-columns'; readonly value: number })
  | (OnTable & { readonly do: 'update'; readonly below: number; readonly value: number })
  /** The only temporary partition that it may have: of the keys of its first one. */
  | (OnTable & { readonly do: 'add-temporary' | 'drop-temporary' })
  /** Reads the table of the same number. */
  | (OnTable & { readonly do: 'create-mv'; readonly replicas: number })
  | (OnTable & { readonly do: 'drop-mv' | 'refresh-mv' })
  /** What a view, a function or an external catalog is: a number is all there is to it. */
  | (InDatabase & { readonly do: 'create-object'; readonly value: number })
  | (InDatabase & { readonly do: 'drop-object' })
  | {
      readonly do: 'backup';
      readonly site: number;
      readonly db: number;
      readonly label: number;
      readonly repo: number;
      /** Empty: the whole database. */
      readonly tables: readonly number[];
      /** One partition of each named table, where it has it. */
      readonly part: number | null;
      /** Beside named tables: what has no partitions. */
      readonly withObjects?: boolean;
      /** Profile 4.2: minutes that the snapshot is kept. */
      readonly ttlMinutes?: number;
    }
  | {
      readonly do: 'backup-catalogs';
      readonly site: number;
      readonly label: number;
      readonly repo: number;
      readonly ttlMinutes?: number;
    }
  | { readonly do: 'restore-catalogs'; readonly site: number; readonly pick: number }
  | {
      readonly do: 'restore';
      readonly site: number;
      readonly db: number;
      /** Counts the snapshots that this cluster may see. */
      readonly pick: number;
      /** Which tables of the snapshot; empty: all. */
      readonly tables: readonly number[];
      readonly part: number | null;
      /** The first table comes back under this number. */
      readonly alias: number | null;
      /** 0: those of the snapshot. */
      readonly replicas: number;
      /** Leaves out tables that the checks of a restore would refuse. */
      readonly fits: boolean;
      readonly withObjects?: boolean;
    }
  | {
      readonly do: 'cancel';
      readonly site: number;
      /** Null: that of external catalogs. */
      readonly db: number | null;
      readonly kind: JobKind;
    }
  | {
      readonly do: 'create-repository';
      readonly site: number;
      readonly repo: number;
      readonly ifMissing: boolean;
    }
  | { readonly do: 'drop-repository'; readonly site: number; readonly repo: number }
  | {
      readonly do: 'drop-snapshot';
      readonly site: number;
      readonly repo: number;
      readonly pick: number;
    }
  | { readonly do: 'advance'; readonly ms: number }
  /** Until no job runs, or so long. */
  | { readonly do: 'await-jobs'; readonly ms: number }
  | { readonly do: 'crash'; readonly site: number; readonly fate: CrashFate }
  | { readonly do: 'kill-backend'; readonly site: number; readonly backend: number }
  | { readonly do: 'start-backends'; readonly site: number }
  | { readonly do: 'faults'; readonly site: number; readonly orders: readonly FaultOrder[] }
  | { readonly do: 'ambush'; readonly site: number; readonly ambush: Ambush }
  | { readonly do: 'faults-off'; readonly site: number };

export type ActionKind = Action['do'];

const OBJECT_NAMES: Readonly<Record<ObjectKind, string>> = {
  view: 'v',
  function: 'f',
  catalog: 'c',
};

/** How the things that actions name are called in SQL. */
export const nameOf = {
  db: (db: number): string => `d${db}`,
  table: (table: number): string => `t${table}`,
  mv: (table: number): string => `m${table}`,
  object: (kind: ObjectKind): string => OBJECT_NAMES[kind],
  temporary: 'x0',
  part: (part: number): string => `p${part}`,
  label: (label: number): string => `l${label}`,
  repo: (repo: number): string => `r${repo}`,
} as const;

/** Keys of a partition: from here, so many. */
export const KEYS_PER_PART = 10;
