/**
 * The directories on the way to the one that was looked up last. Programs work in one place for a
 * while, so the next path mostly shares a long beginning with the last.
 */
import { SLASH } from './memory-path.ts';
import type { MemoryDirectory } from './memory-tree.ts';

interface Step {
  /** Length of the directory's path. */
  readonly end: number;
  readonly directory: MemoryDirectory;
}

export class MemoryTrail {
  #path = '';
  readonly #steps: Step[] = [];

  /** The deepest known directory at or above `path`, of which the first `end` characters count. */
  sharedWith(path: string, end: number): Step | undefined {
    const steps = this.#steps;
    const isSame = path === this.#path;
    for (let at = steps.length - 1; at >= 0; at -= 1) {
      const step = steps[at];
      if (step === undefined || step.end > end) continue;
      if (step.end < end && path.charCodeAt(step.end) !== SLASH) continue;
      if (isSame || hasSameStart(path, this.#path, step.end)) return step;
    }
    return undefined;
  }

  /** A directory was found at the first `end` characters of `path`. */
  add(path: string, end: number, directory: MemoryDirectory): void {
    while ((this.#steps.at(-1)?.end ?? 0) >= end) this.#steps.pop();
    if (this.#path !== path) this.#cutTo(path, end);
    this.#steps.push({ end, directory });
  }

  /** A directory has gone or has got another name. */
  clear(): void {
    this.#steps.length = 0;
    this.#path = '';
  }

  /** Keeps what lies on the way to the new path. */
  #cutTo(path: string, end: number): void {
    let last = this.#steps.at(-1);
    while (last !== undefined && !(last.end < end && hasSameStart(path, this.#path, last.end))) {
      this.#steps.pop();
      last = this.#steps.at(-1);
    }
    this.#path = path;
  }
}

/** From the end, where paths differ first. */
function hasSameStart(a: string, b: string, length: number): boolean {
  for (let at = length - 1; at >= 0; at -= 1) {
    if (a.charCodeAt(at) !== b.charCodeAt(at)) return false;
  }
  return true;
}
