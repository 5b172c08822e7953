/** Runs tests over a copy of the sources in which one file is wrong. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mutant } from './candidates.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const COPIED = ['src', 'test', 'bench', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

/** The quick tests first: most mutants need no more. */
const STAGES: readonly (readonly string[])[] = [
  ['test/unit/jobs'],
  ['test/model', 'test/unit/fe', 'test/unit/metadata'],
];

/** A mutant that runs for so long has made something endless. */
const STAGE_MS_MAX = 600_000;

/** Characters shown of a run that fails where none should. */
const SHOWN_MAX = 4_000;

export class Tree implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'starrocks-emulator-mutants-'));

  constructor() {
    for (const name of COPIED) {
      cpSync(join(ROOT, name), join(this.#folder, name), { recursive: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(this.#folder, 'node_modules'));
  }

  /** The stage whose tests failed; undefined for a mutant that passed them all. */
  async caughtIn(mutant: Mutant): Promise<string | undefined> {
    const path = join(this.#folder, mutant.path);
    const right = readFileSync(path, 'utf8');
    writeFileSync(path, mutant.text);
    try {
      for (const stage of STAGES) {
        if ((await this.#failure(stage)) !== undefined) return stage[0];
      }
      return undefined;
    } finally {
      writeFileSync(path, right);
    }
  }

  /** What the tests say of the sources as they are, if any of them fails. */
  failureWithoutMutant(): Promise<string | undefined> {
    return this.#failure(STAGES.flat());
  }

  /** The end of what a run prints that fails. */
  #failure(tests: readonly string[]): Promise<string | undefined> {
    const vitest = join(this.#folder, 'node_modules', 'vitest', 'vitest.mjs');
    const flags = [
      'run',
      '--project',
      'sources',
      '--bail',
      '1',
      '--maxWorkers',
      '1',
      '--testTimeout',
      '600000',
    ];
    const { NODE_OPTIONS: _, VITEST: __, VITEST_WORKER_ID: ___, ...env } = process.env;
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [vitest, ...flags, '--reporter', 'dot', ...tests],
        { cwd: this.#folder, timeout: STAGE_MS_MAX, maxBuffer: 1 << 26, env },
        (error, stdout, stderr) =>
          resolve(
            error === null ? undefined : `${error.message}\n${stdout}${stderr}`.slice(-SHOWN_MAX),
          ),
      );
    });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
