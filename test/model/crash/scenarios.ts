/** What is recorded: a backup with a load beside it, a restore, and a restore that is given up. */
import { SECOND_MS } from '../../../src/base/units.ts';
import type { ProfileName } from '../../../src/fe/profile.ts';
import type { Machine } from './machine.ts';
import {
  CATALOGS,
  contentsOf,
  type MixedObject,
  NO_DATABASE,
  objectsIn,
  setUpOf,
} from './mixed-database.ts';
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
  machine.query(backupStatement(machine, 'SNAPSHOT shop.b'));
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
  return `RESTORE SNAPSHOT ${target}.b FROM repo PROPERTIES ('backup_timestamp' = '${time}')`;
}

/** What every scenario of a database has. */
const OF_SHOP = {
  database: 'shop',
  restoreAgain(machine: Machine): void {
    // In 3.3 a restore makes no database.
    if (machine.profile === '3.3') machine.query('CREATE DATABASE IF NOT EXISTS copied');
    machine.query(restoreStatement(machine, 'copied'));
  },
} as const;

/** Profile 4.2 keeps snapshots for a time; this one outlives the test. */
function backupStatement({ profile }: Machine, what: string): string {
  return `BACKUP ${what} TO repo${profile === '4.2' ? " PROPERTIES ('ttl' = '1 DAY')" : ''}`;
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

const backup = (profile: ProfileName, objects: readonly MixedObject[]): Scenario => ({
  ...OF_SHOP,
  profile,
  name: 'backup',
  kind: 'BACKUP',
  prepare: (machine) => setUp(machine, objects),
  steps: [
    {
      name: 'submit',
      act: (machine) => void machine.query(backupStatement(machine, 'SNAPSHOT shop.b')),
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

const restore = (profile: ProfileName, objects: readonly MixedObject[]): Scenario => ({
  ...OF_SHOP,
  profile,
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
const cancelledRestore = (profile: ProfileName, objects: readonly MixedObject[]): Scenario => ({
  ...OF_SHOP,
  profile,
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

const RESTORE_CATALOGS = (machine: Machine): void => {
  const [time] = snapshotTimes(machine);
  machine.query(`RESTORE SNAPSHOT b FROM repo ALL EXTERNAL CATALOGS
    PROPERTIES ('backup_timestamp' = '${time}')`);
};

function setUpCatalogs(machine: Machine): Prepared {
  for (const statement of setUpOf(CATALOGS)) machine.query(statement);
  const contents = contentsOf(machine, NO_DATABASE);
  return { snapshot: contents, start: contents };
}

const BACKUP_CATALOGS = (machine: Machine): void =>
  void machine.query(backupStatement(machine, 'ALL EXTERNAL CATALOGS SNAPSHOT b'));

const ofCatalogs = (profile: ProfileName) =>
  ({ profile, database: NO_DATABASE, restoreAgain: RESTORE_CATALOGS }) as const;

const catalogBackup = (profile: ProfileName): Scenario => ({
  ...ofCatalogs(profile),
  name: 'backup of catalogs',
  kind: 'BACKUP',
  prepare: setUpCatalogs,
  steps: [
    {
      name: 'submit',
      act: BACKUP_CATALOGS,
      outcomes: ['start'],
      contentsWithoutJob: 'start',
      jobEnds: ['FINISHED'],
    },
    {
      name: 'until done',
      act: (machine) => machine.untilJobsDone(),
      outcomes: ['start'],
      jobEnds: ['FINISHED'],
    },
  ],
});

const catalogRestore = (profile: ProfileName): Scenario => ({
  ...ofCatalogs(profile),
  name: 'restore of catalogs',
  kind: 'RESTORE',
  prepare(machine) {
    const { snapshot } = setUpCatalogs(machine);
    BACKUP_CATALOGS(machine);
    machine.untilJobsDone();
    for (const { spoil } of CATALOGS) for (const statement of spoil) machine.query(statement);
    return { snapshot, start: contentsOf(machine, NO_DATABASE) };
  },
  steps: [
    { ...SUBMIT_RESTORE, act: RESTORE_CATALOGS },
    {
      name: 'until done',
      act: (machine) => machine.untilJobsDone(),
      outcomes: ['snapshot'],
      ...ACKNOWLEDGED,
    },
  ],
});

export interface Scenarios {
  readonly backup: Scenario;
  readonly restore: Scenario;
  readonly cancelledRestore: Scenario;
}

/** Over a database of those objects that the profile backs up. */
export function scenariosOf(profile: ProfileName, all: readonly MixedObject[]): Scenarios {
  const objects = objectsIn(profile, all);
  return {
    backup: backup(profile, objects),
    restore: restore(profile, objects),
    cancelledRestore: cancelledRestore(profile, objects),
  };
}

/** In the slot of external catalogs, which profile 3.3 does not have. */
export function catalogScenarios(profile: ProfileName): readonly Scenario[] {
  return profile === '3.3' ? [] : [catalogBackup(profile), catalogRestore(profile)];
}
