/** `br_events`: what happened, for people and for alerts. */
import { cell } from '../connection/connection.ts';
import { insertRow, type Ops, opsTable, SERVER_NOW } from './ops.ts';

export type EventLevel = 'info' | 'warning' | 'error';

export interface BrEvent {
  readonly level: EventLevel;
  /** `backup.finished`, `slot.healed`. */
  readonly event: string;
  readonly label: string | undefined;
  readonly detail: string;
}

const TABLE = 'br_events';

export async function recordEvent(ops: Ops, event: BrEvent): Promise<void> {
  await insertRow(ops, TABLE, {
    at: SERVER_NOW,
    level: event.level,
    event: event.event,
    label: event.label ?? null,
    detail: event.detail,
  });
}

export interface RecordedEvent extends BrEvent {
  readonly at: string;
}

/** Oldest first. */
export async function readEvents(ops: Ops): Promise<readonly RecordedEvent[]> {
  const rows = await ops.connection.query(
    `SELECT at, level, event, label, detail FROM ${opsTable(ops, TABLE)} ORDER BY at, event`,
  );
  return rows.map((row) => ({
    at: cell(row, 'at').slice(0, 19),
    level: cell(row, 'level') as EventLevel,
    event: cell(row, 'event'),
    label: row['label'] ?? undefined,
    detail: cell(row, 'detail'),
  }));
}
