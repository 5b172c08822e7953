/** JSON of a table's secondary indexes, with the keys of StarRocks' gson form (TableIndexes). */
import type { JsonCursor } from './json-cursor.ts';
import { TABLE_INDEX_TYPES, type TableIndex } from './model.ts';

export function tableIndexesJson(indexes: readonly TableIndex[] | undefined): unknown {
  return indexes?.map(({ name, columns, type, properties, comment }) => ({
    indexName: name,
    columns,
    indexType: type,
    comment,
    properties: Object.fromEntries(properties),
  }));
}

export function decodeTableIndexes(json: JsonCursor | undefined): {
  readonly indexes?: readonly TableIndex[];
} {
  if (json === undefined) return {};
  const indexes = json.items().map((one) =>
    Object.freeze({
      name: one.field('indexName').text(),
      columns: one
        .field('columns')
        .items()
        .map((column) => column.text()),
      type: one.field('indexType').oneOf(TABLE_INDEX_TYPES),
      comment: one.optional('comment')?.text() ?? '',
      properties: new Map(
        (one.optional('properties')?.entries() ?? []).map(([key, value]) => [key, value.text()]),
      ),
    }),
  );
  return { indexes };
}
