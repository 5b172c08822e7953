/** Ids of catalog objects, jobs and nodes, branded so that one kind cannot pass for another. */

declare const brand: unique symbol;
type Id<Kind extends string> = number & { readonly [brand]: Kind };

export type DbId = Id<'db'>;
export type TableId = Id<'table'>;
export type PartitionId = Id<'partition'>;
export type PhysicalPartitionId = Id<'physical-partition'>;
export type IndexId = Id<'index'>;
export type TabletId = Id<'tablet'>;
export type ReplicaId = Id<'replica'>;
export type CatalogId = Id<'catalog'>;
export type FunctionId = Id<'function'>;
export type JobId = Id<'job'>;
export type TxnId = Id<'txn'>;
export type RepositoryId = Id<'repository'>;
export type BackendId = Id<'backend'>;
/** What tells one agent task from another of the same type on the same backend. */
export type Signature = Id<'signature'>;

/** Gives a plain number its kind. The only cast; callers vouch for where the number came from. */
export function asId<T extends Id<string>>(value: number): T {
  return value as T;
}

/** The job id of a job that has not begun, and of external-catalog jobs (restore-jobs.md 1.1). */
export const NO_JOB_ID: JobId = asId<JobId>(-1);

/** Backends are numbered from here (design.md 5). */
export const FIRST_BACKEND_ID: BackendId = asId<BackendId>(10_001);
