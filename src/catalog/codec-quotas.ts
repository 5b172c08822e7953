/** JSON of a database's quotas: what was not set is left out. */
import type { JsonCursor } from './json-cursor.ts';
import type { Database } from './model.ts';

export function decodeQuotas(json: JsonCursor): Pick<Database, 'dataQuotaBytes' | 'replicaQuota'> {
  const dataQuotaBytes = json.optional('dataQuotaBytes')?.integer();
  const replicaQuota = json.optional('replicaQuota')?.integer();
  return {
    ...(dataQuotaBytes === undefined ? {} : { dataQuotaBytes }),
    ...(replicaQuota === undefined ? {} : { replicaQuota }),
  };
}
