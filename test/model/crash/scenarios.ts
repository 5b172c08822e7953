/** What is recorded: a backup with a load beside it, a restore, and a restore that is given up. */
import { SECOND_MS } from '../../../src/base/units.ts';
import type { Machine } from './machine.ts';
import { contentsOf, type MixedObject, setUpOf } from './mixed-database.ts';
import type { Prepared, Scenario, Step } from './trace.ts';

const STEP_MS = SECOND_MS / 2;
const STEPS_MAX = 200;
/** Long enough for an image and for a checkpoint of the backends. */
const AFTERWARDS_MS: number = 10 * SECOND_MS;

function untilState(machine: Machine, wanted: string): void {
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if (machine.frontend.handler.jobs().some(({ job }) => job.state === wanted)) return;
    machine.clock.advance(STEP_MS);
  }
  throw new Error(`no job came to ${wanted}`);
}

function setUp(machine: Machine, objects: readonly MixedObject[]): Prepared {
  for (const statement of setUpOf(objects)) machine.query(statement);
  const contents = contentsOf(machine, 'shop');
  return { snapshot: contents, start: contents };
}

export function setUpBackedUpAndSpoilt(
  machine: Machine,
  objects: readonly MixedObject[],
): Prepared {
  const { snapshot } = setUp(machine, objects);
  machine.query('BACKUP SNAPSHOT shop.b TO repo');
  machine.untilJobsDone();
  for (const { spoil } of objects) for (const statement of spoil) machine.query(statement);
  return { snapshot, start: contentsOf(machine, 'shop') };
}

/** When the snapshots `b` of the repository were taken, of those that can be used. */
export function snapshotTimes(machine: Machine): readonly string[] {
  const { rows } = machine.query('SHOW SNAPSHOT ON repo');
  return rows
    .filter(([name, , status]) => name === 'b' && status === 'OK')
    .map((row) => `${row[1]}`);
}

export function restoreStatement(machine: Machine, target: string): string {
  const [time] = snapshotTimes(machine);
  return `RESTORE SNAPSHOT b FROM repo DATABASE shop AS ${target}
    PROPERTIES ('backup_timestamp' = '${time}')`;
}

const SUBMIT_RESTORE: Step = {
  name: 'submit',
  act: (machine) => void machine.query(restoreStatement(machine, 'shop')),
  outcomes: ['snapshot'],
  contentsWithoutJob: 'start',
  jobEnds: ['FINISHED'],
  isSnapshotThere: true,
};

const ACKNOWLEDGED = { jobEnds: ['FINISHED'], isSnapshotThere: true } as const;

const backup = (objects: readonly MixedObject[]): Scenario => ({
  name: 'backup',
  kind: 'BACKUP',
  prepare: (machine) => setUp(machine, objects),
  steps: [
    {
      name: 'submit',
      act: (machine) => void machine.query('BACKUP SNAPSHOT shop.b TO repo'),
      outcomes: ['start'],
      contentsWithoutJob: 'start',
      jobEnds: ['FINISHED'],
    },
    {
      name: 'until UPLOADING',
      act: (machine) => untilState(machine, 'UPLOADING'),
      outcomes: ['start'],
      jobEnds: ['FINISHED'],
    },
    {
      name: 'load',
      act: (machine) => void machine.query("INSERT INTO shop.orders VALUES (1, 'beside', 0)"),
      outcomes: ['start', 'load'],
      jobEnds: ['FINISHED'],
    },
    {
      name: 'until done',
      act: (machine) => machine.untilJobsDone(),
      outcomes: ['load'],
      jobEnds: ['FINISHED'],
    },
    {
      name: 'afterwards',
      act: (machine) => machine.clock.advance(AFTERWARDS_MS),
      outcomes: ['load'],
      ...ACKNOWLEDGED,
    },
  ],
});

const restore = (objects: readonly MixedObject[]): Scenario => ({
  name: 'restore',
  kind: 'RESTORE',
  prepare: (machine) => setUpBackedUpAndSpoilt(machine, objects),
  steps: [
    SUBMIT_RESTORE,
    {
      name: 'until done',
      act: (machine) => machine.untilJobsDone(),
      outcomes: ['snapshot'],
      ...ACKNOWLEDGED,
    },
    {
      name: 'afterwards',
      act: (machine) => machine.clock.advance(AFTERWARDS_MS),
      outcomes: ['snapshot'],
      ...ACKNOWLEDGED,
    },
  ],
});

/** Given up when the downloads are there: everything that a restore makes is there to be undone. */
const cancelledRestore = (objects: readonly MixedObject[]): Scenario => ({
  name: 'cancelled restore',
  kind: 'RESTORE',
  prepare(machine) {
    const prepared = setUpBackedUpAndSpoilt(machine, objects);
    machine.query(restoreStatement(machine, 'shop'));
    untilState(machine, 'DOWNLOADING');
    return prepared;
  },
  steps: [
    {
      name: 'cancel',
      act: (machine) => void machine.query('CANCEL RESTORE FROM shop'),
      outcomes: ['snapshot', 'cancel'],
      jobEnds: ['FINISHED', 'CANCELLED'],
      isSnapshotThere: true,
    },
    {
      name: 'afterwards',
      act: (machine) => machine.clock.advance(AFTERWARDS_MS),
      outcomes: ['cancel'],
      jobEnds: ['CANCELLED'],
      isSnapshotThere: true,
    },
  ],
});

export interface Scenarios {
  readonly backup: Scenario;
  readonly restore: Scenario;
  readonly cancelledRestore: Scenario;
}

/** Over a database of these objects. */
export function scenariosOf(objects: readonly MixedObject[]): Scenarios {
  return {
    backup: backup(objects),
    restore: restore(objects),
    cancelledRestore: cancelledRestore(objects),
  };
}
