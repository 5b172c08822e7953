/**
 * Backends that do agent tasks on tablets made of names and contents. They answer after a moment of
 * virtual time; a script may make them fail, stay silent or answer wrongly.
 */
import type { BackendId, TabletId } from '../../../../src/base/ids.ts';
import type { VirtualClock } from '../../../../src/base/virtual-clock.ts';
import type {
  AgentTask,
  FinishTaskRequest,
  TaskStatus,
} from '../../../../src/protocol/agent-task.ts';

/** File name -> content. */
export type FileSet = Map<string, string>;

export interface Tablet {
  version: number;
  files: FileSet;
}

export type Answer = Omit<FinishTaskRequest, 'backendId' | 'type' | 'signature'>;

/** Undefined: the backend never answers. */
export type Script = (task: AgentTask, usual: () => Answer) => Answer | undefined;

const DONE: TaskStatus = { code: 'OK', errorMsgs: [] };

export const failure = (text: string): Answer => ({
  status: { code: 'RUNTIME_ERROR', errorMsgs: [text] },
});

export class FakeBackends {
  readonly tablets: Map<string, Tablet> = new Map();
  readonly snapshots: Map<string, FileSet> = new Map();
  /** Remote tablet directory -> file name with checksum -> content. */
  readonly remote: Map<string, FileSet> = new Map();
  /** Every task received, in order. */
  readonly received: AgentTask[] = [];
  script: Script = (_task, usual) => usual();
  delayMs = 10;
  readonly #clock: VirtualClock;
  readonly #report: (task: AgentTask, request: FinishTaskRequest) => void;
  #snapshotCount = 0;
  /** Snapshot root -> the tablet directory in it. */
  readonly #directories: Map<string, string> = new Map();

  constructor(clock: VirtualClock, report: (task: AgentTask, request: FinishTaskRequest) => void) {
    this.#clock = clock;
    this.#report = report;
  }

  tablet(backendId: BackendId, tabletId: TabletId): Tablet {
    const key = `${backendId}/${tabletId}`;
    const tablet = this.tablets.get(key);
    if (tablet === undefined) throw new Error(`no tablet ${key}`);
    return tablet;
  }

  submit(tasks: readonly AgentTask[]): void {
    for (const task of tasks) {
      this.received.push(task);
      this.#clock.after(this.delayMs, () => {
        const answer = this.script(task, () => this.#carryOut(task));
        if (answer === undefined || task.type === 'RELEASE_SNAPSHOT') return;
        const { backendId, type, signature } = task;
        const jobId = type === 'MAKE_SNAPSHOT' ? { jobId: task.jobId } : {};
        this.#report(task, { backendId, type, signature, ...jobId, ...answer });
      });
    }
  }

  ofType<T extends AgentTask['type']>(type: T): Extract<AgentTask, { type: T }>[] {
    return this.received.filter(
      (task): task is Extract<AgentTask, { type: T }> => task.type === type,
    );
  }

  #carryOut(task: AgentTask): Answer {
    switch (task.type) {
      case 'CREATE':
        this.tablets.set(`${task.backendId}/${task.tabletId}`, {
          version: task.version,
          files: new Map(),
        });
        return { status: DONE };
      case 'DROP':
        return { status: DONE };
      case 'RELEASE_SNAPSHOT':
        this.snapshots.delete(this.#directories.get(task.snapshotPath) ?? '');
        return { status: DONE };
      case 'MAKE_SNAPSHOT': {
        const tablet = this.tablet(task.backendId, task.tabletId);
        const path = `/be/${task.backendId}/snapshot/${++this.#snapshotCount}`;
        const files = new Map(tablet.files).set(`${task.tabletId}.hdr`, 'header');
        const directory = `${path}/${task.tabletId}/${task.schemaHash}`;
        this.#directories.set(path, directory);
        this.snapshots.set(directory, files);
        return { status: DONE, snapshotPath: path, snapshotFiles: [...files.keys()] };
      }
      case 'UPLOAD':
        return this.#upload(task.srcDest);
      case 'DOWNLOAD':
        return this.#download(task.srcDest);
      case 'MOVE': {
        const files = this.snapshots.get(task.src);
        if (files === undefined) return failure(`no ${task.src}`);
        const tablet = this.tablet(task.backendId, task.tabletId);
        tablet.files = new Map([...files].filter(([name]) => !name.endsWith('.hdr')));
        return { status: DONE };
      }
    }
  }

  #upload(srcDest: ReadonlyMap<string, string>): Answer {
    const tabletFiles = new Map<TabletId, readonly string[]>();
    for (const [source, destination] of srcDest) {
      const files = this.snapshots.get(source);
      if (files === undefined) return failure(`no ${source}`);
      const names = [...files.keys()].map((name) => `${name}.${'0'.repeat(32)}`);
      this.remote.set(
        destination,
        new Map([...files.values()].map((content, at) => [names[at] ?? '', content])),
      );
      tabletFiles.set(tabletOf(source), names);
    }
    return { status: DONE, tabletFiles };
  }

  #download(srcDest: ReadonlyMap<string, string>): Answer {
    const downloadedTabletIds: TabletId[] = [];
    for (const [source, destination] of srcDest) {
      const files = this.remote.get(source);
      if (files === undefined) return failure(`nothing found in ${source}`);
      this.snapshots.set(
        destination,
        new Map(
          [...files].map(([name, content]) => [name.slice(0, name.lastIndexOf('.')), content]),
        ),
      );
      downloadedTabletIds.push(tabletOf(destination));
    }
    return { status: DONE, downloadedTabletIds };
  }
}

function tabletOf(path: string): TabletId {
  return Number(path.split('/').at(-2)) as TabletId;
}
