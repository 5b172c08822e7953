/**
 * SHOW statements whose answer hardly depends on the cluster: what MySQL clients ask for after
 * connecting (sql-surface.md 4.10, 8).
 */
import type { Op } from '../../base/op.ts';
import { type ResultColumn, type Row, rowStreamOf } from '../../base/row-stream.ts';
import type { ShowFixed } from '../../sql/ast.ts';
import {
  type Executor,
  type FrontendContext,
  SHOW_TYPE,
  type StatementResult,
} from '../frontend-context.ts';
import type { Session } from '../session.ts';
import { catalogRows } from './show-catalogs.ts';
import { filterShown } from './show-filter.ts';

const LEVELS = ['Level', 'Code', 'Message'];
const VARIABLES = ['Variable_name', 'Value'];
const OBJECT_COLLATION = ['character_set_client', 'collation_connection', 'Database Collation'];

/** The only character set, its only collation, the only engine. */
export const UTF8 = { name: 'utf8', description: 'UTF-8 Unicode', bytesMax: 3 } as const;
export const UTF8_COLLATION = { name: 'utf8_general_ci', id: 33n } as const;
export const ENGINE_ROWS: readonly Row[] = [
  ['OLAP', 'YES', 'Default storage engine of StarRocks', 'NO', 'NO', 'NO'],
];

/** Columns by name; those that are numbers end with their type. */
const HEADERS: Readonly<Record<ShowFixed, readonly string[]>> = {
  WARNINGS: LEVELS,
  ERRORS: LEVELS,
  STATUS: VARIABLES,
  ENGINES: ['Engine', 'Support', 'Comment', 'Transactions', 'XA', 'Savepoints'],
  CHARSET: ['Charset', 'Description', 'Default collation', 'Maxlen'],
  COLLATION: ['Collation', 'Charset', 'Id BIGINT', 'Default', 'Compiled', 'Sortlen BIGINT'],
  'OPEN TABLES': ['Database', 'Table', 'In_use', 'Name_locked'],
  'STORAGE VOLUMES': ['Storage Volume'],
  'COMPUTE NODES': [
    'ComputeNodeId',
    'IP',
    'HeartbeatPort',
    'BePort',
    'HttpPort',
    'BrpcPort',
    'LastStartTime',
    'LastHeartbeat',
    'Alive',
    'SystemDecommissioned',
    'ClusterDecommissioned',
    'ErrMsg',
    'Version',
  ],
  PLUGINS: [
    'Name',
    'Type',
    'Description',
    'Version',
    'JavaVersion',
    'ClassName',
    'SoName',
    'Sources',
    'Status',
    'Properties',
  ],
  PRIVILEGES: ['Privilege', 'Context', 'Comment'],
  CATALOGS: ['Catalog', 'Type', 'Comment'],
  TRIGGERS: [
    'Trigger',
    'Event',
    'Table',
    'Statement',
    'Timing',
    'Created',
    'sql_mode',
    'Definer',
    ...OBJECT_COLLATION,
  ],
  EVENTS: [
    'Db',
    'Name',
    'Definer',
    'Time',
    'Type',
    'Execute at',
    'Interval value',
    'Interval field',
    'Status',
    'Ends',
    'Status',
    'Originator',
    ...OBJECT_COLLATION,
  ],
  'PROCEDURE STATUS': [
    'Db',
    'Name',
    'Type',
    'Definer',
    'Modified',
    'Created',
    'Security_type',
    'Comment',
    ...OBJECT_COLLATION,
  ],
  'FUNCTION STATUS': [
    'Db',
    'Name',
    'Type',
    'Definer',
    'Modified',
    'Created',
    'Security_type',
    'Comment',
    ...OBJECT_COLLATION,
  ],
};

export const showFixed: Executor<'show-fixed'> = function* (
  frontend,
  session,
  { what, tail },
): Op<StatementResult> {
  const columns = HEADERS[what].map(columnOf);
  const names = columns.map(({ name }) => name);
  const { rows } = filterShown({ names, rows: rowsOf(frontend, session, what) }, tail);
  return { kind: 'rows', ...rowStreamOf(columns, rows) };
};

const NUMBER = ' BIGINT';

function columnOf(header: string): ResultColumn {
  if (!header.endsWith(NUMBER)) return { name: header, type: SHOW_TYPE };
  return { name: header.slice(0, -NUMBER.length), type: { name: 'BIGINT' } };
}

function rowsOf(frontend: FrontendContext, session: Session, what: ShowFixed): readonly Row[] {
  switch (what) {
    case 'WARNINGS':
    case 'ERRORS': {
      const { lastError } = session;
      if (lastError === undefined || !frontend.options.profile.warningsTellLastError) return [];
      return [['Error', String(lastError.row.mysql), lastError.message]];
    }
    case 'ENGINES':
      return ENGINE_ROWS;
    case 'CHARSET':
      return [[UTF8.name, UTF8.description, UTF8_COLLATION.name, String(UTF8.bytesMax)]];
    case 'COLLATION':
      return [[UTF8_COLLATION.name, UTF8.name, UTF8_COLLATION.id, 'Yes', 'Yes', 1n]];
    case 'CATALOGS':
      return catalogRows(frontend);
    default:
      return [];
  }
}
