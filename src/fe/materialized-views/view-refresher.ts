/**
 * Refreshes of materialized views in the background, and what came of the last one of each. What
 * it remembers dies with the frontend: the versions in the catalog tell what is to be done again.
 */
import { asSimError, type SimError } from '../../base/errors.ts';
import type { TableId } from '../../base/ids.ts';
import { Mutex } from '../../base/lock.ts';
import { attempt, type Op } from '../../base/op.ts';
import type { MvId } from '../../catalog/materialized-view.ts';
import type { MvInCatalog } from '../../catalog/mv-bindings.ts';
import type { FrontendContext } from '../frontend-context.ts';
import { baseTablesOf, baseVersions, isStale, versionsText } from './base-versions.ts';
import { everyView } from './every-view.ts';
import { hasPeriodBegun } from './refresh-schedule.ts';
import { refreshMaterializedView } from './refresh-view.ts';

/** StarRocks' states of a task run, as far as there are such runs here. */
type RefreshState = 'RUNNING' | 'SUCCESS' | 'FAILED';

/** One run, for SHOW MATERIALIZED VIEWS. */
export interface RefreshRun {
  readonly startMs: number;
  /** Undefined while it runs. */
  readonly finishMs: number | undefined;
  readonly state: RefreshState;
  readonly force: boolean;
  readonly partitionNames: readonly string[];
  readonly error: SimError | undefined;
}

export class MaterializedViewRefresher {
  readonly #runs = new Map<TableId, RefreshRun>();
  /** Asked for, and whether with FORCE. */
  readonly #asked = new Map<TableId, boolean>();
  /** Base versions that a refresh has failed at, or that an unfilled view began with. */
  readonly #seen = new Map<TableId, string>();
  readonly #rounds = new Mutex();
  /** Begins a round soon; set while the daemon runs. */
  wake: () => void = () => {};

  lastRun(tableId: TableId): RefreshRun | undefined {
    return this.#runs.get(tableId);
  }

  /** REFRESH without SYNC MODE: the next round does it. */
  ask({ tableId }: MvId, force: boolean): void {
    this.#asked.set(tableId, force || this.#asked.get(tableId) === true);
    this.wake();
  }

  /** Refreshes every view that is due, one after the other; failures are in `lastRun`. */
  *round(frontend: FrontendContext): Op<void> {
    yield* this.#rounds.hold(() => this.#roundAlone(frontend));
  }

  *#roundAlone(frontend: FrontendContext): Op<void> {
    const views = everyView(frontend.catalog);
    this.#forgetOthers(new Set(views.map(({ id }) => id.tableId)));
    for (const view of views) {
      const { id, info, table } = view;
      const asked = this.#asked.get(id.tableId);
      const isReady =
        table.state === 'NORMAL' &&
        baseTablesOf(frontend, info).every((base) => base.state === 'NORMAL');
      const isAsked = asked !== undefined && (isReady || !info.isActive);
      if (isAsked) this.#asked.delete(id.tableId);
      if (isAsked || (isReady && info.isActive && this.#isDue(frontend, view))) {
        const outcome = yield* attempt(this.refresh(frontend, id, asked === true));
        // What a user can mend stands in `lastRun`.
        if (!outcome.ok && asSimError(outcome.error).row.kind === 'bug') throw outcome.error;
      }
    }
  }

  /** Refreshes now and throws what went wrong. */
  *refresh(frontend: FrontendContext, id: MvId, force: boolean): Op<void> {
    const { tableId } = id;
    const startMs = frontend.clock.now();
    const begun = { startMs, force, partitionNames: [], error: undefined };
    this.#runs.set(tableId, { ...begun, state: 'RUNNING', finishMs: undefined });
    const outcome = yield* attempt(refreshMaterializedView(frontend, id, force));
    const finishMs = frontend.clock.now();
    if (outcome.ok) {
      const partitionNames = outcome.value;
      this.#runs.set(tableId, { ...begun, state: 'SUCCESS', finishMs, partitionNames });
      this.#seen.delete(tableId);
      return;
    }
    const error = asSimError(outcome.error);
    this.#runs.set(tableId, { ...begun, state: 'FAILED', finishMs, error });
    this.#noteSeen(frontend, id);
    throw error;
  }

  #isDue(frontend: FrontendContext, { id, table, info }: MvInCatalog): boolean {
    const { refresh, lastRefreshTimeMs } = info;
    const run = this.#runs.get(id.tableId);
    const isUnfilled = lastRefreshTimeMs === 0 && info.baseTableVersions.size === 0;
    if (isUnfilled && refresh.moment === 'IMMEDIATE' && run === undefined) return true;
    if (refresh.type === 'MANUAL') return false;
    if (refresh.every !== undefined) {
      const lastMs = Math.max(run?.startMs ?? 0, lastRefreshTimeMs, table.createTimeMs);
      return hasPeriodBegun(refresh, lastMs, frontend.clock.now());
    }
    const versions = baseVersions(frontend, info);
    const text = versionsText(versions);
    if (isUnfilled && run === undefined && !this.#seen.has(id.tableId)) {
      this.#seen.set(id.tableId, text);
    }
    return isStale(info, versions) && this.#seen.get(id.tableId) !== text;
  }

  /** What failed is tried again when something under the view has changed, or on request. */
  #noteSeen(frontend: FrontendContext, id: MvId): void {
    const table = frontend.catalog.databases.get(id.dbId)?.tables.get(id.tableId);
    const info = table?.materializedView;
    if (info === undefined) return;
    this.#seen.set(id.tableId, versionsText(baseVersions(frontend, info)));
  }

  #forgetOthers(known: ReadonlySet<TableId>): void {
    for (const map of [this.#runs, this.#asked, this.#seen]) {
      for (const id of map.keys()) if (!known.has(id)) map.delete(id);
    }
  }
}
