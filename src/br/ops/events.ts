/** `br_events`: what happened, for people and for alerts. */
import { cell } from '../connection/connection.ts';
import { clipped, quoteList, quoteValue } from '../connection/sql-text.ts';
import { insertRow, type Ops, opsTable, SERVER_NOW } from './ops.ts';
import { STRING_BYTES_MAX } from './tables.ts';

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
    detail: clipped(event.detail, STRING_BYTES_MAX),
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

/** An alert stands under its key: open as long as it was raised more often than it was over. */
const RAISED = 'alert.raised';
const OVER = 'alert.over';

export async function openAlert(ops: Ops, key: string, detail: string): Promise<void> {
  await recordEvent(ops, { level: 'warning', event: RAISED, label: key, detail });
}

export async function closeAlert(ops: Ops, key: string): Promise<void> {
  await recordEvent(ops, { level: 'info', event: OVER, label: key, detail: '' });
}

export async function isAlertOpen(ops: Ops, key: string): Promise<boolean> {
  return (await alertKeys(ops, `AND label = ${quoteValue(key)}`)).length > 0;
}

export async function openAlertKeys(ops: Ops): Promise<readonly string[]> {
  return await alertKeys(ops, '');
}

async function alertKeys(ops: Ops, more: string): Promise<readonly string[]> {
  const rows = await ops.connection.query(
    `SELECT event, label FROM ${opsTable(ops, TABLE)} ` +
      `WHERE event IN ${quoteList([RAISED, OVER])} ${more}`,
  );
  const counts = new Map<string, number>();
  for (const row of rows) {
    const key = cell(row, 'label');
    counts.set(key, (counts.get(key) ?? 0) + (cell(row, 'event') === RAISED ? 1 : -1));
  }
  return [...counts].filter(([, count]) => count > 0).map(([key]) => key);
}

/** How often something was recorded; for figures. */
export async function countEvents(ops: Ops, event: string): Promise<number> {
  const [row] = await ops.connection.query(
    `SELECT COUNT(*) AS total FROM ${opsTable(ops, TABLE)} WHERE event = ${quoteValue(event)}`,
  );
  return row === undefined ? 0 : Number(cell(row, 'total'));
}

/** Each label once. */
export async function labelsOfEvent(ops: Ops, event: string): Promise<readonly string[]> {
  const rows = await ops.connection.query(
    `SELECT DISTINCT label FROM ${opsTable(ops, TABLE)} WHERE event = ${quoteValue(event)}`,
  );
  return rows.map((row) => cell(row, 'label'));
}
