/** All metadata that a real run leaves on its disk: a database with every kind of object, a backup
 * of it, a restore over what has changed since. */
import { present } from '../../../src/base/assert.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow } from '../../../src/base/op.ts';
import { loadLatestImage } from '../../../src/fe/image.ts';
import { DATA_DIR, type Machine, REPOSITORY_DIR, startMachine } from '../../model/crash/machine.ts';
import { FURTHER_OBJECTS, OBJECTS } from '../../model/crash/mixed-database.ts';
import {
  restoreStatement,
  setUpBackedUpAndSpoilt,
  snapshotTimes,
} from '../../model/crash/scenarios.ts';

export const LOG_DIR: string = `${DATA_DIR}/fe/edit_log`;
export const IMAGE_DIR: string = `${DATA_DIR}/fe/image`;
export const LABEL_DIR: string = `${REPOSITORY_DIR}/__starrocks_repository_repo/__ss_b`;

export interface RecordedMetadata {
  readonly machine: Machine;
  readonly timestamp: string;
  /** The bodies of all records of the log, in order. */
  readonly records: readonly { readonly op: string; readonly body: unknown }[];
  readonly image: unknown;
  readonly meta: Uint8Array;
  readonly info: string;
  readonly metaPath: string;
  readonly infoPath: string;
}

export function recordMetadata(): RecordedMetadata {
  const files = new MemoryFiles();
  runNow(files.makeDirectory(REPOSITORY_DIR));
  const machine = startMachine({ files, backends: 1, profile: '3.5', imageEvery: 1_000_000 });
  setUpBackedUpAndSpoilt(machine, [...OBJECTS, ...FURTHER_OBJECTS]);
  machine.query(restoreStatement(machine, 'shop'));
  machine.untilJobsDone();
  const [timestamp] = snapshotTimes(machine);
  const records = linesOf(text(files, `${LOG_DIR}/1.log`));
  machine.run(machine.cluster.frontend.checkpoint());
  const image = JSON.parse(present(runNow(loadLatestImage(files, IMAGE_DIR)), 'an image').text);
  const names = runNow(files.list(LABEL_DIR)).map(({ name }) => `${LABEL_DIR}/${name}`);
  const pathOf = (part: string): string =>
    present(
      names.find((name) => name.startsWith(`${LABEL_DIR}/${part}`)),
      part,
    );
  const metaPath = pathOf('__meta');
  const infoPath = pathOf('__info');
  return {
    machine,
    timestamp: present(timestamp, 'a snapshot'),
    records,
    image,
    meta: runNow(files.read(metaPath)),
    info: text(files, infoPath),
    metaPath,
    infoPath,
  };
}

function text(files: MemoryFiles, path: string): string {
  return Buffer.from(runNow(files.read(path))).toString('utf8');
}

function linesOf(log: string): { op: string; body: unknown }[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const headEnd = line.indexOf('} ') + 1;
      const head: { readonly op: string } = JSON.parse(line.slice(0, headEnd));
      return { op: head.op, body: JSON.parse(line.slice(headEnd)) };
    });
}
