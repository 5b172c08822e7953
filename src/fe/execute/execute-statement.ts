/** Which executor runs which statement: the whole surface of the frontend in one table. */
import type { Op } from '../../base/op.ts';
import type { Statement, StatementKind } from '../../sql/ast.ts';
import type { Executor, FrontendContext, StatementResult } from '../frontend-context.ts';
import { requireStatementPrivileges } from '../privileges/statement-privileges.ts';
import type { Session } from '../session.ts';
import { describeTable } from '../show/describe.ts';
import { showGrants, showRoles, showUsers } from '../show/show-accounts.ts';
import { showBackends } from '../show/show-backends.ts';
import { showBroker } from '../show/show-broker.ts';
import { showCreateCatalog } from '../show/show-catalogs.ts';
import { showColumnJobs } from '../show/show-column-jobs.ts';
import { showColumns } from '../show/show-columns.ts';
import { setConfig, showConfig } from '../show/show-config.ts';
import { showCreateDatabase } from '../show/show-create-database.ts';
import { showCreateTable } from '../show/show-create-table.ts';
import { showData } from '../show/show-data.ts';
import { showDatabases } from '../show/show-databases.ts';
import { showDynamicPartitionTables } from '../show/show-dynamic-partition-tables.ts';
import { showFixed } from '../show/show-fixed.ts';
import { showFrontends } from '../show/show-frontends.ts';
import { showFunctions } from '../show/show-functions.ts';
import { showIndex } from '../show/show-index.ts';
import { showJobs } from '../show/show-jobs.ts';
import { showLoad, showTransaction } from '../show/show-loads.ts';
import { showMaterializedViews } from '../show/show-materialized-views.ts';
import { showPartitions } from '../show/show-partitions.ts';
import { showProc } from '../show/show-proc.ts';
import { showProcesslist } from '../show/show-processlist.ts';
import { showReplicaDistribution } from '../show/show-replica-distribution.ts';
import { showRepositories, showSnapshot } from '../show/show-repositories.ts';
import { showRollupJobs } from '../show/show-rollup-jobs.ts';
import { showTableStatus } from '../show/show-table-status.ts';
import { showTables } from '../show/show-tables.ts';
import { showTablet, showTablets } from '../show/show-tablet.ts';
import { showVariables } from '../show/show-variables.ts';
import {
  executeAlterUser,
  executeCreateRole,
  executeCreateUser,
  executeDropRole,
  executeDropUser,
  executeGrantRoles,
  executeRevokeRoles,
  executeSetDefaultRole,
  executeSetPassword,
  executeSetRole,
} from './accounts.ts';
import { executeAdminExecute } from './admin-execute.ts';
import { executeAdminBackend, executeFailpoint, showFailpoints } from './admin-failpoint.ts';
import { executeAlterBroker } from './alter-broker.ts';
import { executeAlterDatabase } from './alter-database.ts';
import { executeCreateSyncView } from './alter-rollup.ts';
import { executeAlterTable } from './alter-table.ts';
import { executeBackup } from './backup.ts';
import { executeCancelJob } from './cancel-job.ts';
import { executeCreateTableAsSelect, executeCreateTableLike } from './copy-table.ts';
import { executeCreateCatalog, executeDropCatalog } from './create-catalog.ts';
import { executeCreateDatabase } from './create-database.ts';
import { executeCreateFunction, executeDropFunction } from './create-function.ts';
import { executeCreateRepository } from './create-repository.ts';
import { executeCreateTable } from './create-table.ts';
import { executeAlterView, executeCreateView, executeDropView } from './create-view.ts';
import { executeDelete } from './delete.ts';
import { executeDropDatabase } from './drop-database.ts';
import { executeDropRepository } from './drop-repository.ts';
import { executeDropSnapshot } from './drop-snapshot.ts';
import { executeDropTable } from './drop-table.ts';
import { executeGrantPrivileges, executeRevokePrivileges } from './grant.ts';
import { executeInsert } from './insert.ts';
import { executeKill } from './kill.ts';
import {
  executeAlterMaterializedView,
  executeCreateMaterializedView,
  executeDropMaterializedView,
  executeRefreshMaterializedView,
} from './materialized-view.ts';
import { executeDeallocate, executeExecute, executePrepare } from './prepare.ts';
import { executeRestore } from './restore.ts';
import { executeSelect } from './select.ts';
import { executeNoEffect, executeSet, executeSetNames, executeSetTransaction } from './set.ts';
import { executeTruncateTable } from './truncate-table.ts';
import { executeUpdate } from './update.ts';
import { executeSetCatalog, executeUse } from './use.ts';
import { executeSetUserProperty, showUserProperty } from './user-property.ts';

const EXECUTORS: { readonly [K in StatementKind]: Executor<K> } = Object.freeze({
  'admin-execute': executeAdminExecute,
  'admin-failpoint': executeFailpoint,
  'admin-backend': executeAdminBackend,
  'admin-set-config': setConfig,
  'admin-show-config': showConfig,
  'admin-show-replica-distribution': showReplicaDistribution,
  'alter-broker': executeAlterBroker,
  'alter-materialized-view': executeAlterMaterializedView,
  'alter-database': executeAlterDatabase,
  'alter-table': executeAlterTable,
  'alter-view': executeAlterView,
  backup: executeBackup,
  'cancel-job': executeCancelJob,
  'create-database': executeCreateDatabase,
  'create-catalog': executeCreateCatalog,
  'create-function': executeCreateFunction,
  'create-materialized-view': executeCreateMaterializedView,
  'create-repository': executeCreateRepository,
  'create-sync-materialized-view': executeCreateSyncView,
  'create-table': executeCreateTable,
  'create-table-as-select': executeCreateTableAsSelect,
  'create-table-like': executeCreateTableLike,
  'create-view': executeCreateView,
  deallocate: executeDeallocate,
  delete: executeDelete,
  describe: describeTable,
  'drop-database': executeDropDatabase,
  'drop-catalog': executeDropCatalog,
  'drop-function': executeDropFunction,
  'drop-materialized-view': executeDropMaterializedView,
  'drop-repository': executeDropRepository,
  'drop-snapshot': executeDropSnapshot,
  'drop-table': executeDropTable,
  'drop-view': executeDropView,
  execute: executeExecute,
  insert: executeInsert,
  kill: executeKill,
  'no-effect': executeNoEffect,
  prepare: executePrepare,
  'refresh-materialized-view': executeRefreshMaterializedView,
  restore: executeRestore,
  select: executeSelect,
  set: executeSet,
  'set-names': executeSetNames,
  'set-transaction': executeSetTransaction,
  'show-backends': showBackends,
  'show-broker': showBroker,
  'show-columns': showColumns,
  'show-create-database': showCreateDatabase,
  'show-create-table': showCreateTable,
  'show-data': showData,
  'show-databases': showDatabases,
  'show-dynamic-partition-tables': showDynamicPartitionTables,
  'show-failpoints': showFailpoints,
  'show-fixed': showFixed,
  'show-frontends': showFrontends,
  'show-create-catalog': showCreateCatalog,
  'show-functions': showFunctions,
  'show-index': showIndex,
  'show-jobs': showJobs,
  'show-load': showLoad,
  'show-materialized-views': showMaterializedViews,
  'show-partitions': showPartitions,
  'show-repositories': showRepositories,
  'show-proc': showProc,
  'show-processlist': showProcesslist,
  'show-user-property': showUserProperty,
  'set-user-property': executeSetUserProperty,
  'set-catalog': executeSetCatalog,
  'show-column-jobs': showColumnJobs,
  'show-rollup-jobs': showRollupJobs,
  'show-snapshot': showSnapshot,
  'show-table-status': showTableStatus,
  'show-tables': showTables,
  'show-tablet': showTablet,
  'show-tablets': showTablets,
  'show-transaction': showTransaction,
  'show-variables': showVariables,
  'create-user': executeCreateUser,
  'alter-user': executeAlterUser,
  'drop-user': executeDropUser,
  'create-role': executeCreateRole,
  'drop-role': executeDropRole,
  'grant-privileges': executeGrantPrivileges,
  'revoke-privileges': executeRevokePrivileges,
  'grant-roles': executeGrantRoles,
  'revoke-roles': executeRevokeRoles,
  'set-role': executeSetRole,
  'set-default-role': executeSetDefaultRole,
  'set-password': executeSetPassword,
  'show-grants': showGrants,
  'show-roles': showRoles,
  'show-users': showUsers,
  'truncate-table': executeTruncateTable,
  update: executeUpdate,
  use: executeUse,
});

export function* executeStatement(
  frontend: FrontendContext,
  session: Session,
  statement: Statement,
): Op<StatementResult> {
  // The table pairs each kind with its own executor; the compiler cannot follow that through a key.
  const execute = EXECUTORS[statement.kind] as Executor<StatementKind>;
  frontend.events.emit('statement', { kind: statement.kind, connection: session.connectionId });
  requireStatementPrivileges(frontend, session, statement);
  return yield* execute(frontend, session, statement);
}
