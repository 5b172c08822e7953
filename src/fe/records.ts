/**
 * Everything the edit log can hold, and the codec that turns each record into JSON and back by
 * handing it to its owner's.
 */

import { asSimError, SimError } from '../base/errors.ts';
import {
  CATALOG_OPS,
  decodeCatalogRecord,
  encodeCatalogRecord,
  isCatalogOp,
} from '../catalog/codec-records.ts';
import type { JsonText } from '../catalog/json-chunks.ts';
import type { CatalogRecord } from '../catalog/records.ts';
import { decodeJobRecord, encodeJobRecord } from '../jobs/job-codec.ts';
import type { JobRecord } from '../jobs/records.ts';
import {
  decodeRepositoryRecord,
  encodeRepositoryRecord,
  type RepositoryRecord,
} from '../repository/records.ts';
import {
  BROKER_OPS,
  type BrokerRecord,
  decodeBrokerRecord,
  encodeBrokerRecord,
  isBrokerOp,
  isBrokerRecord,
} from './brokers.ts';
import type { RecordCodec } from './edit-log-options.ts';
import type { NextIdRecord } from './id-source.ts';
import {
  ACCOUNT_OPS,
  type AccountRecord,
  decodeAccountRecord,
  encodeAccountRecord,
  isAccountOp,
} from './privileges/account-records.ts';

/** SET GLOBAL. */
export interface GlobalVariableRecord {
  readonly op: 'OP_GLOBAL_VARIABLE_V2';
  readonly name: string;
  readonly value: string;
}

export type FrontendRecord =
  | CatalogRecord
  | RepositoryRecord
  | JobRecord
  | AccountRecord
  | BrokerRecord
  | NextIdRecord
  | GlobalVariableRecord;

/** Every operation there is. */
export const FRONTEND_OPS: readonly FrontendRecord['op'][] = [
  ...CATALOG_OPS,
  ...ACCOUNT_OPS,
  ...BROKER_OPS,
  'OP_CREATE_REPOSITORY_V2',
  'OP_DROP_REPOSITORY',
  'OP_BACKUP_JOB_V2',
  'OP_RESTORE_JOB_V2',
  'OP_SAVE_NEXTID',
  'OP_GLOBAL_VARIABLE_V2',
];

export const frontendRecordCodec: RecordCodec<FrontendRecord> = Object.freeze({
  opOf: (record: FrontendRecord): string => record.op,
  encode(record: FrontendRecord): JsonText {
    if (isAccountRecord(record)) return [JSON.stringify(encodeAccountRecord(record))];
    if (isBrokerRecord(record)) return [JSON.stringify(encodeBrokerRecord(record))];
    switch (record.op) {
      case 'OP_BACKUP_JOB_V2':
      case 'OP_RESTORE_JOB_V2':
        return encodeJobRecord(record);
      case 'OP_CREATE_REPOSITORY_V2':
      case 'OP_DROP_REPOSITORY':
        return [JSON.stringify(encodeRepositoryRecord(record))];
      case 'OP_SAVE_NEXTID':
        return [JSON.stringify({ nextId: record.nextId })];
      case 'OP_GLOBAL_VARIABLE_V2':
        return [JSON.stringify({ name: record.name, value: record.value })];
      default:
        return encodeCatalogRecord(record);
    }
  },
  decode(op: string, body: unknown): FrontendRecord {
    try {
      return decode(op, body);
    } catch (error) {
      const known = asSimError(error);
      throw new SimError('edit-log-damaged', `record ${op}: ${known.message}`, { cause: error });
    }
  },
});

function decode(op: string, body: unknown): FrontendRecord {
  switch (op) {
    case 'OP_BACKUP_JOB_V2':
    case 'OP_RESTORE_JOB_V2':
      return decodeJobRecord(op, body);
    case 'OP_CREATE_REPOSITORY_V2':
    case 'OP_DROP_REPOSITORY':
      return decodeRepositoryRecord(body);
    case 'OP_SAVE_NEXTID':
      return { op, nextId: numberField(body, 'nextId') };
    case 'OP_GLOBAL_VARIABLE_V2':
      return { op, name: stringField(body, 'name'), value: stringField(body, 'value') };
    default:
      if (isAccountOp(op)) return decodeAccountRecord(op, body);
      if (isBrokerOp(op)) return decodeBrokerRecord(op, body);
      if (isCatalogOp(op)) return decodeCatalogRecord(op, body);
      throw new SimError('edit-log-damaged', `unknown operation ${op}`, {
        hint: 'was the data directory written by a newer version?',
      });
  }
}

export function isAccountRecord(record: FrontendRecord): record is AccountRecord {
  return isAccountOp(record.op);
}

export function fieldOf(body: unknown, key: string): unknown {
  if (typeof body !== 'object' || body === null) return undefined;
  return (body as Readonly<Record<string, unknown>>)[key];
}

export function numberField(body: unknown, key: string): number {
  const value = fieldOf(body, key);
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new SimError('edit-log-damaged', `${key} is not a whole number`);
}

export function stringField(body: unknown, key: string): string {
  const value = fieldOf(body, key);
  if (typeof value === 'string') return value;
  throw new SimError('edit-log-damaged', `${key} is not a text`);
}
