/**
 * JSON of the snapshots of a backup, one after the other: what those of an index on one backend
 * have in common is laid out once, and no text is made of a path.
 */
import type { JsonChunks } from '../catalog/json-chunks.ts';
import { JsonRow } from '../catalog/json-row.ts';
import { addNames, placeJson, SnapshotInfoWriter } from './abstract-job-codec.ts';
import type { TextShape } from './numbered-texts.ts';
import type { SnapshotPlace, TabletSnapshots } from './tablet-snapshots.ts';

/** What the last snapshot was written with: all but tablet, backend, number of the path, names. */
interface LastRow {
  readonly place: SnapshotPlace;
  readonly shape: TextShape;
  readonly row: JsonRow;
}

export class SnapshotWriter {
  readonly #out: JsonChunks;
  readonly #snapshots: TabletSnapshots;
  #last: LastRow | undefined;

  constructor(out: JsonChunks, snapshots: TabletSnapshots) {
    this.#out = out;
    this.#snapshots = snapshots;
  }

  /** `"<tablet>":{...}`, with a comma before it unless it is the first. */
  writeEntry(at: number): void {
    const out = this.#out;
    const { columns } = this.#snapshots;
    if (at > 0) out.add(',');
    const shape = columns.paths.shapeAt(at);
    if (typeof shape === 'string') {
      out.add(`"${columns.tabletIdAt(at)}":`);
      new SnapshotInfoWriter(out).write(this.#snapshots.at(at));
      return;
    }
    const row = this.#rowOf(columns.placeAt(at), shape);
    const tabletId = columns.tabletIdAt(at);
    row.set(0, tabletId);
    row.set(1, tabletId);
    row.set(2, columns.beIdAt(at));
    row.set(3, columns.paths.numberAt(at));
    row.addTo(out);
    addNames(out, this.#snapshots.namesAt(at));
  }

  #rowOf(place: SnapshotPlace, shape: TextShape): JsonRow {
    const last = this.#last;
    if (last?.place === place && last.shape === shape) return last.row;
    const pathHead = JSON.stringify(shape.head).slice(0, -1);
    const pathTail = JSON.stringify(shape.tail).slice(1);
    const row = new JsonRow([
      '"',
      `":{${placeJson(place)},"tabletId":`,
      ',"beId":',
      `,"schemaHash":${place.schemaHash},"path":${pathHead}`,
      `${pathTail},"files":[`,
    ]);
    this.#last = { place, shape, row };
    return row;
  }
}
