/** The completion of `srbr` in a real bash. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/br/cli/commands.ts';
import { completionScript } from '../../src/br/cli/completion.ts';
import { GLOBAL_OPTIONS } from '../../src/br/cli/global-options.ts';

/** What bash offers when the last of the words is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const all = ['srbr', ...words].map((word) => `'${word}'`).join(' ');
  const script = [
    completionScript('bash', GLOBAL_OPTIONS, COMMANDS),
    `COMP_WORDS=(${all}); COMP_CWORD=${words.length}; _srbr; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ].join('\n');
  const out = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' });
  return out.split('\n').filter((line) => line !== '');
}

test('bash completes commands, their parts and their options', () => {
  expect(offered('ba')).toEqual(['backup']);
  expect(offered('backup', '')).toEqual(['full', 'incremental', 'auto']);
  expect(offered('--json', 'inventory', 'i')).toEqual(['import']);
  expect(offered('backup', 'incremental', '--group', 'g', '--ba')).toEqual(['--baseline-backup']);
  expect(offered('completion', '--')).toContain('--help');
  expect(offered('nothing', '--ex')).toEqual(['--exit-codes']);
});
