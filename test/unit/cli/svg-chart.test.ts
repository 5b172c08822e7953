/** Axes that hold every value, and pictures that are XML whatever the words in them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Chart, svgOf } from '../../../src/cli/ui/svg-chart.ts';
import { AXIS_SCALES, isShowable, scaleOf, tickText } from '../../../src/cli/ui/svg-scale.ts';

const TICKS_MAX = 18;

describe('a scale', () => {
  test('has places between 0 and 1 for its values, in their order, and few ticks', () => {
    const values = fc.array(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), { minLength: 1 });
    fc.assert(
      fc.property(fc.constantFrom(...AXIS_SCALES), values, (kind, given) => {
        const scale = scaleOf(kind, given);
        const places = [...given].sort((a, b) => a - b).map((value) => scale.place(value));
        expect(Math.min(...places)).toBeGreaterThanOrEqual(-1e-6);
        expect(Math.max(...places)).toBeLessThanOrEqual(1 + 1e-6);
        expect(places).toEqual([...places].sort((a, b) => a - b));
        expect(scale.ticks.length).toBeGreaterThanOrEqual(1);
        expect(scale.ticks.length).toBeLessThanOrEqual(TICKS_MAX);
        for (const tick of scale.ticks) expect(scale.place(tick)).toBeGreaterThanOrEqual(-1e-6);
      }),
      { numRuns: 200 },
    );
  });

  test('of counts that double has a tick at each; a linear one begins at 0', () => {
    expect(scaleOf('log2', [1, 2, 4, 64]).ticks).toEqual([1, 2, 4, 8, 16, 32, 64]);
    expect(scaleOf('linear', [3, 9]).ticks).toEqual([0, 2, 4, 6, 8, 10]);
    expect(scaleOf('linear', [-4, 4]).ticks[0]).toBe(-4);
    expect(scaleOf('log10', [90, 2_000]).ticks).toEqual([70, 100, 200, 300, 500, 700, 1000, 2000]);
  });

  test('of one value, or of nothing but 0, is still a scale', () => {
    for (const kind of AXIS_SCALES) expect(scaleOf(kind, [8]).place(8)).toBeGreaterThanOrEqual(0);
    expect(scaleOf('linear', [0]).place(0)).toBe(0);
  });

  test('knows what a logarithm has no place for', () => {
    expect(isShowable('log2', 0)).toBe(false);
    expect(isShowable('linear', 0)).toBe(true);
    expect(isShowable('linear', Number.NaN)).toBe(false);
  });

  test.each([
    [0, '0'],
    [0.25, '0.25'],
    [5000, '5000'],
    [20_000, '20k'],
    [1_500_000, '1.5M'],
  ])('writes %d as %s', (value, written) => {
    expect(tickText(value)).toBe(written);
  });
});

function chartOf(changes: Partial<Chart>): Chart {
  return {
    title: 'uploads',
    x: { label: 'workers', scale: 'log2' },
    y: { label: 'MB/s', scale: 'linear' },
    series: [],
    ...changes,
  };
}

describe('a picture', () => {
  const points = [
    { x: 1, y: 10 },
    { x: 2, y: 20 },
    { x: 4, y: 20 },
  ];

  test('draws a line and a dot for each point, and tells the figures of a dot', () => {
    const svg = svgOf({ title: 't', charts: [chartOf({ series: [{ name: 'ours', points }] })] });
    expect(svg.match(/<polyline /g)).toHaveLength(1);
    expect(svg).toContain('points="58,129 232,30 406,30"');
    expect(svg).toContain('<title>ours: 20 MB/s at 4 workers</title>');
  });

  test('gives a series one look in all charts, and one place in the legend', () => {
    const series = [
      { name: 'ours', points },
      { name: 'peer', points, isDashed: true },
    ];
    const charts = [chartOf({ series }), chartOf({ series: [...series].reverse() })];
    const svg = svgOf({ title: 't', charts });
    expect(svg.match(/>peer<\/text>/g)).toHaveLength(1);
    const looks = [...svg.matchAll(/<polyline [^>]*stroke="(#\w+)"[^>]*?(dasharray)?[^>]*>/g)];
    const colors = looks.map((match) => match[1]);
    expect(colors[0]).toBe(colors[3]);
    expect(colors[1]).toBe(colors[2]);
    expect(colors[0]).not.toBe(colors[1]);
  });

  test('leaves out what a scale cannot show, and says where nothing is left', () => {
    const zero = [{ x: 0, y: 5 }];
    const svg = svgOf({
      title: 't',
      charts: [chartOf({ series: [{ name: 'none', points: zero }] }), chartOf({})],
    });
    expect(svg.match(/nothing was measured/g)).toHaveLength(2);
    expect(svg).not.toContain('NaN');
  });

  test('marks an x with a word, unless it is off the axis', () => {
    const chart = (x: number): Chart =>
      chartOf({ series: [{ name: 'ours', points }], marks: [{ x, text: 'knee' }] });
    expect(svgOf({ title: 't', charts: [chart(2)] })).toContain('>knee</text>');
    expect(svgOf({ title: 't', charts: [chart(64)] })).not.toContain('knee');
  });

  test('is well-formed whatever the words, and the same for the same charts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (word) => {
        const chart = chartOf({ title: word, series: [{ name: word, points }] });
        const page = { title: word, remarks: [word], charts: [chart, chart, chart] };
        const svg = svgOf(page);
        const between = svg.replace(/<[a-z/][^<>]*>/g, '');
        expect(between).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
        expect(svg).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/);
        expect(Buffer.from(svg).toString()).toBe(svg);
        expect(svgOf(page)).toBe(svg);
      }),
      { numRuns: 50 },
    );
  });
});
