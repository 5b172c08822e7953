/** Figures beside their peers: samples taken in turn, judged by the bar of the design. */

export interface Samples {
  readonly name: string;
  readonly values: readonly number[];
}

/** What the median has to keep: a figure of its own, or a multiple of the first peer's median. */
export interface Bar {
  readonly kind: 'at-most' | 'at-least' | 'peer-times-at-most';
  readonly limit: number;
}

export interface Figure {
  readonly what: string;
  readonly unit: string;
  readonly ours: Samples;
  readonly peers: readonly Samples[];
  readonly bars: readonly Bar[];
  readonly remark?: string;
}

/** What a benchmark may do: a name to ask for it by, and its figures. */
export interface Benchmark {
  readonly name: string;
  run(): Promise<readonly Figure[]>;
}

export const ROUNDS_DEFAULT = 5;

/** Runs all contenders once per round, so that what the machine does meanwhile hits each alike. */
export async function interleaved(
  contenders: Readonly<Record<string, () => Promise<number>>>,
  rounds: number = ROUNDS_DEFAULT,
): Promise<readonly Samples[]> {
  const samples = Object.entries(contenders).map(([name, run]) => ({
    name,
    run,
    values: [] as number[],
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { run, values } of samples) values.push(await run());
  }
  return samples.map(({ name, values }) => ({ name, values }));
}

/** The first of interleaved samples is ours, the others are its peers. */
export function figureOf(
  what: string,
  unit: string,
  [ours, ...peers]: readonly Samples[],
  bars: readonly Bar[] = [],
  remark?: string,
): Figure {
  if (ours === undefined) throw new Error(`${what}: nothing was measured`);
  return { what, unit, ours, peers, bars, ...(remark === undefined ? {} : { remark }) };
}

export async function timedMs(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

export interface Verdict {
  readonly text: string;
  readonly isMet: boolean;
}

export function verdicts(figure: Figure): readonly Verdict[] {
  const median = medianOf(figure.ours.values);
  return figure.bars.map((bar) => {
    const isRatio = bar.kind === 'peer-times-at-most';
    const measured = isRatio ? median / medianOf(figure.peers[0]?.values ?? []) : median;
    const isMet = bar.kind === 'at-least' ? measured >= bar.limit : measured <= bar.limit;
    const wanted = isRatio ? `${shown(bar.limit)}x ${figure.peers[0]?.name}` : `${bar.limit}`;
    const isText = `${shown(measured)}${isRatio ? 'x' : ''}`;
    const factor = bar.kind === 'at-least' ? measured / bar.limit : bar.limit / measured;
    const distance = isMet
      ? `met, ${shown(factor)} times better`
      : `NOT MET, ${shown(1 / factor)} times off`;
    return { text: `bar ${wanted}: ${isText}, ${distance}`, isMet };
  });
}

export function shown(value: number): string {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** As a table of Markdown: min / median / max of each contender, then the bars. */
export function markdownTable(figures: readonly Figure[]): string {
  const lines = [
    '| what | who | min | median | max | bar |',
    '| --- | --- | ---: | ---: | ---: | --- |',
  ];
  for (const figure of figures) {
    const bars = verdicts(figure).map(({ text }) => text);
    if (figure.remark !== undefined) bars.push(figure.remark);
    for (const [index, { name, values }] of [figure.ours, ...figure.peers].entries()) {
      const cells = [Math.min(...values), medianOf(values), Math.max(...values)].map(shown);
      const what = index === 0 ? `${figure.what}, ${figure.unit}` : '';
      const bar = index === 0 ? bars.join('; ') : '';
      lines.push(`| ${[what, name, ...cells, bar].join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}
