/** What `simulate` draws: throughput and length of the job over workers, a line per cluster size. */
import { SECOND_MS } from '../../base/units.ts';
import type { Knee, SweepPoint } from '../../sim/capacity/sweep.ts';
import { type Chart, type ChartMark, type ChartSeries, svgOf } from '../ui/svg-chart.ts';

const MEGABYTE = 1e6;

export function sweepChart(
  title: string,
  remarks: readonly string[],
  points: readonly SweepPoint[],
  knees: readonly Knee[],
): string {
  const counts = [...new Set(points.map(({ backends }) => backends))];
  const seriesBy = (y: (point: SweepPoint) => number): ChartSeries[] =>
    counts.map((backends) => ({
      name: `${backends} ${backends === 1 ? 'backend' : 'backends'}`,
      points: points
        .filter((point) => point.backends === backends && point.result.state === 'FINISHED')
        .map((point) => ({ x: point.workers, y: y(point) })),
    }));
  const marks: ChartMark[] = knees.map(({ backends, workers }) => ({
    x: workers,
    text: counts.length === 1 ? 'knee' : `knee of ${backends}`,
  }));
  const x = { label: 'workers of a backend', scale: 'log2' } as const;
  const charts: Chart[] = [
    {
      title: 'Throughput',
      x,
      y: { label: 'MB/s', scale: 'log10' },
      series: seriesBy(({ result }) => result.bytesPerSec / MEGABYTE),
      marks,
    },
    {
      title: 'Length of the job',
      x,
      y: { label: 's', scale: 'log10' },
      series: seriesBy(({ result }) => result.totalMs / SECOND_MS),
      marks,
    },
  ];
  return svgOf({ title, remarks, charts });
}
