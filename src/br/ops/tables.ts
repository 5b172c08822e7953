/**
 * The tables of the ops database. The first five are upstream's, column by column
 * (starrocks-br-client.md 8), so that both tools can work on one cluster; nothing is added to them.
 * What else there is to know stands in tables of our own, `br_...` (br-cli.md 5.2).
 */

export interface OpsTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Everything after the table's name. */
  readonly definition: string;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly comment?: string;
}

function layout(
  columns: readonly Column[],
  key: string,
  comment: string,
  distribution: string | undefined,
): Omit<OpsTable, 'name'> {
  const lines = columns.map(({ name, type, comment: about }) => {
    return `    ${name} ${type}${about === undefined ? '' : ` COMMENT "${about}"`}`;
  });
  const end = distribution === undefined ? '' : `\nDISTRIBUTED BY HASH(${distribution})`;
  return {
    columns: columns.map(({ name }) => name),
    definition: `(\n${lines.join(',\n')}\n)\n${key}\nCOMMENT "${comment}"${end}`,
  };
}

const NOW = 'DATETIME DEFAULT CURRENT_TIMESTAMP';

const column = (name: string, type: string, comment?: string): Column =>
  comment === undefined ? { name, type } : { name, type, comment };

export const UPSTREAM_TABLES: readonly OpsTable[] = [
  {
    name: 'table_inventory',
    ...layout(
      [
        column('inventory_group', 'STRING NOT NULL', 'Name of the group'),
        column('database_name', 'STRING NOT NULL', 'Database of the table'),
        column('table_name', 'STRING NOT NULL', 'Table, or * for every table'),
        column('created_at', NOW),
        column('updated_at', NOW),
      ],
      'UNIQUE KEY (inventory_group, database_name, table_name)',
      'Groups of tables that are backed up together',
      'inventory_group',
    ),
  },
  {
    name: 'backup_history',
    ...layout(
      [
        column('label', 'STRING NOT NULL', 'Label of the snapshot'),
        column('backup_type', 'STRING NOT NULL', 'full or incremental'),
        column('status', 'STRING NOT NULL', 'Final state of the run'),
        column('repository', 'STRING NOT NULL', 'Repository that holds it'),
        column('started_at', 'DATETIME NOT NULL', 'Start, in the zone of the cluster'),
        column('finished_at', 'DATETIME', 'End, in the zone of the cluster'),
        column('error_message', 'STRING', 'Why it failed'),
        column('created_at', NOW, 'When this row was written'),
      ],
      'PRIMARY KEY (label)',
      'Backups and how they ended',
      undefined,
    ),
  },
  {
    name: 'restore_history',
    ...layout(
      [
        column('job_id', 'STRING NOT NULL', 'One run of a restore'),
        column('backup_label', 'STRING NOT NULL', 'Label that was restored'),
        column('restore_type', 'STRING NOT NULL', 'database, table or partition'),
        column('status', 'STRING NOT NULL', 'Final state of the run'),
        column('repository', 'STRING NOT NULL', 'Repository it came from'),
        column('started_at', 'DATETIME NOT NULL', 'Start, in the zone of the cluster'),
        column('finished_at', 'DATETIME', 'End, in the zone of the cluster'),
        column('error_message', 'STRING', 'Why it failed'),
        column('verification_checksum', 'STRING', 'Checksum of the restored rows'),
        column('created_at', NOW, 'When this row was written'),
      ],
      'PRIMARY KEY (job_id)',
      'Restores and how they ended',
      undefined,
    ),
  },
  {
    name: 'run_status',
    ...layout(
      [
        column('scope', 'STRING NOT NULL', 'backup or restore'),
        column('label', 'STRING NOT NULL', 'Label of the run'),
        column('state', 'STRING NOT NULL DEFAULT "ACTIVE"', 'ACTIVE, or how it ended'),
        column('started_at', NOW, 'When the slot was taken'),
        column('finished_at', 'DATETIME', 'When the slot was freed'),
      ],
      'PRIMARY KEY (scope, label)',
      'Slots: what runs now',
      undefined,
    ),
  },
  {
    name: 'backup_partitions',
    ...layout(
      [
        column('key_hash', 'STRING NOT NULL', 'MD5 of label, database, table and partition'),
        column('label', 'STRING NOT NULL', 'Label of the snapshot'),
        column('database_name', 'STRING NOT NULL', 'Database of the table'),
        column('table_name', 'STRING NOT NULL', 'Table'),
        column('partition_name', 'STRING NOT NULL', 'Partition that is in the snapshot'),
        column('created_at', NOW, 'When this row was written'),
      ],
      'PRIMARY KEY (key_hash)',
      'What each snapshot holds',
      'key_hash',
    ),
  },
];

const LABEL = 'VARCHAR(128)';
const NAME = 'VARCHAR(1024)';

/** The longest text that a column takes; `STRING` ends at `STRING_BYTES_MAX`. */
export const LONG_BYTES_MAX = 1_048_576;
export const STRING_BYTES_MAX = 65_533;

const LONG = `VARCHAR(${LONG_BYTES_MAX})`;

export const OWN_TABLES: readonly OpsTable[] = [
  {
    name: 'br_backup_meta',
    ...layout(
      [
        column('label', `${LABEL} NOT NULL`),
        column('database_name', NAME),
        column('inventory_group', NAME),
        column('backup_type', 'VARCHAR(32)'),
        column('baseline_label', LABEL),
        column('root_label', LABEL),
        column('fe_job_id', 'VARCHAR(32)'),
        column('snapshot_timestamp', 'VARCHAR(32)'),
        column('submitted_at', 'DATETIME'),
        column('snapshot_finished_at', 'DATETIME'),
        column('fe_finished_at', 'DATETIME'),
        column('table_count', 'INT'),
        column('partition_count', 'INT'),
        column('size_bytes', 'BIGINT'),
        column('row_count', 'BIGINT'),
        column('partitions_json', LONG),
        column('objects_json', LONG),
        column('tool_version', 'VARCHAR(32)'),
        column('pinned', 'BOOLEAN'),
        column('expires_at', 'DATETIME'),
        column('meta_snapshot_label', LABEL),
        column('verified_at', 'DATETIME'),
      ],
      'PRIMARY KEY (label)',
      'What is known of each backup besides its outcome',
      'label',
    ),
  },
  {
    name: 'br_partition_state',
    ...layout(
      [
        column('key_hash', 'VARCHAR(32) NOT NULL'),
        column('label', `${LABEL} NOT NULL`),
        column('database_name', NAME),
        column('table_name', NAME),
        column('partition_name', NAME),
        column('partition_id', 'BIGINT'),
        column('visible_version', 'BIGINT'),
        column('visible_version_time', 'DATETIME'),
        column('data_size', 'BIGINT'),
        column('row_count', 'BIGINT'),
        column('schema_signature', 'VARCHAR(64)'),
        column('replication_num', 'INT'),
        column('included', 'BOOLEAN'),
      ],
      'PRIMARY KEY (key_hash)',
      'Every partition that was live at each backup, and whether it is in the snapshot',
      'key_hash',
    ),
  },
  {
    name: 'br_claims',
    ...layout(
      [
        column('claim_id', 'VARCHAR(64) NOT NULL'),
        column('scope', 'VARCHAR(16)'),
        column('database_name', NAME),
        column('label', LABEL),
        column('owner', 'VARCHAR(256)'),
        column('state', 'VARCHAR(16)'),
        column('claimed_at', 'DATETIME'),
        column('heartbeat_at', 'DATETIME'),
      ],
      'PRIMARY KEY (claim_id)',
      'Who wants or holds the slot of a database',
      'claim_id',
    ),
  },
  {
    name: 'br_restore_steps',
    ...layout(
      [
        column('job_id', `${LABEL} NOT NULL`),
        column('step_no', 'INT NOT NULL'),
        column('action', 'VARCHAR(32)'),
        column('object', 'STRING'),
        column('state', 'VARCHAR(16)'),
        column('detail', LONG),
        column('started_at', 'DATETIME'),
        column('finished_at', 'DATETIME'),
      ],
      'PRIMARY KEY (job_id, step_no)',
      'Journal of each restore, to go on with it or to undo it',
      'job_id',
    ),
  },
  {
    name: 'br_events',
    ...layout(
      [
        column('at', 'DATETIME NOT NULL'),
        column('level', 'VARCHAR(16)'),
        column('event', 'VARCHAR(64)'),
        column('label', LABEL),
        column('detail', 'STRING'),
      ],
      'DUPLICATE KEY (at)',
      'What happened, for people and alerts',
      'at',
    ),
  },
];

export const OPS_TABLES: readonly OpsTable[] = [...UPSTREAM_TABLES, ...OWN_TABLES];
