/** After a restart: removes rowset files that a crash left and no record names. */
import type { TabletId } from '../base/ids.ts';
import { asId } from '../base/ids.ts';
import type { Op } from '../base/op.ts';
import { dataRoot, type Engine } from './engine.ts';

/** Answers how many files and directories were removed. */
export function* sweepOrphans(engine: Engine): Op<number> {
  const { files } = engine;
  const root = dataRoot(engine.dataDir);
  const named = namedFiles(engine);
  let removed = 0;
  for (const { name } of yield* files.list(root)) {
    const known = named.get(asId<TabletId>(Number(name)));
    if (known === undefined || known.names.size === 0) {
      yield* files.remove(`${root}/${name}`);
      removed += 1;
      continue;
    }
    const directory = `${root}/${name}/${known.schemaHash}`;
    for (const file of yield* files.list(directory)) {
      if (known.names.has(file.name)) continue;
      yield* files.remove(`${directory}/${file.name}`);
      removed += 1;
    }
  }
  return removed;
}

interface NamedFiles {
  readonly schemaHash: number;
  readonly names: Set<string>;
}

function namedFiles({ state }: Engine): ReadonlyMap<TabletId, NamedFiles> {
  const named = new Map<TabletId, NamedFiles>();
  for (const { tabletId, schema, rowsets } of state.tablets.values()) {
    const names = new Set(rowsets.flatMap(({ files }) => files.map(({ name }) => name)));
    named.set(tabletId, { schemaHash: schema.schemaHash, names });
  }
  for (const tablets of state.staged.values()) {
    for (const [tabletId, { batches }] of tablets) {
      for (const batch of batches) {
        if (!('rowset' in batch)) continue;
        for (const { name } of batch.rowset.files) named.get(tabletId)?.names.add(name);
      }
    }
  }
  return named;
}
