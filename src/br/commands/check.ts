/** `srbr check`: one line and an exit code as monitoring plugins have them (BR-MON). */
import { HOUR_MS, SECOND_MS } from '../../base/units.ts';
import { alertKey, endAlert, raiseAlert } from '../alerts/raise.ts';
import type { Call } from '../cli/command-spec.ts';
import { BrError } from '../errors.ts';
import { type Facts, readFacts } from '../monitor/facts.ts';
import { type Finding, judge, runsOfGroup, STATES } from '../monitor/judge.ts';
import { openAlertKeys } from '../ops/events.ts';
import { openSession, type Session } from './session.ts';

const MAX_AGE_MS_DEFAULT: number = 26 * HOUR_MS;

export async function runCheck(call: Call): Promise<number> {
  const session = await openSession(call);
  const { options, config, report } = session;
  const facts = await readFacts(session);
  const groups = groupsOf(facts, options.text('group'));
  const limits = {
    maxAgeMs: options.span('maxAge') ?? MAX_AGE_MS_DEFAULT,
    maxFullAgeMs: options.span('maxFullAge'),
    maxDurationMs: options.span('maxDuration'),
    drills: options.flag('drills'),
    minFreeDiskRatio: config.preflight.minFreeDiskRatio,
    graceMs: config.slot.graceMs,
  };
  const findings = judge(facts, groups, limits);
  if (!options.flag('noAlerts')) await tell(session, facts, groups, findings);
  const state = stateOf(findings);
  const good = `groups ${groups.join(', ') || 'none'} are backed up`;
  const text = findings.length === 0 ? good : findings.map((each) => each.text).join('; ');
  const perfdata = groups.flatMap((group) => perfdataOf(facts, group));
  report.result({ state, text, groups, findings }, [
    `SRBR ${state} - ${oneLine(text)}${perfdata.length > 0 ? ` | ${perfdata.join(' ')}` : ''}`,
  ]);
  return STATES[state];
}

function groupsOf({ inventory }: Facts, wanted: string | undefined): readonly string[] {
  const known = [...new Set(inventory.map(({ group }) => group))];
  if (wanted === undefined && known.length > 0) return known;
  if (wanted === undefined) throw new BrError('group-unknown', 'the inventory is empty');
  if (known.includes(wanted)) return [wanted];
  const names = known.join(', ') || 'none';
  throw new BrError('group-unknown', `there is no group '${wanted}'; known groups: ${names}`);
}

/** Of critical and warning, the worse. */
function stateOf(findings: readonly Finding[]): 'OK' | 'WARNING' | 'CRITICAL' {
  if (findings.some(({ state }) => state === 'CRITICAL')) return 'CRITICAL';
  return findings.length > 0 ? 'WARNING' : 'OK';
}

/** What is found is told once; when it is found no longer, it may be told again. */
async function tell(
  session: Session,
  facts: Facts,
  groups: readonly string[],
  findings: readonly Finding[],
): Promise<void> {
  if (session.config.alerts.length === 0) return;
  for (const { kind, subject, state, text } of findings) {
    const level = state === 'CRITICAL' ? 'critical' : 'warning';
    await raiseAlert({ kind, subject, level, text }, session);
  }
  const found = new Set(findings.map(alertKey));
  const labels = new Set(groups.flatMap((group) => runsOfGroup(facts, group)).map((r) => r.label));
  for (const key of await openAlertKeys(session.ops)) {
    if (!found.has(key) && wasJudged(key, groups, labels, session)) await endAlert(key, session);
  }
}

/** A run that failed stays told, and refusals are each a matter of their own. */
function wasJudged(
  key: string,
  groups: readonly string[],
  labels: ReadonlySet<string>,
  { options }: Session,
): boolean {
  const [kind = '', ...rest] = key.split(':');
  const subject = rest.join(':');
  switch (kind) {
    case 'missing-backup':
      return groups.includes(subject);
    case 'full-too-old':
      return groups.includes(subject) && options.span('maxFullAge') !== undefined;
    case 'run-too-long':
      return labels.has(subject) && options.span('maxDuration') !== undefined;
    case 'drill-overdue':
      return options.flag('drills');
    default:
      return !['run-failed', 'run-refused'].includes(kind);
  }
}

function perfdataOf(facts: Facts, group: string): readonly string[] {
  const last = runsOfGroup(facts, group).findLast(({ status }) => status === 'FINISHED');
  if (last?.finishedMs === undefined) return [];
  const name = group.replaceAll("'", "''").replaceAll('=', '_');
  const age = Math.round((facts.nowMs - last.finishedMs) / SECOND_MS);
  const bytes = last.sizeBytes === undefined ? [] : [`'${name} size'=${last.sizeBytes}B`];
  return [`'${name} age'=${age}s`, ...bytes];
}

/** A pipe would begin the figures, a line break end the line. */
function oneLine(text: string): string {
  return text.replaceAll('|', '/').replace(/\s+/g, ' ').trim();
}
