/** Metadata files of a recorded run, and whether one flipped bit in them is noticed. */
import { createFaultPlan } from '../../../src/base/fault-plan.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { MemoryFiles } from '../../../src/base/memory-files.ts';
import { runNow } from '../../../src/base/op.ts';
import { below, SeededRandom } from '../../../src/base/random.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { openEditLog } from '../../../src/fe/edit-log.ts';
import type { EditLogOptions, RecordCodec } from '../../../src/fe/edit-log-options.ts';
import { loadLatestImage, writeImage } from '../../../src/fe/image.ts';
import { DATA_DIR } from '../../model/crash/machine.ts';
import { LABEL_DIR, type RecordedMetadata, recordMetadata } from './recorded.ts';

export interface DamagedFile {
  readonly name: string;
  readonly sizeBytes: number;
  /** Flips one bit, reads, and puts the bit back. */
  isNoticed(byte: number, bit: number): boolean;
}

/** Records as they stand in the log, of whatever kind. */
interface RawRecord {
  readonly op: string;
  readonly body: unknown;
}

const RAW_CODEC: RecordCodec<RawRecord> = {
  encode: ({ body }) => [JSON.stringify(body)],
  decode: (op, body) => ({ op, body }),
  opOf: ({ op }) => op,
};

const DIRECTORY = '/damaged';

export function damagedFiles(): readonly DamagedFile[] {
  const recorded = recordMetadata();
  return [
    ...repositoryFiles(recorded),
    editLog(recorded.records),
    sideFile(recorded.records),
    image(recorded),
  ];
}

/** Every bit of a file, or so many of them by chance. */
export function* bitsOf(
  { sizeBytes }: DamagedFile,
  howMany: 'all' | number,
): Iterable<{ readonly byte: number; readonly bit: number }> {
  if (howMany === 'all' || howMany >= sizeBytes * 8) {
    for (let at = 0; at < sizeBytes * 8; at += 1) yield { byte: at >> 3, bit: at & 7 };
    return;
  }
  const random = new SeededRandom(BigInt(sizeBytes));
  for (let count = 0; count < howMany; count += 1) {
    yield { byte: below(random, sizeBytes), bit: below(random, 8) };
  }
}

/** Bits that were not noticed, as `file: byte.bit`. */
export function unnoticed(file: DamagedFile, howMany: 'all' | number): readonly string[] {
  const found: string[] = [];
  for (const { byte, bit } of bitsOf(file, howMany)) {
    if (!file.isNoticed(byte, bit)) found.push(`${file.name}: ${byte}.${bit}`);
  }
  return found;
}

function repositoryFiles({
  machine,
  timestamp,
  infoPath,
  metaPath,
}: RecordedMetadata): readonly DamagedFile[] {
  const repository = machine.frontend.repositories.byName('repo');
  if (repository === undefined) throw new Error('no repository');
  return [
    damaged('__info', machine.files, infoPath, () => {
      return machine.run(repository.fetchJobInfo('b', timestamp)).status.code !== 'OK';
    }),
    damaged('__meta', machine.files, metaPath, () => {
      return machine.run(repository.fetchMeta('b')).status.code !== 'OK';
    }),
  ];
}

/** Short records are as good as long ones, and every bit of them can be tried. */
const SHORT_LENGTH_MAX = 300;
const SIDE_LENGTH_MAX = 3000;

const lengthOf = ({ body }: RawRecord): number => JSON.stringify(body).length;

function editLog(records: readonly RawRecord[]): DamagedFile {
  const short = records.filter((record) => lengthOf(record) < SHORT_LENGTH_MAX);
  const files = logOf(short.slice(-8), undefined);
  return damaged('edit log', files, `${DIRECTORY}/1.log`, () =>
    fails(() => runNow(openEditLog(options(files.crash(AS_IT_IS), undefined)))),
  );
}

/** A longer record, in a file of its own. */
function sideFile(records: readonly RawRecord[]): DamagedFile {
  const longer = records.filter((record) => lengthOf(record) < SIDE_LENGTH_MAX);
  const files = logOf(longer.toSorted((a, b) => lengthOf(b) - lengthOf(a)).slice(0, 1), 100);
  return damaged('side file', files, `${DIRECTORY}/1.side.json`, () =>
    fails(() => runNow(openEditLog(options(files.crash(AS_IT_IS), 100)))),
  );
}

function image({ image: state }: RecordedMetadata): DamagedFile {
  const files = new MemoryFiles();
  runNow(writeImage(files, DIRECTORY, 7, [JSON.stringify(state)]));
  return damaged('image', files, `${DIRECTORY}/image.7`, () =>
    fails(() => runNow(loadLatestImage(files, DIRECTORY))),
  );
}

const AS_IT_IS = { fate: 'kept', random: new SeededRandom(0n) } as const;

function damaged(
  name: string,
  files: MemoryFiles,
  path: string,
  isNoticed: () => boolean,
): DamagedFile {
  const whole = runNow(files.read(path));
  const parent = path.slice(0, path.lastIndexOf('/'));
  const touched = path.startsWith(LABEL_DIR) ? [parent, `${DATA_DIR}/fe/tmp/backup`] : [parent];
  const put = (at: number, value: number): void =>
    runNow(files.unsafeOverwrite(path, at, Buffer.from([value])));
  return {
    name,
    sizeBytes: whole.length,
    isNoticed(byte, bit): boolean {
      const right = whole[byte] ?? 0;
      put(byte, right ^ (1 << bit));
      const found = isNoticed();
      put(byte, right);
      // A disk remembers what is not durable: over all bits that would be a lot.
      for (const directory of touched) runNow(files.syncDirectory(directory));
      return found;
    },
  };
}

function fails(read: () => unknown): boolean {
  try {
    read();
    return false;
  } catch {
    return true;
  }
}

function logOf(records: readonly RawRecord[], lineBytesMax: number | undefined): MemoryFiles {
  const files = new MemoryFiles();
  const log = runNow(openEditLog(options(files, lineBytesMax)));
  for (const record of records) runNow(log.append(record));
  runNow(log.close());
  return files;
}

function options(files: MemoryFiles, lineBytesMax: number | undefined): EditLogOptions<RawRecord> {
  const clock = new VirtualClock();
  return {
    files,
    directory: DIRECTORY,
    codec: RAW_CODEC,
    imageSeq: 0,
    apply: () => {},
    faults: createFaultPlan({ random: new SeededRandom(0n), onCrash: () => files.halt() }),
    clock,
    logger: silentLogger,
    onFatal: (error) => {
      throw error;
    },
    ...(lineBytesMax !== undefined && { lineBytesMax }),
  };
}
