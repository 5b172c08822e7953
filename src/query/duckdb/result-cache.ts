/**
 * Small results of late, by the SQL that gave them. That names every file with the version that is
 * wanted of it, and files never change under their names: equal texts have equal answers, until a
 * load, move or restore brings other files. Tablets are opened and checked before anyone looks.
 */

import type { Op } from '../../base/op.ts';
import type { ResultColumn, Row, RowStream } from '../../base/row-stream.ts';
import { rowStreamOf } from '../../base/row-stream.ts';
import { KIB, MIB } from '../../base/units.ts';

/** Larger results, and those of longer texts, are not kept. */
export const RESULT_BYTES_MAX: number = 256 * KIB;
/** The results that were asked for longest ago go first. */
const CACHE_BYTES_MAX: number = 16 * MIB;
/** What a row and a cell take beside their texts. */
const ROW_BYTES = 48;
const CELL_BYTES = 16;

interface Kept {
  readonly rows: readonly Row[];
  readonly sizeBytes: number;
}

export class ResultCache {
  readonly #kept = new Map<string, Kept>();
  #sizeBytes = 0;

  /** The result, if it is here. */
  stream(sql: string, columns: readonly ResultColumn[]): RowStream | undefined {
    const kept = this.#kept.get(sql);
    if (kept === undefined) return undefined;
    this.#kept.delete(sql);
    this.#kept.set(sql, kept);
    return rowStreamOf(columns, kept.rows);
  }

  /** The stream, whose rows are kept if it is read to its end and they are few. */
  keeping(sql: string, stream: RowStream): RowStream {
    const rows: Row[] = [];
    let sizeBytes = sql.length;
    const take = (batch: readonly Row[]): void => {
      for (const row of batch) {
        if (sizeBytes > RESULT_BYTES_MAX) return;
        sizeBytes += sizeOf(row);
        rows.push(row);
      }
    };
    const cache = this;
    return {
      columns: stream.columns,
      *next(): Op<readonly Row[] | undefined> {
        const batch = yield* stream.next();
        if (batch !== undefined) take(batch);
        else if (sizeBytes <= RESULT_BYTES_MAX) cache.#keep(sql, { rows, sizeBytes });
        return batch;
      },
      close: () => stream.close(),
    };
  }

  #keep(sql: string, kept: Kept): void {
    this.#forget(sql);
    this.#kept.set(sql, kept);
    this.#sizeBytes += kept.sizeBytes;
    for (const oldest of this.#kept.keys()) {
      if (this.#sizeBytes <= CACHE_BYTES_MAX) break;
      this.#forget(oldest);
    }
  }

  #forget(sql: string): void {
    this.#sizeBytes -= this.#kept.get(sql)?.sizeBytes ?? 0;
    this.#kept.delete(sql);
  }
}

function sizeOf(row: Row): number {
  let sizeBytes = ROW_BYTES;
  for (const cell of row) {
    const isLong = typeof cell === 'string' || cell instanceof Uint8Array;
    sizeBytes += CELL_BYTES + (isLong ? cell.length * 2 : 0);
  }
  return sizeBytes;
}
