/**
 * The rule of the edit log: what a start would read from the disk now is what the frontend has in
 * memory, less what is volatile by design (design.md 5). The log and the image are replayed by a
 * second frontend over a copy of the disk that keeps synced bytes only.
 */

import { createEvents } from '../base/events.ts';
import { noFaults } from '../base/fault.ts';
import { createFaultPlan } from '../base/fault-plan.ts';
import type { BackendId } from '../base/ids.ts';
import { silentLogger } from '../base/log.ts';
import { runNow, succeed } from '../base/op.ts';
import { SeededRandom } from '../base/random.ts';
import { createOpenBlob } from '../blob/registry.ts';
import { decodeTable, encodeTable } from '../catalog/codec.ts';
import { createConfig } from '../fe/config.ts';
import { type Frontend, openFrontend } from '../fe/frontend.ts';
import { REAL_PERIODS } from '../fe/periods.ts';
import { isTerminal } from '../jobs/abstract-job.ts';
import type { BackendLink } from '../protocol/links.ts';
import { RepositoryMgr } from '../repository/repository-mgr.ts';
import { isActive } from './job-track.ts';
import { DATA_DIR } from './machine.ts';
import type { Site } from './site.ts';

/** The first place where replayed and live state differ; undefined: nowhere. */
export function replayDifference(site: Site): string | undefined {
  const live = site.machine.cluster.frontend;
  const replayed = replayedFrontend(site);
  const [there, here] = [stateOf(replayed), stateOf(live)];
  const restoring = namesUnderRestore(site);
  return firstDifference('', strip(there, restoring), strip(here, restoring));
}

function replayedFrontend(site: Site): Frontend {
  const { machine } = site;
  const { context } = machine.cluster.frontend;
  const files = machine.files.crash({ fate: 'lost', random: new SeededRandom(0n) });
  const random = new SeededRandom(0n);
  const { clock } = machine;
  const links = new Map<BackendId, BackendLink>(machine.cluster.backends);
  const directory = `${DATA_DIR}/fe`;
  return runNow(
    openFrontend({
      clock,
      random,
      files,
      faultPlan: createFaultPlan({ random, onCrash: () => {} }),
      events: createEvents(clock),
      logger: silentLogger,
      options: context.options,
      config: createConfig({}),
      periods: REAL_PERIODS,
      dataDir: {
        editLogDir: `${directory}/edit_log`,
        imageDir: `${directory}/image`,
        tmpDir: `${directory}/tmp`,
      },
      backendLinks: links,
      backendPower: { kill: () => {}, start: () => succeed(undefined) },
      machines: machine.machines,
      stepped: false,
      repositories: new RepositoryMgr({
        openBlob: createOpenBlob({
          files,
          faults: noFaults,
          clock,
          memory: machine.store,
          hasNetwork: false,
        }),
        files,
        tmpDir: `${directory}/tmp`,
        clock,
        tableCodec: { encodeTable, decodeTable },
        defaultTimeZone: () => 'UTC',
      }),
      queries: context.queries,
      onFatal: () => {},
    }),
  );
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

function stateOf(frontend: Frontend): Json {
  return JSON.parse([...frontend.encodeImage()].join('')) as Json;
}

/** Tables that a restore holds before its first record: the log does not know of that yet. */
function namesUnderRestore(site: Site): ReadonlySet<string> {
  const names = new Set<string>();
  const { handler } = site.machine.cluster.frontend.context;
  for (const { job } of handler.jobs()) {
    if (job.type !== 'RESTORE' || isTerminal(job.state)) continue;
    if (job.state !== 'PENDING' && job.state !== 'SNAPSHOTING') continue;
    for (const track of site.tracks.filter(isActive)) {
      if (track.db !== job.dbName) continue;
      for (const { target } of track.order?.tables ?? []) names.add(`${track.db}.${target}`);
    }
  }
  return names;
}

/** Without what lives in memory only: which commits backends have confirmed. */
function strip(state: Json, restoring: ReadonlySet<string>): Json {
  if (typeof state !== 'object' || state === null || Array.isArray(state)) return state;
  const { unconfirmed: _, catalog, ...rest } = state as { readonly [key: string]: Json };
  return { ...rest, catalog: withoutTables(catalog ?? null, restoring) };
}

function withoutTables(catalog: Json, restoring: ReadonlySet<string>): Json {
  if (restoring.size === 0) return catalog;
  return JSON.parse(
    JSON.stringify(catalog, function dropTables(this: Json, key: string, value: Json): Json {
      const owner = this as { readonly name?: string };
      if (key !== 'tables' || !Array.isArray(value)) return value;
      return value.filter((table) => !restoring.has(`${owner.name}.${nameIn(table)}`));
    }),
  ) as Json;
}

function nameIn(table: Json): string {
  const { name } = table as { readonly name?: string };
  return String(name);
}

function firstDifference(path: string, a: Json, b: Json): string | undefined {
  if (a === b) return undefined;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return `${path}: replayed ${text(a)}, live ${text(b)}`;
  }
  const [left, right] = [a as { [key: string]: Json }, b as { [key: string]: Json }];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const found = firstDifference(`${path}/${key}`, left[key] ?? null, right[key] ?? null);
    if (found !== undefined) return found;
  }
  return undefined;
}

function text(value: Json): string {
  return JSON.stringify(value).slice(0, 200);
}
