/**
 * Line charts as SVG: one picture of several charts side by side, with one legend for all. Text
 * out, nothing else: the same charts give the same bytes, and a picture needs no other file.
 */
import { type AxisScale, isShowable, type Scale, scaleOf, tickText } from './svg-scale.ts';

export interface ChartAxis {
  /** With the unit: `MB/s`. */
  readonly label: string;
  readonly scale: AxisScale;
}

export interface ChartPoint {
  readonly x: number;
  readonly y: number;
}

export interface ChartSeries {
  /** Series of one name have one look and one place in the legend, in all charts of a picture. */
  readonly name: string;
  /** Joined in the order given. What a log scale cannot show (0, below) is left out. */
  readonly points: readonly ChartPoint[];
  /** For what is not measured but compared with: a peer, a model, a bar. */
  readonly isDashed?: boolean;
}

/** A line across the chart at some x, with a word: `knee`. */
export interface ChartMark {
  readonly x: number;
  readonly text: string;
}

export interface Chart {
  readonly title: string;
  readonly x: ChartAxis;
  readonly y: ChartAxis;
  readonly series: readonly ChartSeries[];
  readonly marks?: readonly ChartMark[];
}

export interface ChartPage {
  readonly title: string;
  /** Smaller, below the title: machine, date, seed. */
  readonly remarks?: readonly string[];
  readonly charts: readonly Chart[];
  /** Charts in a row; 2 if not given. */
  readonly columns?: number;
}

const COLUMNS_DEFAULT = 2;
const CHART = { width: 420, height: 270, left: 58, right: 14, top: 30, bottom: 42 } as const;
const PAGE_MARGIN = 16;
const TITLE_HEIGHT = 26;
const REMARK_HEIGHT = 16;
const LEGEND = { rowHeight: 20, sampleWidth: 26, charWidth: 6.6, gap: 18 } as const;
const FONT = 'font-family="system-ui, Helvetica, Arial, sans-serif"';

/** Okabe and Ito's colours: people who see no red or no green can tell them apart. */
const COLORS = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#e69f00',
  '#56b4e9',
  '#000000',
  '#8c6d31',
] as const;

interface Look {
  readonly color: string;
  readonly dashes: string;
}

/** An SVG document. Refuses nothing: a chart without points says that there are none. */
export function svgOf(page: ChartPage): string {
  const { title, remarks = [], charts, columns = COLUMNS_DEFAULT } = page;
  const across = Math.max(1, Math.min(columns, charts.length));
  const width = across * CHART.width + 2 * PAGE_MARGIN;
  const looks = looksOf(charts);
  const legend = legendRows(looks, width - 2 * PAGE_MARGIN);
  const legendTop = PAGE_MARGIN + TITLE_HEIGHT + remarks.length * REMARK_HEIGHT;
  const chartsTop = legendTop + legend.length * LEGEND.rowHeight + 6;
  const height = chartsTop + Math.ceil(charts.length / across) * CHART.height + PAGE_MARGIN;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
      `viewBox="0 0 ${width} ${height}" role="img" ${FONT} font-size="11" fill="#222">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(PAGE_MARGIN, PAGE_MARGIN + 14, title, 'font-size="16" font-weight="600"'),
    ...remarks.map((remark, row) =>
      text(PAGE_MARGIN, PAGE_MARGIN + TITLE_HEIGHT + 6 + row * REMARK_HEIGHT, remark, MUTED),
    ),
    ...legend.flatMap((row, index) =>
      legendRow(row, legendTop + 4 + (index + 0.5) * LEGEND.rowHeight),
    ),
    ...charts.flatMap((chart, index) => {
      const left = PAGE_MARGIN + (index % across) * CHART.width;
      const top = chartsTop + Math.floor(index / across) * CHART.height;
      return [`<g transform="translate(${left} ${top})">`, ...chartLines(chart, looks), '</g>'];
    }),
    '</svg>',
  ];
  return `${lines.join('\n')}\n`;
}

const MUTED = 'fill="#666"';

function looksOf(charts: readonly Chart[]): ReadonlyMap<string, Look> {
  const looks = new Map<string, Look>();
  for (const { name, isDashed } of charts.flatMap(({ series }) => series)) {
    if (looks.has(name)) continue;
    const round = Math.floor(looks.size / COLORS.length);
    const color = COLORS[looks.size % COLORS.length] ?? COLORS[0];
    const dashes = isDashed === true ? '5 3' : round === 0 ? '' : `${2 * round} 2`;
    looks.set(name, { color, dashes });
  }
  return looks;
}

type LegendEntry = readonly [name: string, look: Look, left: number];

function legendRows(looks: ReadonlyMap<string, Look>, width: number): LegendEntry[][] {
  const rows: LegendEntry[][] = [];
  let left = 0;
  for (const [name, look] of looks) {
    const wide = LEGEND.sampleWidth + 6 + name.length * LEGEND.charWidth;
    let row = rows.at(-1);
    if (row === undefined || left + wide > width) {
      row = [];
      rows.push(row);
      left = 0;
    }
    row.push([name, look, left]);
    left += wide + LEGEND.gap;
  }
  return rows;
}

function legendRow(row: readonly LegendEntry[], middle: number): string[] {
  return row.flatMap(([name, look, left]) => {
    const from = PAGE_MARGIN + left;
    const to = from + LEGEND.sampleWidth;
    return [
      line(from, middle, to, middle, strokeOf(look)),
      dot((from + to) / 2, middle, look),
      text(to + 6, middle + 4, name),
    ];
  });
}

function chartLines(chart: Chart, looks: ReadonlyMap<string, Look>): string[] {
  const series = chart.series.map((one) => ({
    ...one,
    points: one.points.filter(
      ({ x, y }) => isShowable(chart.x.scale, x) && isShowable(chart.y.scale, y),
    ),
  }));
  const points = series.flatMap((one) => one.points);
  const head = text(CHART.left, 18, chart.title, 'font-size="12" font-weight="600"');
  if (points.length === 0) {
    return [head, text(CHART.left, CHART.height / 2, 'nothing was measured', MUTED)];
  }
  const x = scaleOf(chart.x.scale, xOf(points));
  const y = scaleOf(
    chart.y.scale,
    points.map((point) => point.y),
  );
  const plane: Plane = { x, y };
  const marks = (chart.marks ?? []).filter((mark) => mark.x >= x.min && mark.x <= x.max);
  return [
    head,
    ...axisLines(chart, plane),
    ...marks.flatMap((mark) => markLines(mark, plane)),
    ...series.flatMap((one) => seriesLines(one, looks.get(one.name), plane, chart)),
  ];
}

const xOf = (points: readonly ChartPoint[]): number[] => points.map((point) => point.x);

interface Plane {
  readonly x: Scale;
  readonly y: Scale;
}

const PLOT_BOTTOM = CHART.height - CHART.bottom;
const PLOT_RIGHT = CHART.width - CHART.right;

const acrossOf = ({ x }: Plane, value: number): number =>
  CHART.left + x.place(value) * (PLOT_RIGHT - CHART.left);

const downOf = ({ y }: Plane, value: number): number =>
  PLOT_BOTTOM - y.place(value) * (PLOT_BOTTOM - CHART.top);

function axisLines(chart: Chart, plane: Plane): string[] {
  const grid = 'stroke="#e4e4e4"';
  const middle = (CHART.top + PLOT_BOTTOM) / 2;
  return [
    ...plane.y.ticks.flatMap((tick) => {
      const at = downOf(plane, tick);
      return [
        line(CHART.left, at, PLOT_RIGHT, at, grid),
        text(CHART.left - 6, at + 4, tickText(tick), 'text-anchor="end"'),
      ];
    }),
    ...plane.x.ticks.flatMap((tick) => {
      const at = acrossOf(plane, tick);
      return [
        line(at, PLOT_BOTTOM, at, PLOT_BOTTOM + 4, 'stroke="#222"'),
        text(at, PLOT_BOTTOM + 16, tickText(tick), 'text-anchor="middle"'),
      ];
    }),
    line(CHART.left, PLOT_BOTTOM, PLOT_RIGHT, PLOT_BOTTOM, 'stroke="#222"'),
    text(
      (CHART.left + PLOT_RIGHT) / 2,
      PLOT_BOTTOM + 33,
      chart.x.label,
      `text-anchor="middle" ${MUTED}`,
    ),
    text(
      14,
      middle,
      chart.y.label,
      `text-anchor="middle" ${MUTED} transform="rotate(-90 14 ${round(middle)})"`,
    ),
  ];
}

function markLines(mark: ChartMark, plane: Plane): string[] {
  const at = acrossOf(plane, mark.x);
  const isRight = at > (CHART.left + PLOT_RIGHT) / 2;
  const side = isRight ? -4 : 4;
  return [
    line(at, CHART.top, at, PLOT_BOTTOM, 'stroke="#888" stroke-dasharray="2 3"'),
    text(
      at + side,
      CHART.top + 10,
      mark.text,
      `${MUTED} text-anchor="${isRight ? 'end' : 'start'}"`,
    ),
  ];
}

function seriesLines(
  { name, points }: ChartSeries,
  look: Look | undefined,
  plane: Plane,
  { x, y }: Chart,
): string[] {
  if (look === undefined || points.length === 0) return [];
  const places = points.map(
    (point) => `${round(acrossOf(plane, point.x))},${round(downOf(plane, point.y))}`,
  );
  return [
    `<polyline points="${places.join(' ')}" fill="none" ${strokeOf(look)}/>`,
    ...points.map((point) =>
      dot(
        acrossOf(plane, point.x),
        downOf(plane, point.y),
        look,
        `${name}: ${figure(point.y)} ${y.label} at ${figure(point.x)} ${x.label}`,
      ),
    ),
  ];
}

const figure = (value: number): string => String(Number(value.toPrecision(4)));

function strokeOf({ color, dashes }: Look): string {
  const dashed = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`;
  return `stroke="${color}" stroke-width="1.8"${dashed}`;
}

function line(x1: number, y1: number, x2: number, y2: number, look: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" ${look}/>`;
}

function dot(x: number, y: number, { color, dashes }: Look, hint?: string): string {
  const fill = dashes === '' ? color : '#fff';
  const place = `cx="${round(x)}" cy="${round(y)}" r="2.6"`;
  const shape = `<circle ${place} fill="${fill}" stroke="${color}"`;
  return hint === undefined ? `${shape}/>` : `${shape}><title>${escaped(hint)}</title></circle>`;
}

function text(x: number, y: number, content: string, look = ''): string {
  const attributes = look === '' ? '' : ` ${look}`;
  return `<text x="${round(x)}" y="${round(y)}"${attributes}>${escaped(content)}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** What XML 1.0 cannot hold at all becomes a replacement character. */
function escaped(content: string): string {
  return content
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replace(/[&<>]/g, (char) => ESCAPES[char] ?? char);
}
