/** Full or incremental, by rule and with its reason (BR-AUTO). Pure but for what it is given. */
import { parseDateTime } from '../../base/time-zone.ts';
import type { AutoConfig } from '../config/config.ts';
import { durationText } from '../config/duration.ts';
import type { BaselineChoice } from './baseline.ts';
import type { LiveTable, SelectedTable } from './selection.ts';

export interface AutoFacts {
  /** What an incremental backup would be measured against. */
  readonly baseline: BaselineChoice | undefined;
  /** When the newest full backup of the group began. */
  readonly fullStartedAt: string | undefined;
  readonly now: string;
  readonly tables: readonly LiveTable[];
  readonly changed: readonly SelectedTable[];
}

export interface AutoChoice {
  readonly type: 'full' | 'incremental';
  readonly reason: string;
}

export function chooseType(facts: AutoFacts, config: AutoConfig): AutoChoice {
  const { baseline } = facts;
  if (baseline === undefined) return full('there is no full backup of the group yet');
  const ageMs = wallMs(facts.now) - wallMs(facts.fullStartedAt ?? baseline.startedAt);
  if (config.fullEveryMs !== undefined && ageMs > config.fullEveryMs) {
    return full(`the last full backup is ${durationText(ageMs)} old`);
  }
  if (baseline.chainLength >= config.maxChain) {
    return full(`the chain has ${baseline.chainLength} links, at most ${config.maxChain}`);
  }
  const schema = facts.changed.find(({ why }) => why === 'schema');
  if (schema !== undefined) return full(`the schema of ${schema.name} has changed`);
  const share = changedShare(facts);
  if (share > config.maxDeltaRatio) {
    return full(`${Math.round(share * 100)} % of the bytes have changed`);
  }
  return { type: 'incremental', reason: `${Math.round(share * 100)} % of the bytes have changed` };
}

function full(reason: string): AutoChoice {
  return { type: 'full', reason };
}

function changedShare({ tables, changed }: AutoFacts): number {
  let total = 0;
  let delta = 0;
  for (const { name, partitions } of tables) {
    const names = changed.find((each) => each.name === name)?.partitions ?? [];
    for (const { name: partition, dataBytes } of partitions) {
      total += dataBytes;
      if (names.includes(partition)) delta += dataBytes;
    }
  }
  return total === 0 ? 0 : delta / total;
}

/** All times are of one wall, so any zone serves to measure along it. */
function wallMs(time: string): number {
  return parseDateTime(time, 'UTC') ?? 0;
}
