/** What a look at a repository may find, and what it means for a restore. */
import type { BlobKey } from '../../blob/blob-storage.ts';

export const FINDING_KINDS = [
  /** An object or directory that the snapshot needs is not there. */
  'missing',
  /** Shorter than its header says. */
  'truncated',
  /** Its bytes are not those that its name or header promises. */
  'damaged',
  /** The store does not give it, or nobody here can read what it says. */
  'unreadable',
  /** Two parts of the snapshot say different things. */
  'inconsistent',
  /** A file under the same name with the checksum of other bytes. */
  'stale',
  /** What an upload left that did not come to its end. */
  'part',
  /** Nothing asks for it. */
  'extra',
  /** A name that StarRocks refuses when it meets it. */
  'foreign',
  /** A snapshot without the file that ends a backup. */
  'unfinished',
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/**
 * hurts: what it belongs to does not come back. unknown: whether it does cannot be told.
 * leftover: it does not matter to a restore.
 */
export type Effect = 'hurts' | 'unknown' | 'leftover';

export interface Finding {
  readonly kind: FindingKind;
  readonly effect: Effect;
  readonly key: BlobKey;
  /** What is wrong, without the key. */
  readonly text: string;
  readonly label?: string;
  /** Absent where it concerns the whole snapshot. */
  readonly table?: string;
  readonly partition?: string;
}

/** Whole snapshot or none of it: what a finding about metadata does. */
export type Tell = (finding: Finding) => void;
