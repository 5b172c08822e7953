/** Frontends and backends: who lives, and how much room there is (BR-PRE). */
import { type Connection, cell, type Row } from '../connection/connection.ts';

export interface Frontend {
  readonly name: string;
  readonly isAlive: boolean;
}

export interface Backend {
  readonly id: string;
  readonly host: string;
  readonly isAlive: boolean;
  /** Share of the fullest disk that is free; `undefined` if the server does not say. */
  readonly freeRatio: number | undefined;
  readonly availableBytes: number | undefined;
  readonly totalBytes: number | undefined;
}

/** Columns by name: older releases have no `Id` in front. */
export async function frontends(connection: Connection): Promise<readonly Frontend[]> {
  const rows = await connection.query('SHOW FRONTENDS');
  return rows.map((row) => ({
    name: row['Name'] ?? cell(row, 'IP'),
    isAlive: isYes(cell(row, 'Alive')) && isYes(row['Join'] ?? 'true'),
  }));
}

export async function backends(connection: Connection): Promise<readonly Backend[]> {
  const rows = await connection.query('SHOW BACKENDS');
  return rows.map((row) => {
    const fullest = percent(row['MaxDiskUsedPct']);
    return {
      id: cell(row, 'BackendId'),
      host: `${cell(row, 'IP')}:${row['HeartbeatPort'] ?? ''}`,
      isAlive: isYes(cell(row, 'Alive')),
      freeRatio: fullest === undefined ? freeShare(row) : 1 - fullest,
      availableBytes: parseBytes(row['AvailCapacity'] ?? ''),
      totalBytes: parseBytes(row['TotalCapacity'] ?? ''),
    };
  });
}

export async function aliveBackendCount(connection: Connection): Promise<number> {
  return (await backends(connection)).filter(({ isAlive }) => isAlive).length;
}

function isYes(text: string): boolean {
  return ['ALIVE', 'TRUE', 'YES', '1'].includes(text.trim().toUpperCase());
}

function percent(text: string | null | undefined): number | undefined {
  const match = /^([\d.]+)\s*%$/.exec((text ?? '').trim());
  return match === null ? undefined : Number(match[1]) / 100;
}

function freeShare(row: Row): number | undefined {
  const available = parseBytes(row['AvailCapacity'] ?? '');
  const total = parseBytes(row['TotalCapacity'] ?? '');
  if (available === undefined || total === undefined || total === 0) return undefined;
  return available / total;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** `1024.000 GB`, `57B`, `0.000 `: sizes as StarRocks writes them. */
export function parseBytes(text: string): number | undefined {
  const match = /^\s*([\d.]+)\s*([KMGTP]?B)?\s*$/i.exec(text);
  if (match === null) return undefined;
  const unit = UNITS.indexOf((match[2] ?? 'B').toUpperCase());
  return Math.round(Number(match[1]) * 1024 ** Math.max(0, unit));
}
