/** The options of the commands that try, compare and watch (br-cli.md 7.8, 7.9). */
import { BrError, messageOf } from '../errors.ts';
import type { Report } from '../report/report.ts';
import type { CommandSpec } from './command-spec.ts';
import type { Options } from './options.ts';

const SCOPES: readonly string[] = ['partition', 'table', 'database'];

/** What monitoring plugins answer when they could not look. */
const UNKNOWN = 3;

function checkDrillOptions(options: Options): void {
  const scope = options.text('scope') ?? 'table';
  if (!SCOPES.includes(scope)) {
    throw new BrError('usage', `option --scope: expected ${SCOPES.join(', ')}, got '${scope}'`);
  }
  const sample = options.count('sample', 1);
  if (scope === 'database' && sample !== undefined) {
    throw new BrError('usage', "option '--sample' is of --scope partition and table");
  }
  options.span('waitForSlot');
}

function checkCheckOptions(options: Options): void {
  options.span('maxAge');
  options.span('maxFullAge');
  options.span('maxDuration');
}

function tellUnknown(error: unknown, report: Report): number {
  const reason = messageOf(error).replaceAll('|', '/').replace(/\s+/g, ' ');
  report.result({ state: 'UNKNOWN', text: reason, groups: [], findings: [] }, [
    `SRBR UNKNOWN - ${reason}`,
  ]);
  return UNKNOWN;
}

export const WATCH_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'drill',
    purpose: 'restore a sample under other names, compare its rows, drop it again',
    example: 'srbr drill --scope table --label latest --sample 3',
    options: [
      { flags: '--scope <scope>', purpose: 'partition, table (default) or database' },
      { flags: '--label <label>', purpose: 'a backup, or latest (default)' },
      { flags: '--sample <n>', purpose: 'so many tables or partitions, by lot; 1 without' },
      { flags: '--base <label>', purpose: 'the full backup, where lineage is not known' },
      { flags: '--wait-for-slot <span>', purpose: 'wait for other jobs, e.g. 30m; without: fail' },
      { flags: '--no-precheck', purpose: 'findings about disks are warnings' },
    ],
    check: checkDrillOptions,
    load: async () => (await import('../commands/drill.ts')).runDrillCommand,
  },
  {
    name: 'audit',
    purpose: 'where history, manifest, slots and repository disagree',
    example: 'srbr audit --fix',
    options: [{ flags: '--fix', purpose: 'mend what can be mended without losing anything' }],
    load: async () => (await import('../commands/audit.ts')).runAudit,
  },
  {
    name: 'metrics',
    purpose: 'figures for Prometheus',
    example: 'srbr metrics --textfile /var/lib/node_exporter/srbr.prom',
    options: [{ flags: '--textfile <file>', purpose: 'into this file instead of standard output' }],
    load: async () => (await import('../commands/metrics.ts')).runMetrics,
  },
  {
    name: 'check',
    purpose: 'one line and exit code 0, 1, 2 or 3, as monitoring plugins have them',
    example: 'srbr check --group daily --max-age 26h --max-full-age 8d --drills',
    options: [
      { flags: '--group <name>', purpose: 'this group; all of the inventory without' },
      { flags: '--max-age <span>', purpose: 'of the newest backup; 26h without' },
      { flags: '--max-full-age <span>', purpose: 'of the newest full backup' },
      { flags: '--max-duration <span>', purpose: 'of the last run, or of one that is not over' },
      { flags: '--drills', purpose: 'also whether drills are overdue' },
      { flags: '--no-alerts', purpose: 'send no alerts about what is found' },
    ],
    check: checkCheckOptions,
    onFailure: tellUnknown,
    load: async () => (await import('../commands/check.ts')).runCheck,
  },
  {
    name: 'completion',
    argument: '<shell>',
    purpose: 'a script that completes words of srbr: bash, zsh or fish',
    example: 'source <(srbr completion bash)',
    options: [],
    loadOffline: async () => (await import('../commands/completion.ts')).runCompletion,
  },
];
