/**
 * What must hold after a crash, wherever it struck: what was acknowledged is there, a job goes on
 * to its end, a snapshot that is listed gives back exactly its rows, no table is half-visible,
 * nothing is left over once the time of the job and of the sweep has passed, and the log alone
 * gives the state that is live. Each check answers complaints.
 */
import { isDeepStrictEqual } from 'node:util';
import { SimError } from '../../../src/base/errors.ts';
import type { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow } from '../../../src/base/op.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import { digestOf } from './disk-digest.ts';
import {
  DATA_DIR,
  loggedState,
  type Machine,
  QUIET_MS,
  REPOSITORY_DIR,
  replayedFrontend,
  startMachine,
} from './machine.ts';
import {
  type Contents,
  contentsBut,
  contentsOf,
  FURTHER_OBJECTS,
  NO_DATABASE,
  OBJECTS,
} from './mixed-database.ts';
import { snapshotTimes } from './scenarios.ts';
import type { Scenario, Step, Trace } from './trace.ts';

export interface Expectation {
  readonly scenario: Scenario;
  readonly trace: Trace;
  readonly step: Step;
  /** Digests of repositories whose snapshot was restored and compared already. */
  readonly restored: Set<string>;
}

/** A disk as a crash left it, with the time of the crash. */
export interface CrashedDisk {
  readonly files: MemoryFiles;
  readonly nowMs: number;
  /** Told once the machine has started. */
  readonly onReady?: () => void;
}

/** Starts on the disk and checks everything; the disk is used up. */
export function complaintsAfter(disk: CrashedDisk, expected: Expectation): readonly string[] {
  try {
    const machine = startMachine({
      files: disk.files,
      startMs: disk.nowMs,
      backends: expected.trace.backends,
      profile: expected.scenario.profile,
    });
    disk.onReady?.();
    return checked(machine, expected);
  } catch (error) {
    return [error instanceof Error ? `${error.message}\n${error.stack}` : String(error)];
  }
}

function checked(
  machine: Machine,
  { scenario, trace, step, restored }: Expectation,
): readonly string[] {
  const complaints: string[] = [];
  const { database } = scenario;
  const [found] = machine.frontend.handler.jobs();
  const isJobThere = found?.job.type === scenario.kind && found.job.label === 'b';
  if (!isJobThere && step.contentsWithoutJob === undefined) complaints.push('the job is lost');
  const isOver = found === undefined || ['FINISHED', 'CANCELLED'].includes(found.job.state);
  const outcomes = isJobThere ? step.outcomes : [step.contentsWithoutJob ?? 'start'];
  const expected = outcomes.map((name) => trace.contents.get(name) ?? {});
  const start = trace.contents.get('start') ?? {};
  if (isOver)
    complaints.push(...notOneOf('after the start', contentsOf(machine, database), expected));
  else complaints.push(...halfVisible(machine, database, [start, ...expected]));
  if (step.isSnapshotThere === true && snapshotTimes(machine).length !== 1) {
    complaints.push('the snapshot is not listed');
  }
  machine.untilJobsDone();
  if (isJobThere) {
    const [ended] = machine.frontend.handler.jobs();
    const state = ended?.job.state ?? 'lost';
    if (!step.jobEnds.includes(state)) {
      complaints.push(`the job ends ${state}: ${JSON.stringify(ended?.job.status)}`);
    }
  }
  complaints.push(...notOneOf('in the end', contentsOf(machine, database), expected));
  const repository = digestOf(machine.files, REPOSITORY_DIR);
  if (!restored.has(repository)) {
    restored.add(repository);
    complaints.push(...notRestorable(machine, scenario, trace.contents.get('snapshot') ?? {}));
  }
  machine.clock.advance(QUIET_MS);
  complaints.push(...leftOvers(machine), ...notReplayed(machine), ...unclearViews(machine));
  if (database !== NO_DATABASE) complaints.push(...notLoadable(machine));
  return complaints;
}

function notOneOf(
  when: string,
  actual: Contents,
  expected: readonly Contents[],
): readonly string[] {
  if (expected.some((each) => isDeepStrictEqual(actual, each))) return [];
  return [`contents ${when}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`];
}

/**
 * While a job is under way each object is as it was or as it will be, or new and still empty. A
 * table in RESTORE refuses queries, which is looked at too; all others must be readable.
 */
function halfVisible(
  machine: Machine,
  database: string,
  possible: readonly Contents[],
): readonly string[] {
  const complaints: string[] = [];
  const restoring = new Set<string>();
  const actual = contentsBut(machine, database, ({ name, state }) => {
    if (state !== 'RESTORE') return false;
    restoring.add(name);
    if (!isRefused(machine, name)) complaints.push(`${name} is in RESTORE and can be read`);
    return true;
  });
  const names = new Set([...possible.flatMap((each) => Object.keys(each)), ...Object.keys(actual)]);
  return complaints.concat(notPossible(actual, possible, names, restoring));
}

function isRefused(machine: Machine, table: string): boolean {
  try {
    machine.query(`SELECT * FROM shop.${table}`);
    return false;
  } catch (error) {
    if (error instanceof SimError && error.code === 'table-not-normal') return true;
    throw error;
  }
}

function notPossible(
  actual: Contents,
  possible: readonly Contents[],
  names: ReadonlySet<string>,
  restoring: ReadonlySet<string>,
): readonly string[] {
  return [...names].flatMap((name) => {
    if (restoring.has(name)) return [];
    const rows = actual[name];
    const wanted = possible.map((each) => each[name]);
    const isNew = wanted.includes(undefined) && rows?.length === 0;
    if (isNew || wanted.some((each) => isDeepStrictEqual(each, rows))) return [];
    return [`${name} is half-visible: ${JSON.stringify(rows)}`];
  });
}

function notRestorable(
  machine: Machine,
  { restoreAgain, database }: Scenario,
  contents: Contents,
): readonly string[] {
  if (snapshotTimes(machine).length === 0) return [];
  restoreAgain(machine);
  machine.untilJobsDone();
  const target = database === NO_DATABASE ? database : 'copied';
  return notOneOf('of the snapshot', contentsOf(machine, target), [contents]);
}

/** A materialized view is active if its table is there, and else says why it is not. */
function unclearViews(machine: Machine): readonly string[] {
  const { databases, databaseIds } = machine.frontend.catalog;
  return [...databases.values()].flatMap(({ name: database, tables }) =>
    [...tables.values()].flatMap(({ name, materializedView: view }) => {
      if (view === undefined) return [];
      const hasTables = view.baseTables.every(({ dbName, tableName }) => {
        const id = databaseIds.get(dbName);
        return id !== undefined && databases.get(id)?.tableIds.has(tableName) === true;
      });
      const isClear = view.isActive ? hasTables : !hasTables && view.inactiveReason !== '';
      return isClear ? [] : [`${database}.${name} is inactive: ${view.inactiveReason}`];
    }),
  );
}

/** Versions of frontend and backends fit together: the next load of each table is read back. */
function notLoadable(machine: Machine): readonly string[] {
  const before = contentsOf(machine, 'shop');
  const expected: Record<string, readonly string[]> = { ...before };
  for (const { name, load } of [...OBJECTS, ...FURTHER_OBJECTS]) {
    const rows = before[name];
    if (load === undefined || rows === undefined) continue;
    machine.query(load.statement);
    expected[name] = [...rows, load.row].sort();
  }
  return notOneOf('after further loads', contentsOf(machine, 'shop'), [expected]);
}

function leftOvers(machine: Machine): readonly string[] {
  const complaints: string[] = [];
  const { tasks, handler, catalog } = machine.frontend;
  if (tasks.size > 0) complaints.push(`${tasks.size} tasks are left in the queue`);
  for (const { job } of handler.jobs()) {
    if (!['FINISHED', 'CANCELLED'].includes(job.state)) complaints.push(`a job is ${job.state}`);
  }
  for (const { tables } of catalog.databases.values()) {
    for (const { name, state } of tables.values()) {
      if (state !== 'NORMAL') complaints.push(`table ${name} is ${state}`);
    }
  }
  for (const backendId of machine.cluster.backends.keys()) {
    const snapshots = runNow(machine.files.list(`${DATA_DIR}/be/${backendId}/snapshot`));
    if (snapshots.length > 0) complaints.push(`${snapshots.length} snapshots on ${backendId}`);
  }
  return complaints;
}

/** What is durable gives the same state, but for what is volatile. */
function notReplayed(machine: Machine): readonly string[] {
  const files = machine.files.crash({ fate: 'lost', random: new SeededRandom(0n) });
  const live = loggedState(machine.frontend);
  const again = loggedState(replayedFrontend(files, machine.clock.now(), machine.profile));
  return live === again ? [] : [`replayed state differs:\n${live}\n${again}`];
}
