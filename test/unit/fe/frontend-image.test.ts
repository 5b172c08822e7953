/** An image is the state of one moment, however long it takes to write. */
import { expect, test } from 'vitest';
import { removeTable } from '../../../src/catalog/apply.ts';
import type { Database } from '../../../src/catalog/model.ts';
import { encodeFrontendImage, type FrontendState } from '../../../src/fe/frontend-image.ts';
import { smallWorld } from './support/world.ts';

test('what a restore changes while it is written is not in it', () => {
  const world = smallWorld();
  world.run('CREATE VIEW d.v AS SELECT 1 AS one');
  world.run(`CREATE FUNCTION d.f(INT) RETURNS INT
    PROPERTIES ('symbol' = 's', 'file' = 'http://host/f.jar', 'type' = 'StarrocksJar')`);
  world.run("CREATE EXTERNAL CATALOG lake PROPERTIES ('type' = 'hive')");
  const { context } = world.cluster.frontend;
  const { catalog, repositories, brokers, handler, globals, accounts } = context;
  const { labels, loadHistory, publisher } = context;
  const ids = { reserved: 12_000 } as FrontendState['ids'];
  const state: FrontendState = {
    catalog,
    repositories,
    brokers,
    handler,
    ids,
    globals,
    accounts,
    labels,
    loadHistory,
    publisher,
  };
  const before = [...encodeFrontendImage(state)].join('');
  const chunks = encodeFrontendImage(state)[Symbol.iterator]();
  const first = chunks.next().value;
  const [database]: readonly Database[] = [...catalog.databases.values()];
  if (database === undefined) throw new Error('no database');
  for (const table of [...database.tables.values()]) removeTable(catalog, database.id, table.id);
  for (const changed of [database.views, database.functions, catalog.externalCatalogs]) {
    expect(changed.size).toBe(1);
    changed.clear();
  }
  const rest: unknown[] = [first];
  for (let next = chunks.next(); next.done !== true; next = chunks.next()) rest.push(next.value);
  expect(rest.join('')).toBe(before);
});
