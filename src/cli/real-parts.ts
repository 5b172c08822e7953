/**
 * The composition root of the programs: the computer's clock, chance and disk for a cluster that
 * serves. The only place, beside `src/base`, where the process itself is touched.
 */
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import { realClock } from '../base/clock.ts';
import type { SimError } from '../base/errors.ts';
import { createEvents } from '../base/events.ts';
import { createFaultPlan } from '../base/fault-plan.ts';
import { createLocalFiles } from '../base/local-files.ts';
import { type Logger, lineLogger } from '../base/log.ts';
import { realRandom } from '../base/random.ts';
import type { ClusterParts } from '../cluster.ts';
import { scaledPeriods } from '../fe/periods.ts';
import { PROFILES, type ProfileName, profileWithQuirks } from '../fe/profile.ts';
import { STARROCKS_MACHINES } from '../jobs/machines.ts';

export interface RealClusterRequest {
  readonly dataDir: string;
  readonly backends: number;
  readonly profile: ProfileName;
  readonly quirks: readonly string[];
  readonly tickMs: number;
  readonly strict: boolean;
  readonly stepped: boolean;
  readonly timeZone: string;
  readonly rootPassword: string;
  readonly host: string;
  readonly queryPort: () => number;
  readonly httpPort: () => number;
  readonly json: boolean;
  /** Frontend settings, as with ADMIN SET FRONTEND CONFIG. */
  readonly config?: Readonly<Record<string, string>>;
  readonly onFatal: (error: SimError) => void;
}

export function realParts(request: RealClusterRequest): ClusterParts {
  const logger = stderrLogger(request.json);
  return {
    clock: realClock,
    random: realRandom,
    files: createLocalFiles(),
    faultPlan: createFaultPlan({
      random: realRandom,
      onCrash: () => {
        process.kill(process.pid, 'SIGKILL');
      },
    }),
    events: createEvents(realClock),
    logger,
    memoryBlob: undefined,
    hasNetwork: true,
    dataDir: resolve(request.dataDir),
    backendCount: request.backends,
    profile: profileWithQuirks(PROFILES[request.profile], request.quirks),
    machines: STARROCKS_MACHINES,
    stepped: request.stepped,
    periods: scaledPeriods(request.tickMs),
    strict: request.strict,
    systemTimeZone: request.timeZone,
    rootPassword: request.rootPassword,
    host: request.host,
    queryPort: request.queryPort,
    httpPort: request.httpPort,
    config: request.config ?? {},
    backendConfig: {},
    cpuCores: Math.max(1, cpus().length),
    queryMode: 'duckdb',
    onFatal: request.onFatal,
  };
}

/** Warnings and errors go to standard error, so that standard output holds answers only. */
export function stderrLogger(json: boolean): Logger {
  return lineLogger(realClock, 'warn', json, (line) => process.stderr.write(`${line}\n`));
}
