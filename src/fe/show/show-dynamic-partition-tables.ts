/** SHOW DYNAMIC PARTITION TABLES: those with the properties, switched on or off (4.10). */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import type { OlapTable } from '../../catalog/model.ts';
import { type Executor, type StatementResult, showResult } from '../frontend-context.ts';
import { relationFilter } from '../privileges/visible-objects.ts';
import { databaseOf } from '../resolve.ts';
import { filterShown } from './show-filter.ts';

const COLUMNS = [
  'TableName',
  'Enable',
  'TimeUnit',
  'Start',
  'End',
  'Prefix',
  'Buckets',
  'ReplicationNum',
  'StartOf',
  'LastUpdateTime',
  'LastSchedulerTime',
  'State',
  'LastCreatePartitionMsg',
  'LastDropPartitionMsg',
  'InScheduler',
];

/** When the scheduler last came by is not kept: neither by us nor over a restart by StarRocks. */
const NEVER = 'N/A';

export const showDynamicPartitionTables: Executor<'show-dynamic-partition-tables'> = function* (
  frontend,
  session,
  { database: name, tail },
): Op<StatementResult> {
  const database = databaseOf(frontend, session, name);
  const isShown = relationFilter(frontend, session);
  const rows = [...database.tables.values()]
    .filter((table) => table.properties.has('dynamic_partition.enable') && isShown(database, table))
    .map(rowOf);
  const shown = filterShown({ names: COLUMNS, rows }, tail);
  return showResult(shown.names, shown.rows);
};

function rowOf(table: OlapTable): Row {
  const value = (key: string, otherwise = ''): string =>
    table.properties.get(`dynamic_partition.${key}`) ?? otherwise;
  const isOn = value('enable') === 'true';
  return [
    table.name,
    value('enable'),
    value('time_unit'),
    value('start', '-2147483648'),
    value('end'),
    value('prefix', 'p'),
    value('buckets', '0'),
    value('replication_num', table.properties.get('replication_num') ?? ''),
    startOf(value('time_unit'), value),
    NEVER,
    NEVER,
    'NORMAL',
    NEVER,
    NEVER,
    String(isOn),
  ];
}

function startOf(unit: string, value: (key: string, otherwise?: string) => string): string {
  if (unit === 'WEEK') return `DAY ${value('start_day_of_week', '1')} of WEEK`;
  return unit === 'MONTH' ? `DAY ${value('start_day_of_month', '1')} of MONTH` : 'N/A';
}
