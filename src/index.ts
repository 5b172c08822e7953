/**
 * The public interface of the package: a cluster inside your process, real or virtual. Everything
 * else is internal and may change.
 */

export type { ErrorCode } from './base/errors.ts';
export { SimError } from './base/errors.ts';
export type { ClusterEvent } from './base/events.ts';
export type { Fault } from './base/fault.ts';
export type { FaultPlan } from './base/fault-plan.ts';
export type { FaultPoint } from './base/fault-points.ts';
export type { CrashChoice, CrashFate } from './base/memory-crash.ts';
export { QUIRK_NAMES, type QuirkName } from './base/quirks.ts';
export { type Random, SeededRandom } from './base/random.ts';
export type { Cell } from './base/sql-type.ts';
export { MemoryBlob } from './blob/memory.ts';
export type { Profile, ProfileName } from './fe/profile.ts';
export { PROFILES } from './fe/profile.ts';
export type { BackupJob, BackupState } from './jobs/backup-job.ts';
export { BACKUP_STEPS } from './jobs/backup-steps.ts';
export { type Effect, type EffectKind, perform, type Steps } from './jobs/effects.ts';
export type { BackupMachine, JobMachines, RestoreMachine } from './jobs/machines.ts';
export type { RestoreJob, RestoreState } from './jobs/restore-job.ts';
export { RESTORE_STEPS } from './jobs/restore-steps.ts';
export {
  type CancelPlan,
  type Condition,
  type StateRow,
  type Step,
  type StepResult,
  type StepTable,
  type StepView,
  stateDiagram,
} from './jobs/transition.ts';
export {
  type Cluster,
  type ClusterOptions,
  type JobOutcome,
  type QueryResult,
  startCluster,
} from './start-cluster.ts';
export type { TlsPair } from './wire/socket-upgrade.ts';
