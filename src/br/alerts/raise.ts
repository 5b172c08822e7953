/**
 * Tells people what they must hear of, once for each thing (BR-MON). That an alert is about to go
 * out is written into `br_events` first: better none than the same one every minute. An alert that
 * cannot be delivered is a warning, and never fails what it is about.
 */
import { messageOf } from '../errors.ts';
import { closeAlert, isAlertOpen, openAlert, recordEvent } from '../ops/events.ts';
import type { AlertContext } from './deliver.ts';
import { deliver } from './deliver.ts';

export type AlertKind =
  | 'run-failed'
  | 'run-refused'
  | 'run-too-long'
  | 'missing-backup'
  | 'full-too-old'
  | 'repository-error'
  | 'node-dead'
  | 'disk-low'
  | 'drill-overdue'
  | 'slot-stuck'
  | 'orphan-snapshot'
  | 'unrestorable-backup';

export interface Alert {
  readonly kind: AlertKind;
  readonly level: 'warning' | 'critical';
  /** What it is about: a label, a group, a node. Kind and subject are open once at a time. */
  readonly subject: string;
  readonly text: string;
}

export function alertKey({ kind, subject }: Pick<Alert, 'kind' | 'subject'>): string {
  return `${kind}:${subject}`;
}

/** Does nothing while an alert of its kind about its subject is open. */
export async function raiseAlert(alert: Alert, context: AlertContext): Promise<void> {
  const { config, ops, report } = context;
  if (config.alerts.length === 0) return;
  try {
    const key = alertKey(alert);
    if (await isAlertOpen(ops, key)) return;
    await openAlert(ops, key, alert.text);
    for (const failure of await deliver(alert, context)) {
      report.warn(failure);
      const event = { level: 'warning', event: 'alert.undelivered', label: key } as const;
      await recordEvent(ops, { ...event, detail: failure });
    }
  } catch (error) {
    report.warn(`an alert may not have gone out (${alert.text}): ${messageOf(error)}`);
  }
}

/** What it was about is over: the next one of its kind and subject is told again. */
export async function endAlert(key: string, { ops }: Pick<AlertContext, 'ops'>): Promise<void> {
  await closeAlert(ops, key);
}
