/**
 * Synthetic tablets: tables whose tablets are filled with seeded bytes and hold no rows, for upload
 * benchmarks and simulations of clusters larger than any disk (design.md 6). They exist in the
 * emulator alone.
 */
import { GIB, KIB, MIB } from '../base/units.ts';
import type { OlapTable } from '../catalog/model.ts';
import type { TabletFill } from '../protocol/agent-task.ts';
import { analysisError } from './analysis-error.ts';

const TABLET_SIZE = 'emulator.tablet_size';
const FILES_PER_TABLET = 'emulator.files_per_tablet';

/** Properties that make a table synthetic. */
export const SYNTHETIC_PROPERTIES: readonly string[] = [TABLET_SIZE, FILES_PER_TABLET];

const TABLET_SIZE_BYTES_MAX = 1024 * GIB;
const FILES_PER_TABLET_MAX = 1000;

const UNITS: Readonly<Record<string, number>> = { B: 1, KB: KIB, MB: MIB, GB: GIB };

/** What each new tablet is filled with; undefined for a table of rows. */
export function fillOf(properties: ReadonlyMap<string, string>): TabletFill | undefined {
  const sizeText = properties.get(TABLET_SIZE);
  const filesText = properties.get(FILES_PER_TABLET);
  if (sizeText === undefined && filesText === undefined) return undefined;
  if (sizeText === undefined) {
    throw analysisError(`property ${FILES_PER_TABLET} needs ${TABLET_SIZE}`);
  }
  const fileCount = wholeNumber(FILES_PER_TABLET, filesText ?? '1', FILES_PER_TABLET_MAX);
  const sizeBytes = sizeOf(sizeText);
  if (sizeBytes < fileCount) {
    throw analysisError(`${TABLET_SIZE} of ${sizeText} does not reach for ${fileCount} files`);
  }
  return { sizeBytes, fileCount };
}

/** Throws `unsupported` for what needs rows where there are none. */
export function refuseSynthetic(table: OlapTable, what: string): void {
  if (!table.properties.has(TABLET_SIZE)) return;
  throw analysisError(
    `table '${table.name}' holds synthetic tablets (${TABLET_SIZE}), which have bytes and ` +
      `no rows: ${what} is not supported`,
    'unsupported',
  );
}

/** `--strict` knows no conveniences of the emulator. */
export function refuseSyntheticIfStrict(
  properties: ReadonlyMap<string, string>,
  isStrict: boolean,
): void {
  const name = SYNTHETIC_PROPERTIES.find((property) => properties.has(property));
  if (!isStrict || name === undefined) return;
  throw analysisError(`Unknown table properties: ${name}, which --strict refuses`);
}

function sizeOf(text: string): number {
  const match = /^(\d{1,15})\s*([KMG]?B)$/i.exec(text);
  const sizeBytes = Number(match?.[1]) * (UNITS[match?.[2]?.toUpperCase() ?? ''] ?? Number.NaN);
  if (sizeBytes >= 1 && sizeBytes <= TABLET_SIZE_BYTES_MAX) return sizeBytes;
  throw analysisError(`Invalid ${TABLET_SIZE}: '${text}', write it like 64MB, at most 1024GB`);
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 1 && value <= max) return value;
  throw analysisError(`Invalid ${name}: '${text}', must be 1 to ${max}`);
}
