/** Tables of information_schema about the server: engines, character sets, variables (4.11). */
import type { TypeName } from '../base/sql-type.ts';
import type { Session } from './session.ts';
import { ENGINE_ROWS, UTF8, UTF8_COLLATION } from './show/show-fixed.ts';
import type { SystemTable } from './system-table.ts';
import { VARIABLE_ROWS, variableText } from './variables.ts';

const texts = (names: string): readonly (readonly [string, TypeName])[] =>
  names.split(' ').map((name) => [name, 'VARCHAR']);

const variables = (scope: 'session' | 'global'): SystemTable => ({
  columns: texts('VARIABLE_NAME VARIABLE_VALUE'),
  rows: (_frontend, session: Session) =>
    Object.entries(VARIABLE_ROWS).map(([name, row]) => [
      name,
      variableText(row, session.variable(scope, name)),
    ]),
});

export const SERVER_TABLES: Readonly<Record<string, SystemTable>> = {
  character_sets: {
    columns: [
      ...texts('CHARACTER_SET_NAME DEFAULT_COLLATE_NAME DESCRIPTION'),
      ['MAXLEN', 'BIGINT'],
    ],
    rows: () => [[UTF8.name, UTF8_COLLATION.name, UTF8.description, BigInt(UTF8.bytesMax)]],
  },
  collations: {
    columns: [
      ...texts('COLLATION_NAME CHARACTER_SET_NAME'),
      ['ID', 'BIGINT'],
      ...texts('IS_DEFAULT IS_COMPILED'),
      ['SORTLEN', 'BIGINT'],
    ],
    rows: () => [[UTF8_COLLATION.name, UTF8.name, UTF8_COLLATION.id, 'Yes', 'Yes', 1n]],
  },
  engines: {
    columns: texts('ENGINE SUPPORT COMMENT TRANSACTIONS XA SAVEPOINTS'),
    rows: () => ENGINE_ROWS,
  },
  global_variables: variables('global'),
  session_variables: variables('session'),
};
