/** Facts as samples of metrics, and samples as text that Prometheus reads (BR-MON). */
import { SECOND_MS } from '../../base/units.ts';
import type { Facts, Run } from './facts.ts';
import { METRIC_PREFIX, METRICS, type MetricName } from './metric-table.ts';

export interface Sample {
  readonly name: MetricName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const FINAL_STATES = ['FINISHED', 'FAILED', 'CANCELLED', 'TIMEOUT', 'LOST'];

export function samplesOf(facts: Facts, repository: string): readonly Sample[] {
  const { runs, slots, consistency } = facts;
  const plain = (name: MetricName, value: number, labels = {}): Sample => ({ name, labels, value });
  const states = new Set([...FINAL_STATES, ...runs.map(({ status }) => status)]);
  const scopes = ['backup', 'restore'] as const;
  return [
    ...lastBy(runs, ({ database, group, type }) => ({ database, group, type })).flatMap(ofLast),
    ...[...states].map((status) => {
      const count = runs.filter((run) => run.status === status).length;
      return plain('runs_total', count, { status });
    }),
    ...scopes.flatMap((scope) => {
      const ages = slots.filter((slot) => slot.scope === scope).map(({ ageSeconds }) => ageSeconds);
      return [
        plain('slot_active', ages.length, { scope }),
        plain('slot_age_seconds', Math.max(0, ...ages), { scope }),
      ];
    }),
    ...lastBy(runs, ({ database, group }) => ({ database, group })).flatMap(({ run, labels }) =>
      run.chainLength === undefined ? [] : [plain('chain_length', run.chainLength, labels)],
    ),
    plain('unrestorable_backups', consistency.lost.length + consistency.unrestorable.length),
    plain('orphan_snapshots', consistency.orphans.length),
    plain('repository_error', facts.repositoryError === undefined ? 0 : 1, { repository }),
    ...facts.backends.flatMap(({ id, freeRatio }) =>
      freeRatio === undefined ? [] : [plain('disk_free_ratio', freeRatio, { backend: id })],
    ),
    ...[...facts.drills].map(([scope, ms]) =>
      plain('drill_last_success_timestamp_seconds', ms / SECOND_MS, { scope }),
    ),
    plain('meta_snapshot_failures_total', facts.metaSnapshotFailures),
  ];
}

interface LastRun {
  readonly run: Run;
  readonly labels: Readonly<Record<string, string>>;
}

/** The newest finished run of each set of labels. */
function lastBy(
  runs: readonly Run[],
  labelsOf: (run: Run) => Readonly<Record<string, string>>,
): readonly LastRun[] {
  const last = new Map<string, LastRun>();
  for (const run of runs) {
    if (run.status !== 'FINISHED') continue;
    const labels = labelsOf(run);
    const key = JSON.stringify(labels);
    const before = last.get(key)?.run.finishedMs ?? 0;
    if ((run.finishedMs ?? 0) >= before) last.set(key, { run, labels });
  }
  return [...last.values()];
}

function ofLast({ run, labels }: LastRun): readonly Sample[] {
  const { startedMs, finishedMs, sizeBytes } = run;
  if (finishedMs === undefined) return [];
  const seconds = startedMs === undefined ? undefined : (finishedMs - startedMs) / SECOND_MS;
  const values: readonly (readonly [MetricName, number | undefined])[] = [
    ['last_success_timestamp_seconds', finishedMs / SECOND_MS],
    ['last_duration_seconds', seconds],
    ['last_bytes', sizeBytes],
    [
      'throughput_bytes_per_second',
      seconds === undefined || seconds <= 0 || sizeBytes === undefined
        ? undefined
        : sizeBytes / seconds,
    ],
  ];
  return values.flatMap(([name, value]) => (value === undefined ? [] : [{ name, labels, value }]));
}

/** Text exposition format 0.0.4; ends with a line break, as the format wants. */
export function expositionText(samples: readonly Sample[]): string {
  const lines: string[] = [];
  for (const [name, { type, help }] of Object.entries(METRICS)) {
    const ours = samples.filter((sample) => sample.name === name);
    if (ours.length === 0) continue;
    lines.push(`# HELP ${METRIC_PREFIX}${name} ${help}`, `# TYPE ${METRIC_PREFIX}${name} ${type}`);
    for (const { labels, value } of ours) {
      lines.push(`${METRIC_PREFIX}${name}${labelsText(labels)} ${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
