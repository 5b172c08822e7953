/**
 * Snapshots that backends hold for a job, as columns: a job has as many as its database has
 * tablets, and keeps them from its first step to nearly its last. Each is an object only while
 * somebody looks at it.
 */
import { present } from '../base/assert.ts';
import { IdPositions } from '../base/id-positions.ts';
import { asId, type BackendId, type TabletId } from '../base/ids.ts';
import { NumberColumn } from '../base/number-column.ts';
import { NameLists } from './name-lists.ts';
import { NumberedTexts } from './numbered-texts.ts';
import type { SnapshotInfo } from './snapshot-info.ts';

/** What tablets of one index have in common, as `SnapshotInfo` has it. */
export type SnapshotPlace = Pick<
  SnapshotInfo,
  'dbId' | 'tblId' | 'partitionId' | 'indexId' | 'schemaHash'
>;

export function isSamePlace(a: SnapshotPlace, b: SnapshotPlace): boolean {
  return (
    a.indexId === b.indexId &&
    a.partitionId === b.partitionId &&
    a.tblId === b.tblId &&
    a.dbId === b.dbId &&
    a.schemaHash === b.schemaHash
  );
}

/** A list that grows at its end. */
export class SnapshotColumns {
  readonly #places: SnapshotPlace[] = [];
  /** Of each snapshot, where its place is. */
  readonly #placeAts: NumberColumn;
  readonly #tabletIds: NumberColumn;
  readonly #beIds: NumberColumn;
  readonly paths: NumberedTexts;
  readonly #files = new NameLists();

  /** Room for so many is made with the first. */
  constructor(roomFirst = 0) {
    this.#placeAts = new NumberColumn(roomFirst);
    this.#tabletIds = new NumberColumn(roomFirst);
    this.#beIds = new NumberColumn(roomFirst);
    this.paths = new NumberedTexts(roomFirst);
  }

  get size(): number {
    return this.#tabletIds.length;
  }

  add(info: SnapshotInfo): void {
    this.#files.set(this.size, info.files);
    this.#notePlace(info);
    this.#placeAts.push(this.#places.length - 1);
    this.#tabletIds.push(info.tabletId);
    this.#beIds.push(info.beId);
    this.paths.push(info.path);
  }

  /** With other files, where those have any. */
  at(position: number, files?: NameLists): SnapshotInfo {
    const { dbId, tblId, partitionId, indexId, schemaHash } = this.placeAt(position);
    return {
      dbId,
      tblId,
      partitionId,
      indexId,
      tabletId: this.tabletIdAt(position),
      beId: this.beIdAt(position),
      schemaHash,
      path: this.pathAt(position),
      files: files?.get(position) ?? this.filesAt(position),
    };
  }

  placeAt(position: number): SnapshotPlace {
    return present(this.#places[this.#placeAts.at(position) ?? -1], 'the place of a tablet');
  }

  pathAt(position: number): string {
    return this.paths.at(position);
  }

  tabletIdAt(position: number): TabletId {
    return asId(present(this.#tabletIds.at(position), 'a tablet'));
  }

  beIdAt(position: number): BackendId {
    return asId(present(this.#beIds.at(position), 'a backend'));
  }

  filesAt(position: number): readonly string[] {
    return this.#files.get(position) ?? [];
  }

  namesAt(position: number): string | readonly string[] {
    return this.#files.namesAt(position) ?? [];
  }

  *values(): Generator<SnapshotInfo> {
    for (let position = 0; position < this.size; position += 1) yield this.at(position);
  }

  /** Positions by backend, in the order in which backends first appear. */
  byBackend(): ReadonlyMap<BackendId, readonly number[]> {
    const groups = new Map<BackendId, number[]>();
    // By index: an iterator would give an array for each of very many tablets.
    for (let position = 0; position < this.size; position += 1) {
      const beId = this.beIdAt(position);
      const group = groups.get(beId);
      if (group === undefined) groups.set(beId, [position]);
      else group.push(position);
    }
    return groups;
  }

  /** Reports come in runs of one index: mostly the place is that of the tablet before. */
  #notePlace(info: SnapshotPlace): void {
    const last = this.#places[this.#places.length - 1];
    if (last !== undefined && isSamePlace(last, info)) return;
    const { dbId, tblId, partitionId, indexId, schemaHash } = info;
    this.#places.push({ dbId, tblId, partitionId, indexId, schemaHash });
  }
}

/** A backup's snapshots by tablet, each of which has one; nothing is ever added. */
export class TabletSnapshots implements ReadonlyMap<TabletId, SnapshotInfo> {
  readonly columns: SnapshotColumns;
  readonly #files: NameLists | undefined;
  #positions: IdPositions | undefined;

  /** `files` take the place of those of the columns, tablet by tablet. */
  constructor(columns: SnapshotColumns, files?: NameLists) {
    this.columns = columns;
    this.#files = files;
  }

  static of(infos: ReadonlyMap<TabletId, SnapshotInfo>): TabletSnapshots {
    return infos instanceof TabletSnapshots ? infos : tabletSnapshots(infos.values());
  }

  withFiles(files: NameLists): TabletSnapshots {
    return new TabletSnapshots(this.columns, files);
  }

  get size(): number {
    return this.columns.size;
  }

  at(position: number): SnapshotInfo {
    return this.columns.at(position, this.#files);
  }

  /** Names of files; one may come without an array around it. */
  namesAt(position: number): string | readonly string[] {
    return this.#files?.namesAt(position) ?? this.columns.namesAt(position);
  }

  /** Where a tablet stands in the columns. */
  positionOf(tabletId: TabletId): number | undefined {
    const { columns } = this;
    this.#positions ??= new IdPositions(columns.size, (at) => columns.tabletIdAt(at));
    return this.#positions.get(tabletId);
  }

  get(tabletId: TabletId): SnapshotInfo | undefined {
    const position = this.positionOf(tabletId);
    return position === undefined ? undefined : this.at(position);
  }

  has(tabletId: TabletId): boolean {
    return this.positionOf(tabletId) !== undefined;
  }

  forEach(
    run: (info: SnapshotInfo, tabletId: TabletId, map: ReadonlyMap<TabletId, SnapshotInfo>) => void,
  ): void {
    for (const [tabletId, info] of this) run(info, tabletId, this);
  }

  *entries(): Generator<[TabletId, SnapshotInfo], undefined> {
    for (const info of this.values()) yield [info.tabletId, info];
  }

  *keys(): Generator<TabletId, undefined> {
    for (let position = 0; position < this.size; position += 1) {
      yield this.columns.tabletIdAt(position);
    }
  }

  *values(): Generator<SnapshotInfo, undefined> {
    for (let position = 0; position < this.size; position += 1) yield this.at(position);
  }

  [Symbol.iterator](): Generator<[TabletId, SnapshotInfo], undefined> {
    return this.entries();
  }
}

export function tabletSnapshots(infos: Iterable<SnapshotInfo>): TabletSnapshots {
  return new TabletSnapshots(snapshotColumns(infos));
}

export function snapshotColumns(infos: Iterable<SnapshotInfo>): SnapshotColumns {
  const columns = new SnapshotColumns();
  for (const info of infos) columns.add(info);
  return columns;
}

/** Nothing is ever added to them. */
export const NO_SNAPSHOTS: TabletSnapshots = new TabletSnapshots(new SnapshotColumns());
