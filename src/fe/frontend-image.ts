/** The whole state of a frontend as one JSON text, and back (design.md 5). */

import { SimError } from '../base/errors.ts';
import { decodeCatalog, encodeCatalog } from '../catalog/codec.ts';
import type { JsonText } from '../catalog/json-chunks.ts';
import type { Catalog, Database } from '../catalog/model.ts';
import type { CommitRecord } from '../catalog/records.ts';
import type { BackupHandler } from '../jobs/backup-handler.ts';
import type { RepositoryMgr } from '../repository/repository-mgr.ts';
import type { Brokers } from './brokers.ts';
import type { CommitPublisher } from './commit-publisher.ts';
import type { LoggedIdSource } from './id-source.ts';
import type { LoadHistory } from './load-history.ts';
import type { LoadLabels } from './load-labels.ts';
import type { Accounts } from './privileges/accounts.ts';
import { fieldOf, frontendRecordCodec, numberField } from './records.ts';
import type { GlobalVariables } from './variables.ts';

/** What the image holds, each encoded by its owner. */
export interface FrontendState {
  readonly catalog: Catalog;
  readonly repositories: RepositoryMgr;
  readonly brokers: Brokers;
  readonly handler: BackupHandler;
  readonly ids: LoggedIdSource;
  readonly globals: GlobalVariables;
  readonly accounts: Accounts;
  readonly labels: LoadLabels;
  readonly loadHistory: LoadHistory;
  readonly publisher: CommitPublisher;
}

/** As of the call: what a restore does to the catalog while the text is written is not in it. */
export function encodeFrontendImage(state: FrontendState): JsonText {
  return encoded({ ...state, catalog: standing(state.catalog) });
}

function standing({ databases, databaseIds, externalCatalogs }: Catalog): Catalog {
  const copies = [...databases].map(([id, database]) => [id, standingDatabase(database)] as const);
  return {
    databases: new Map(copies),
    databaseIds: new Map(databaseIds),
    externalCatalogs: new Map(externalCatalogs),
  };
}

function standingDatabase(database: Database): Database {
  const { tables, tableIds, views, functions, autoIncrementIds } = database;
  return {
    ...database,
    tables: new Map(tables),
    tableIds: new Map(tableIds),
    views: new Map(views),
    functions: new Map(functions),
    autoIncrementIds: new Map(autoIncrementIds),
    rollupJobs: [...database.rollupJobs],
    schemaChangeJobs: [...database.schemaChangeJobs],
  };
}

function* encoded(state: FrontendState): JsonText {
  yield '{"catalog":';
  yield* encodeCatalog(state.catalog);
  yield `,"repositories":${JSON.stringify(state.repositories.encodeImage())}`;
  yield `,"brokers":${JSON.stringify(state.brokers.encodeImage())}`;
  yield ',"jobs":';
  yield* state.handler.encodeImage();
  yield `,"nextId":${state.ids.reserved}`;
  yield `,"globals":${JSON.stringify(Object.fromEntries(state.globals.changed()))}`;
  yield `,"accounts":${JSON.stringify(state.accounts.encodeImage())}`;
  yield `,"labels":${JSON.stringify(state.labels.all())}`;
  yield `,"loads":${JSON.stringify(state.loadHistory.all())}`;
  yield ',"unconfirmed":[';
  let separator = '';
  for (const record of state.publisher.unconfirmed()) {
    yield separator;
    yield* frontendRecordCodec.encode(record);
    separator = ',';
  }
  yield ']}';
}

/** Fills an empty state. `edit-log-damaged` for anything that `encodeFrontendImage` does not make. */
export function loadFrontendImage(state: FrontendState, image: unknown): void {
  const catalog = decodeCatalog(fieldOf(image, 'catalog'));
  for (const [id, database] of catalog.databases) state.catalog.databases.set(id, database);
  for (const [name, id] of catalog.databaseIds) state.catalog.databaseIds.set(name, id);
  for (const [name, one] of catalog.externalCatalogs) {
    state.catalog.externalCatalogs.set(name, one);
  }
  state.repositories.loadImage(fieldOf(image, 'repositories'));
  state.brokers.loadImage(fieldOf(image, 'brokers'));
  state.handler.loadImage(fieldOf(image, 'jobs'));
  state.ids.apply({ op: 'OP_SAVE_NEXTID', nextId: numberField(image, 'nextId') });
  for (const [name, value] of Object.entries(objectField(image, 'globals'))) {
    state.globals.set(name, String(value));
  }
  state.accounts.loadImage(fieldOf(image, 'accounts'));
  state.labels.load(listField(image, 'labels'));
  state.loadHistory.load(fieldOf(image, 'loads'));
  for (const body of listField(image, 'unconfirmed')) {
    const record = frontendRecordCodec.decode('OP_UPSERT_TRANSACTION_STATE_V2', body);
    state.publisher.apply(record as CommitRecord);
  }
}

function objectField(body: unknown, key: string): object {
  const value = fieldOf(body, key);
  if (typeof value === 'object' && value !== null) return value;
  throw new SimError('edit-log-damaged', `image: ${key} is not an object`);
}

function listField(body: unknown, key: string): readonly unknown[] {
  const value = fieldOf(body, key);
  if (Array.isArray(value)) return value;
  throw new SimError('edit-log-damaged', `image: ${key} is not a list`);
}
