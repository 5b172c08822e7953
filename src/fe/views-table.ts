/** information_schema.views: the logical views and their queries (sql-surface.md 4.11). */
import type { SystemTable } from './system-table.ts';

export const VIEWS: SystemTable = {
  columns: [
    ['TABLE_CATALOG', 'VARCHAR'],
    ['TABLE_SCHEMA', 'VARCHAR'],
    ['TABLE_NAME', 'VARCHAR'],
    ['VIEW_DEFINITION', 'VARCHAR'],
    ['CHECK_OPTION', 'VARCHAR'],
    ['IS_UPDATABLE', 'VARCHAR'],
    ['DEFINER', 'VARCHAR'],
    ['SECURITY_TYPE', 'VARCHAR'],
    ['CHARACTER_SET_CLIENT', 'VARCHAR'],
    ['COLLATION_CONNECTION', 'VARCHAR'],
  ],
  rows: (frontend) =>
    [...frontend.catalog.databases.values()].flatMap((database) =>
      [...database.views.values()].map((view) => [
        'def',
        database.name,
        view.name,
        view.definition,
        'NONE',
        'NO',
        '',
        '',
        'utf8',
        'utf8_general_ci',
      ]),
    ),
};
