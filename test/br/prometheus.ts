/** Metrics as Prometheus reads them, strictly: text exposition format 0.0.4. */
import { expect } from 'vitest';

const PREFIX = 'starrocks_br_';
const TYPE = /^# TYPE ([a-z_]+) (?:gauge|counter)$/;
const SAMPLE = /^([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (-?[\d.e+-]+)$/;

/** Values by name and labels, without the prefix; fails where the format is broken. */
export function parseMetrics(text: string): ReadonlyMap<string, number> {
  const samples = new Map<string, number>();
  const types = new Set<string>();
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.trimEnd().split('\n')) {
    const type = TYPE.exec(line)?.[1];
    if (type !== undefined) types.add(type);
    if (line.startsWith('# ')) continue;
    const [all, name = '', labels = '', value] = SAMPLE.exec(line) ?? [];
    expect(all, line).toBe(line);
    expect(types, line).toContain(name);
    const key = `${name}${labels}`.slice(PREFIX.length);
    expect(samples.has(key), line).toBe(false);
    samples.set(key, Number(value));
  }
  return samples;
}
