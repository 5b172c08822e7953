/**
 * Everything a run plays in: one clock, one store that all clusters see, one or two clusters with
 * their models, and what is known of every snapshot. Faults strike, clusters die and come back
 * here; what a run asks for is in `perform.ts`, what must hold in `checks.ts`.
 */
import type { ClusterEvent } from '../base/events.ts';
import type { Fault, FaultSubject } from '../base/fault.ts';
import type { FaultPoint } from '../base/fault-points.ts';
import type { CrashFate } from '../base/memory-crash.ts';
import { below, SeededRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { MemoryBlob } from '../blob/memory.ts';
import type { ProfileName } from '../fe/profile.ts';
import { isTerminal } from '../jobs/abstract-job.ts';
import type { JobMachines } from '../jobs/machines.ts';
import type { Ambush, FaultOrder } from './actions.ts';
import { Coverage } from './coverage.ts';
import { noteDamage } from './damage.ts';
import { Follower } from './follower.ts';
import { excuse, isActive, type JobTrack, type Snapshot } from './job-track.ts';
import { Machine } from './machine.ts';
import { CATALOGS, distinct } from './model.ts';
import { Site } from './site.ts';

export interface WorldOptions {
  readonly seed: bigint;
  readonly sites: number;
  readonly profile: ProfileName;
  readonly machines: JobMachines;
  /** Memory is held against the log after every record, not only after those of jobs. */
  readonly comparesAll: boolean;
}

export const BACKENDS = 3;

/** In each run of so many, every load leaves a file, and backends compact as soon as they can. */
const FILE_SEEDS = 3n;
const FILES_AND_COMPACTION = { inlineLoadRowsMax: 0, compactRowsetsMin: 2 } as const;

/** Lines of a run's trace that are kept; the older ones go first. */
const TRACE_LINES_MAX = 5_000;

const FATES: readonly CrashFate[] = ['lost', 'torn', 'kept'];

export class World {
  readonly clock: VirtualClock = new VirtualClock();
  readonly coverage: Coverage = new Coverage();
  readonly snapshots: Snapshot[] = [];
  readonly violations: string[] = [];
  readonly trace: string[] = [];
  readonly sites: readonly Site[];
  /** A machine has started since the tables were looked at. */
  isUnchecked = false;
  readonly #random: SeededRandom;
  readonly #comparesAll: boolean;

  constructor({ seed, sites, profile, machines, comparesAll }: WorldOptions) {
    this.#comparesAll = comparesAll;
    const store = new MemoryBlob();
    this.#random = new SeededRandom(seed).fork('fates');
    this.sites = Array.from({ length: sites }, (_, index) => {
      const site = new Site(index, {
        violation: (text) => this.violation(`site ${index}: ${text}`),
        note: (text) => this.note(`site ${index}: ${text}`),
        addSnapshot: (snapshot) => this.#addSnapshot(snapshot),
      });
      site.machine = new Machine({
        clock: this.clock,
        random: new SeededRandom(seed).fork(`site ${index}`),
        store,
        profile,
        machines,
        backends: BACKENDS,
        backendConfig: seed % FILE_SEEDS === 0n ? FILES_AND_COMPACTION : {},
        onEvent: (event) => this.#onEvent(site, event),
        onFault: (point, subject, fault) => this.#onFault(site, point, subject, fault),
      });
      site.follower = new Follower(site.machine, comparesAll);
      return site;
    });
  }

  site(index: number): Site {
    const site = this.sites[index % this.sites.length];
    if (site === undefined) throw new Error('bug: a world without a site');
    return site;
  }

  note(text: string): void {
    const seconds = ((this.clock.now() - 1_735_689_600_000) / 1000).toFixed(3).padStart(10);
    this.trace.push(`${seconds} ${text}`);
    if (this.trace.length > TRACE_LINES_MAX) this.trace.splice(0, TRACE_LINES_MAX / 10);
  }

  violation(text: string): void {
    this.note(`VIOLATION ${text}`);
    this.violations.push(text);
  }

  arm(site: Site, orders: readonly FaultOrder[]): void {
    for (const { point, fault, match, times } of orders) {
      site.machine.faults.enable(point, fault, { match, times });
    }
  }

  /** The backend comes back by itself, if the machine still lives. */
  killBackend(site: Site, backend: number, downMs: number | undefined): void {
    const { machine } = site;
    if (machine.whyDown !== undefined) return;
    this.note(`site ${site.index}: backend ${backend} dies`);
    this.coverage.happened(site, 'backend-crash');
    machine.killBackend(backend);
    site.noteBackends(false);
    site.excuseAll(
      'a backend was away',
      ({ kind, state }) => kind === 'RESTORE' && state === 'PENDING',
    );
    if (downMs === undefined) return;
    const { life } = machine;
    this.clock.after(downMs, () => {
      if (machine.life !== life || machine.whyDown !== undefined) return;
      this.note(`site ${site.index}: backend ${backend} starts`);
      machine.beginToStartBackend(backend);
      site.noteBackends(true);
    });
  }

  jump(ms: number): void {
    this.note(`the clock jumps by ${ms} ms`);
    for (const site of this.sites) {
      this.coverage.happened(site, 'clock-jump');
      site.noteJump(ms);
      site.excuseAll(
        'the clock has jumped past its timeout',
        ({ createTimeMs }) => this.clock.now() + ms - createTimeMs > LATE_MS,
      );
    }
    this.clock.jump(ms);
  }

  /** What has outlived its time may be gone by now; who reads it here is waited for. */
  passExpiries(): void {
    for (const snapshot of this.snapshots) {
      const { overAtMs, site: owner, repo, label } = snapshot;
      if (overAtMs === undefined || this.clock.now() < overAtMs || snapshot.isOver) continue;
      this.note(`snapshot ${repo}/${label} is over`);
      snapshot.isOver = true;
      for (const site of this.sites) {
        if (site.index === owner) continue;
        site.excuseAll('its snapshot is over', ({ source }) => source === snapshot);
      }
    }
  }

  /** Lets time pass; a machine that dies meanwhile is started again at once. */
  advance(ms: number): void {
    this.clock.advance(ms);
    this.recoverAll();
  }

  recoverAll(): void {
    for (const site of this.sites) {
      if (site.machine.whyDown !== undefined) this.reboot(site, this.#fate());
    }
  }

  /** The machine dies, unless it is dead, and starts on what its disk kept. */
  reboot(site: Site, fate: CrashFate): void {
    // What a start appends is in what the next follower begins with.
    site.follower = undefined;
    for (let again = 0; again < REBOOTS_MAX; again += 1) {
      const why = site.machine.whyDown ?? 'killed';
      this.note(`site ${site.index}: reboot (${why}), unsynced ${fate}`);
      site.machine.reboot(fate);
      site.noteBackends(true);
      if (site.machine.whyDown === undefined) break;
    }
    site.follower = new Follower(site.machine, this.#comparesAll);
    this.isUnchecked = true;
    this.#findJobs(site);
  }

  #fate(): CrashFate {
    return FATES[below(this.#random, FATES.length)] ?? 'lost';
  }

  /** After a start the jobs are what the log has of them; events of the crash may be missing. */
  #findJobs(site: Site): void {
    const { submitting } = site;
    if (submitting !== undefined && site.jobOf(submitting) !== undefined) site.begin(submitting);
    site.submitting = undefined;
    for (const track of [...site.tracks]) {
      if (!isActive(track)) continue;
      const job = site.jobOf(track);
      if (job === undefined) {
        this.violation(`site ${site.index}: ${track.kind} ${track.label} is gone after a start`);
        site.tracks = site.tracks.filter((each) => each !== track);
      } else if (job.state !== track.state) {
        this.note(`site ${site.index}: ${track.kind} ${track.label} is in ${job.state}`);
        this.#foundIn(site, track, job.state);
      }
    }
  }

  #foundIn(site: Site, track: JobTrack, state: string): void {
    if (state === 'FINISHED' && track.kind === 'RESTORE') track.hasReachedCommit = true;
    const effects = site.enter(track, state);
    const changed = effects.flatMap((effect) => site.candidates.map(effect));
    site.candidates = isTerminal(state) ? distinct(changed) : site.candidates;
  }

  #addSnapshot(snapshot: Snapshot): void {
    const { repo, label } = snapshot;
    for (const site of this.sites) {
      for (const { snapshot: other } of site.tracks.filter(isActive)) {
        if (other === undefined || other === snapshot) continue;
        if (other.repo !== repo || other.label !== label) continue;
        other.isCollided = true;
        snapshot.isCollided = true;
      }
    }
    this.snapshots.push(snapshot);
  }

  #onEvent(site: Site, event: ClusterEvent): void {
    if (event.what === 'edit-log.append') this.#onAppended(site, Number(event.about['seq']));
    if (event.what !== 'job.state') return;
    const { kind, label, db, to } = event.about;
    this.note(`site ${site.index}: ${kind} ${db}.${label} enters ${to}`);
    const track = site.jobMoved(event);
    if (track === undefined || !isActive(track) || track.db === CATALOGS) return;
    const sprung = site.ambushes.find(
      (each) => each.kind === track.kind && each.state === track.state,
    );
    if (sprung === undefined) return;
    site.ambushes = site.ambushes.filter((each) => each !== sprung);
    this.#spring(site, sprung);
  }

  /** The first difference is enough: it stays in all that follows. */
  #onAppended(site: Site, seq: number): void {
    const wrong = site.follower?.take(seq);
    if (wrong === undefined) return;
    this.violation(`site ${site.index}: the log and memory: ${wrong}`);
    site.follower = undefined;
  }

  /** Backends die and the clock jumps as events of their own, not inside a step of the job. */
  #spring(site: Site, { orders, kill, jumpMs }: Ambush): void {
    this.arm(site, orders);
    const { life } = site.machine;
    const soon = (ms: number, run: () => void): void => {
      this.clock.after(ms, () => {
        if (site.machine.life === life && site.machine.whyDown === undefined) run();
      });
    };
    if (kill !== undefined) {
      soon(kill.afterMs, () => this.killBackend(site, kill.backend, kill.downMs));
    }
    if (jumpMs !== undefined) soon(JUMP_AFTER_MS, () => this.jump(jumpMs));
  }

  #onFault(site: Site, point: FaultPoint, subject: FaultSubject, fault: Fault): void {
    this.note(`site ${site.index}: ${fault.do} at ${point} ${JSON.stringify(subject)}`);
    this.coverage.struck(site, point, subject, fault.do);
    noteDamage(site, this.snapshots, point, subject, fault);
    const isInTime = fault.do === 'delay' && fault.ms < CREATE_WAIT_MS;
    if (subject['type'] !== 'CREATE' || isInTime) return;
    for (const track of site.tracks) {
      if (track.kind === 'RESTORE' && track.state === 'PENDING') excuse(track, 'a CREATE failed');
    }
  }
}

/** A restore is late when a wait of this length is behind it: its timeout, less some ticks. */
const LATE_MS = 480_000;
/** A restore waits so long for a replica, if it creates no other (restore-jobs.md 2.4). */
const CREATE_WAIT_MS = 10_000;
/** Between a state and the next tick. */
const JUMP_AFTER_MS = 500;
/** A fault armed before a crash does not outlive it, so a start works at once. */
const REBOOTS_MAX = 3;
