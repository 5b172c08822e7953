/**
 * SHOW statements whose answer hardly depends on the cluster: what MySQL clients ask for after
 * connecting (sql-surface.md 4.10, 8).
 */
import type { Op } from '../../base/op.ts';
import type { Row } from '../../base/row-stream.ts';
import type { ShowFixed } from '../../sql/ast.ts';
import {
  type Executor,
  type FrontendContext,
  type StatementResult,
  showResult,
} from '../frontend-context.ts';
import { catalogRows } from './show-catalogs.ts';
import { filterShown } from './show-filter.ts';

const LEVELS = ['Level', 'Code', 'Message'];
const VARIABLES = ['Variable_name', 'Value'];
const OBJECT_COLLATION = ['character_set_client', 'collation_connection', 'Database Collation'];

const HEADERS: Readonly<Record<ShowFixed, readonly string[]>> = {
  WARNINGS: LEVELS,
  ERRORS: LEVELS,
  STATUS: VARIABLES,
  ENGINES: ['Engine', 'Support', 'Comment', 'Transactions', 'XA', 'Savepoints'],
  CHARSET: ['Charset', 'Description', 'Default collation', 'Maxlen'],
  COLLATION: ['Collation', 'Charset', 'Id', 'Default', 'Compiled', 'Sortlen'],
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
  _session,
  { what, tail },
): Op<StatementResult> {
  const shown = filterShown({ names: HEADERS[what], rows: rowsOf(frontend, what) }, tail);
  return showResult(shown.names, shown.rows);
};

function rowsOf(frontend: FrontendContext, what: ShowFixed): readonly Row[] {
  switch (what) {
    case 'ENGINES':
      return [['OLAP', 'YES', 'Default storage engine of StarRocks', 'NO', 'NO', 'NO']];
    case 'CHARSET':
      return [['utf8', 'UTF-8 Unicode', 'utf8_general_ci', '3']];
    case 'COLLATION':
      return [['utf8_general_ci', 'utf8', '33', 'Yes', 'Yes', '1']];
    case 'CATALOGS':
      return catalogRows(frontend);
    default:
      return [];
  }
}
