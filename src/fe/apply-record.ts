/** Hands a record of the edit log to the part of the state that it changes (design.md 5). */
import { applyCatalogRecord } from '../catalog/apply.ts';
import { isBrokerRecord } from './brokers.ts';
import type { FrontendContext } from './frontend-context.ts';
import type { FrontendState } from './frontend-image.ts';
import { type FrontendRecord, isAccountRecord } from './records.ts';

/** The one function that changes the state, on the leader after the sync and at replay. */
export function applyRecord(
  state: FrontendState,
  { loads, autoIncrement }: Pick<FrontendContext, 'loads' | 'autoIncrement'>,
  record: FrontendRecord,
): void {
  if (isAccountRecord(record)) {
    state.accounts.apply(record);
    return;
  }
  if (isBrokerRecord(record)) {
    state.brokers.apply(record);
    return;
  }
  switch (record.op) {
    case 'OP_BACKUP_JOB_V2':
      state.handler.apply(record);
      return;
    case 'OP_RESTORE_JOB_V2':
      state.handler.apply(record);
      state.publisher.forgetBeyondVisible();
      return;
    case 'OP_CREATE_REPOSITORY_V2':
    case 'OP_DROP_REPOSITORY':
      state.repositories.apply(record);
      return;
    case 'OP_SAVE_NEXTID':
      state.ids.apply(record);
      return;
    case 'OP_GLOBAL_VARIABLE_V2':
      state.globals.set(record.name, record.value);
      return;
    case 'OP_UPSERT_TRANSACTION_STATE_V2':
      applyCatalogRecord(state.catalog, record);
      state.publisher.apply(record);
      state.labels.apply(record);
      state.loadHistory.apply(record);
      loads.apply(record);
      return;
    case 'OP_INSERT_OVERWRITE_STATE_CHANGE':
      applyCatalogRecord(state.catalog, record);
      state.publisher.apply(record.commit);
      state.labels.apply(record.commit);
      state.loadHistory.apply(record.commit);
      return;
    case 'OP_SAVE_AUTO_INCREMENT_ID':
      applyCatalogRecord(state.catalog, record);
      autoIncrement.apply(record);
      return;
    case 'OP_DROP_DB':
      applyCatalogRecord(state.catalog, record);
      state.labels.forget(record.dbId);
      state.loadHistory.forget(record.dbId);
      return;
    default:
      applyCatalogRecord(state.catalog, record);
  }
}
