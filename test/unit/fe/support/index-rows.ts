/** Looks at an index of a table, past the queries, which read the base index alone. */
import { asId, type BackendId, type TabletId } from '../../../../src/base/ids.ts';
import type { Op } from '../../../../src/base/op.ts';
import type { OlapTable } from '../../../../src/catalog/model.ts';
import { allPartitions } from '../../../../src/catalog/table-lookup.ts';
import { tabletsOf } from '../../../../src/catalog/tablet-columns.ts';
import type { World } from './world.ts';

/** A table of database `d`. */
export function tableOf(at: World, name: string): OlapTable {
  const { catalog } = at.context;
  const database = catalog.databases.get(catalog.databaseIds.get('d') ?? asId(0));
  const found = [...(database?.tables.values() ?? [])].find((one) => one.name === name);
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
}

/** The rows of one index, as its backends merge them; every replica is read, one is answered. */
export function rowsOf(at: World, name: string, table = 't'): string[] {
  const { backends } = at.context;
  const found = tableOf(at, table);
  const meta = found.indexMetas.find((one) => one.name === name);
  if (meta === undefined) throw new Error(`no index ${name}`);
  return at.clock.run(
    (function* (): Op<string[]> {
      const rows: string[] = [];
      for (const { physical } of allPartitions(found)) {
        for (const one of physical) {
          const index = one.indexes.find(({ indexId }) => indexId === meta.indexId);
          if (index === undefined) throw new Error('the index is not in every partition');
          for (const { tabletId, replicas } of tabletsOf(index.tablets)) {
            for (const { backendId } of replicas) {
              const { rowCount, columns } = yield* backends
                .link(asId<BackendId>(backendId))
                .scanTablet({ tabletId: asId<TabletId>(tabletId), version: one.visibleVersion });
              if (backendId !== replicas[0]?.backendId) continue;
              for (let row = 0; row < rowCount; row += 1) {
                rows.push(columns.map((column) => String(column[row])).join('|'));
              }
            }
          }
        }
      }
      return rows.sort();
    })(),
  );
}
