/** docs/srbr.md names what is there: commands, options, keys, tables and tests. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { OptionSpec } from '../../src/br/cli/command-spec.ts';
import { COMMANDS } from '../../src/br/cli/commands.ts';
import { GLOBAL_OPTIONS } from '../../src/br/cli/global-options.ts';
import { TOP_LEVEL_KEYS } from '../../src/br/config/schema.ts';
import { OPS_TABLES } from '../../src/br/ops/tables.ts';
import { readPage } from './made-page.ts';

const PAGE = readPage('docs/srbr.md').replace(/^```[\s\S]*?^```$/gm, '');
const TITLE = '## What the documents of starrocks-br ask for';

/** What the three documents name, word for word. */
const ASKED: Readonly<Record<string, readonly string[]>> = {
  'The CLI usage guide': [
    ...['host', 'port', 'user', 'database', 'repository', 'STARROCKS_PASSWORD'],
    ...['--help', '--config', '--group', '--baseline-backup', '--target-label', '--rename-suffix'],
    ...['init', 'backup full', 'backup incremental', 'restore', 'cron'],
    ...['table_inventory', 'backup_history', 'restore_history', 'run_status', 'backup_partitions'],
    ...['deferred: exponential backoff', 'deferred: disk space precheck'],
    ...['deferred: runbooks and DR drills', 'deferred: monitoring dashboards and alerting'],
  ],
  'Core concepts': [
    ...['inventory groups', '`*`', 'full backups', 'incremental backups', 'repositories', 'chains'],
    ...['restore --target-label', 'restore --group', 'restore --table', '--rename-suffix'],
  ],
  'The first release (MVP)': [
    ...['init', 'backup', 'list', 'restore --table --timestamp', 'tables', 'password'],
    ...['partitions_json', 'backup_timestamp', 'cold start', 'roadmap: validation of identifiers'],
    ...['roadmap: one connection', 'roadmap: tests with a real StarRocks'],
  ],
};

interface Line {
  readonly document: string;
  readonly asked: string;
  readonly here: string;
  readonly shownBy: string;
}

function lines(): readonly Line[] {
  const section = PAGE.slice(PAGE.indexOf(TITLE)).split(/\n## (?!What)/)[0] ?? '';
  return section
    .split('\n### ')
    .slice(1)
    .flatMap((text) => {
      const [document = '', ...rest] = text.split('\n');
      return rest
        .filter((line) => line.startsWith('| ') && !/^\| (asked for|---) \|/.test(line))
        .map((line) => {
          const [asked = '', here = '', shownBy = ''] = line.slice(2, -2).split(' | ');
          return { document, asked, here, shownBy };
        });
    });
}

/** Words between backticks. */
function spans(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

function flagsOf(options: readonly OptionSpec[]): readonly string[] {
  return ['--config', '--help', ...options.map(({ flags }) => flags.split(' ')[0] ?? '')];
}

const EVERY_FLAG = flagsOf([...GLOBAL_OPTIONS, ...COMMANDS.flatMap(({ options }) => options)]);
const VARIABLES = ['STARROCKS_PASSWORD', 'STARROCKS_PASSWORD_FILE', 'STARROCKS_BR_CONFIG'];

/** What is wrong with `srbr backup full --group`; nothing if it can be called so. */
function faultOf(span: string): string | undefined {
  if (!span.startsWith('srbr ')) return undefined;
  const words = span.split(' ').slice(1);
  const at = words.findIndex((word) => word.startsWith('-'));
  const name = words.slice(0, at < 0 ? words.length : at).join(' ');
  const flags = at < 0 ? [] : words.slice(at).filter((word) => word.startsWith('-'));
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined && name !== '') return `no command: ${span}`;
  const known = flagsOf([...GLOBAL_OPTIONS, ...(command?.options ?? [])]);
  const unknown = flags.filter((flag) => !known.includes(flag));
  return unknown.length === 0 ? undefined : `${span}: no option ${unknown.join(', ')}`;
}

describe('what the documents of starrocks-br ask for', () => {
  const all = lines();

  test.each(Object.entries(ASKED))('nothing of "%s" is missing', (document, words) => {
    const asked = all.filter((line) => line.document === document).map((line) => line.asked);
    expect(words.filter((word) => !asked.some((text) => text.includes(word)))).toEqual([]);
  });

  test('every command, option, key and table that the page names is there', () => {
    const tables = OPS_TABLES.map(({ name }) => name);
    const isKnown = (span: string): boolean =>
      span.startsWith('srbr ') ||
      EVERY_FLAG.includes(span) ||
      VARIABLES.includes(span) ||
      tables.includes(span) ||
      TOP_LEVEL_KEYS.includes(span.split('.')[0] ?? '') ||
      ['all', '-v#r', 'starrocks-br', 'npm run test:real'].includes(span);
    const named = all.flatMap(({ here }) => spans(here));
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter((span) => !isKnown(span))).toEqual([]);
    expect(spans(PAGE).flatMap((span) => faultOf(span) ?? [])).toEqual([]);
  });

  test('every row names a test that is there, with the acceptance ids that it has', () => {
    for (const { asked, shownBy } of all) {
      const parts = shownBy.split('; ');
      for (const part of parts) {
        const [path = ''] = spans(part);
        const url = new URL(`../../${path}`, import.meta.url);
        expect(existsSync(url), `${asked}: ${path}`).toBe(true);
        const text = readFileSync(url, 'utf8');
        for (const [id] of part.matchAll(/\b(?:AC|E2E)-[A-Z0-9-]+\b/g)) {
          expect(text, `${path} has no ${id}`).toContain(id);
        }
      }
    }
  });
});
