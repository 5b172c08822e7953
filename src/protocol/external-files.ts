/**
 * Files outside of the cluster that a query reads, `FILES(...)`: found and brought to this disk by
 * those who know stores, then read by the query engine.
 */
import type { Op } from '../base/op.ts';

export interface ExternalFile {
  /** As people know it, without credentials: for errors. */
  readonly location: string;
  /** Where its bytes can be read now: the file itself, or a copy. */
  readonly path: string;
  readonly sizeBytes: number;
}

export interface FetchedFiles {
  /** Sorted by location; at least one. */
  readonly files: readonly ExternalFile[];
  /** Removes the copies. Call it once, also after an error. */
  release(): Op<void>;
}

/** A folder for files of one statement; `remove` takes it away with all in it. */
export interface ScratchFolder {
  readonly path: string;
  remove(): Op<void>;
}

export interface ExternalFiles {
  /**
   * The files that a location names, `*`, `?`, `[a-c]`, `{a,b}` in its path being patterns. Throws
   * `analysis` where none is, and what the store throws; never shows a credential.
   */
  fetch(location: string, properties: Readonly<Record<string, string>>): Op<FetchedFiles>;
  scratch(): Op<ScratchFolder>;
}
