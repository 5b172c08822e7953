/**
 * What the frontend knows of its backends: who there is, who answered the last heartbeat, what they
 * said of themselves. Chooses backends for new replicas.
 */
import type { Clock, Millis } from '../base/clock.ts';
import { SimError } from '../base/errors.ts';
import type { BackendId } from '../base/ids.ts';
import { attempt, type Op, suspend } from '../base/op.ts';
import type { Backends } from '../jobs/ports.ts';
import type { HeartbeatResponse } from '../protocol/data.ts';
import type { BackendLink } from '../protocol/links.ts';

export interface BackendState {
  readonly id: BackendId;
  /** Position among the backends: gives each its ports. */
  readonly index: number;
  readonly isAlive: boolean;
  readonly lastHeartbeatMs: Millis;
  readonly lastResponse: HeartbeatResponse | undefined;
  readonly lastTabletReportMs: Millis;
  readonly errMsg: string;
}

export class BackendDirectory implements Backends {
  readonly #clock: Clock;
  readonly #clusterId: number;
  readonly #states = new Map<BackendId, BackendState>();
  readonly #links: ReadonlyMap<BackendId, BackendLink>;
  #nextStart = 0;
  #untilReported: (() => void)[] = [];

  constructor(clock: Clock, clusterId: number, links: ReadonlyMap<BackendId, BackendLink>) {
    this.#clock = clock;
    this.#clusterId = clusterId;
    this.#links = links;
    let index = 0;
    for (const id of links.keys()) {
      this.#states.set(id, {
        id,
        index: index++,
        isAlive: false,
        lastHeartbeatMs: -1,
        lastResponse: undefined,
        lastTabletReportMs: -1,
        errMsg: '',
      });
    }
  }

  has(id: BackendId): boolean {
    return this.#states.has(id);
  }

  ids(): readonly BackendId[] {
    return [...this.#states.keys()];
  }

  states(): readonly BackendState[] {
    return [...this.#states.values()];
  }

  state(id: BackendId): BackendState | undefined {
    return this.#states.get(id);
  }

  isAlive(id: BackendId): boolean {
    return this.#states.get(id)?.isAlive === true;
  }

  get aliveCount(): number {
    return this.states().filter((state) => state.isAlive).length;
  }

  /** The way to a backend; `backend-unavailable` when there is none. */
  link(id: BackendId): BackendLink {
    const link = this.#links.get(id);
    if (link === undefined) throw new SimError('backend-unavailable', `backend ${id} is unknown`);
    return link;
  }

  /** Asks every backend how it is; who does not answer counts as dead until the next round. */
  *beat(): Op<void> {
    for (const [id, link] of this.#links) {
      const answer = yield* attempt(link.heartbeat({ backendId: id, clusterId: this.#clusterId }));
      if (answer.ok) {
        this.#update(id, {
          isAlive: true,
          lastHeartbeatMs: this.#clock.now(),
          lastResponse: answer.value,
          errMsg: '',
        });
      } else {
        const errMsg = answer.error instanceof Error ? answer.error.message : 'no answer';
        this.#update(id, { isAlive: false, errMsg });
      }
    }
  }

  /** A backend's tablet report has been taken in, loads of before a crash settled. */
  noteTabletReport(id: BackendId): void {
    this.#update(id, { lastTabletReportMs: this.#clock.now() });
    const waiting = this.#untilReported;
    this.#untilReported = [];
    for (const wake of waiting) wake();
  }

  /** Waits for the first tablet report of every backend since this frontend started. */
  *untilAllReported(): Op<void> {
    while (this.states().some((state) => state.lastTabletReportMs < 0)) {
      yield* suspend<void>((resume) => {
        this.#untilReported.push(() => resume({ ok: true, value: undefined }));
      });
    }
  }

  /** Round robin over the alive ones, so that tablets and their replicas spread evenly. */
  choose(tabletCount: number, replicationNum: number): Float64Array | undefined {
    const alive = this.states()
      .filter((state) => state.isAlive)
      .map((state) => state.id);
    if (replicationNum < 1 || alive.length < replicationNum) return undefined;
    const chosen = new Float64Array(tabletCount * replicationNum);
    for (let tablet = 0; tablet < tabletCount; tablet += 1) {
      for (let replica = 0; replica < replicationNum; replica += 1) {
        const at = (this.#nextStart + tablet + replica) % alive.length;
        chosen[tablet * replicationNum + replica] = alive[at] ?? 0;
      }
    }
    this.#nextStart = (this.#nextStart + tabletCount) % alive.length;
    return chosen;
  }

  #update(id: BackendId, change: Partial<BackendState>): void {
    const state = this.#states.get(id);
    if (state !== undefined) this.#states.set(id, { ...state, ...change });
  }
}
