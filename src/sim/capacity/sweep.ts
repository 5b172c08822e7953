/** Many simulated jobs that differ in one thing: where more workers stop to help, what trouble costs. */
import type { Pause, Plan, PlanResult } from './run-plan.ts';
import { runPlan } from './run-plan.ts';

/** What a plan is beside the sweep. */
export type SweepBase = Omit<Plan, 'backends' | 'workers'>;

export interface SweepPoint {
  readonly backends: number;
  readonly workers: number;
  readonly result: PlanResult;
}

export interface Knee {
  readonly backends: number;
  readonly workers: number;
  /** No run had more workers. */
  readonly isLast: boolean;
}

/** The knee is where a run first reaches this share of the best throughput of the sweep. */
export const KNEE_SHARE = 0.9;

/** Runs every combination, in order; `onPoint` hears of each as it is done. */
export async function sweep(
  base: SweepBase,
  backends: readonly number[],
  workers: readonly number[],
  onPoint: (point: SweepPoint) => void,
  pause?: Pause,
): Promise<readonly SweepPoint[]> {
  const points: SweepPoint[] = [];
  for (const backendCount of backends) {
    for (const workerCount of workers) {
      const plan = { ...base, backends: backendCount, workers: workerCount };
      const result = await runPlan(plan, pause);
      const point = { backends: backendCount, workers: workerCount, result };
      points.push(point);
      onPoint(point);
    }
  }
  return points;
}

/** For each number of backends the fewest workers that reach `KNEE_SHARE`; none where none finished. */
export function knees(points: readonly SweepPoint[]): readonly Knee[] {
  const found: Knee[] = [];
  for (const backends of new Set(points.map((point) => point.backends))) {
    const finished = points
      .filter((point) => point.backends === backends && point.result.state === 'FINISHED')
      .sort((a, b) => a.workers - b.workers);
    const best = Math.max(...finished.map(({ result }) => result.bytesPerSec));
    const knee = finished.find(({ result }) => result.bytesPerSec >= KNEE_SHARE * best);
    if (knee === undefined) continue;
    const { workers } = knee;
    found.push({ backends, workers, isLast: workers === finished.at(-1)?.workers });
  }
  return found;
}

/** What holds a run up most; the workers alone are at work also while they wait for another part. */
export function boundBy({ utilisation, throttled, requestCount }: PlanResult): string {
  const { store, network, cores, workers } = utilisation;
  if (throttled > THROTTLED_SHARE * requestCount) return 'throttle';
  const parts = [
    ['store', store],
    ['network', network],
    ['cores', cores],
  ] as const;
  const busiest = parts.find(([, share]) => share === Math.max(store, network, cores));
  if (busiest !== undefined && busiest[1] >= BUSY_SHARE) return busiest[0];
  return workers >= BUSY_SHARE ? 'workers' : 'uneven load';
}

const BUSY_SHARE = 0.8;
const THROTTLED_SHARE = 0.1;

export interface WhatIf {
  readonly what: string;
  readonly change: Partial<SweepBase>;
}

const TROUBLE_SHARE = 0.01;
const SLOWNESS = 4;

/** The troubles that a plan is tried with. */
export function whatIfs({ model }: SweepBase): readonly WhatIf[] {
  return [
    { what: 'as planned', change: {} },
    { what: '1 % of requests fail', change: { model: { ...model, errorRate: TROUBLE_SHARE } } },
    { what: '1 % of upload tasks fail', change: { failedTasks: TROUBLE_SHARE } },
    { what: 'one backend at 1/4 speed', change: { slowness: SLOWNESS } },
  ];
}

export interface WhatIfResult {
  readonly what: string;
  readonly result: PlanResult;
}

/** Each trouble alone, at one point of the sweep. */
export async function tryWhatIfs(
  base: SweepBase,
  { backends, workers }: Knee,
  onResult: (result: WhatIfResult) => void,
  pause?: Pause,
): Promise<void> {
  for (const { what, change } of whatIfs(base)) {
    onResult({ what, result: await runPlan({ ...base, backends, workers, ...change }, pause) });
  }
}
