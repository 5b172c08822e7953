/**
 * What a simulated disk can do at once, for many small files: the snapshots of a million tablets
 * pass in seconds where each step as an `Op` of its own would take minutes. Whoever uses it keeps
 * the ordinary way too, and takes that wherever an answer here is `undefined` or `false`.
 */
import type { NumberedBytes, NumberedTemplate } from './numbered-bytes.ts';

export interface InstantFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** As `Files.md5`. */
  readonly md5: string;
  /** All of them, which nobody may change; of a hollow file none. */
  readonly bytes: Uint8Array | NumberedBytes | undefined;
}

/** A file to be made: new bytes, or one more name for a file that is there. */
export type PlantedFile =
  | { readonly name: string; readonly bytes: NumberedBytes | Uint8Array }
  | { readonly name: string; readonly hollow: { readonly sizeBytes: number; readonly md5: string } }
  | { readonly name: string; readonly cloneOf: string };

/** Directories with one file each that differ in a number alone: what is shared by all of them. */
export interface NumberedForm {
  /** Path of the directory that the file is in. */
  below(number: number): string;
  /** Directories on that path. */
  readonly depth: number;
  fileName(number: number): string;
  readonly template: NumberedTemplate;
}

export interface InstantFiles {
  /**
   * Makes the directories `top` and `<top>/<below>` with these files, the names in order. All of it
   * is durable, with the names in the directory of `top`. False, and nothing done, where the
   * ordinary way would fail.
   */
  plant(top: string, below: string, files: readonly PlantedFile[]): boolean;
  /** As `plant` of the directory and the file that follow from the number. */
  plantNumbered(top: string, form: NumberedForm, number: number): boolean;
  /**
   * Other files, the names in order, in place of those that were planted there; durable, as if
   * written aside and renamed. False, and nothing done, where the ordinary way must be taken.
   */
  replant(top: string, below: string, files: readonly PlantedFile[]): boolean;
  /** The files that were planted there, if nothing but `plant` has touched them since. */
  planted(top: string, below: string): readonly InstantFile[] | undefined;
  /** As `Files.remove`, of what is untouched since it was planted; else false, and nothing done. */
  uproot(top: string): boolean;
}
