CREATE TABLE `table_inventory` (
  `inventory_group` varchar(65533) NOT NULL COMMENT "Name of the group",
  `database_name` varchar(65533) NOT NULL COMMENT "Database of the table",
  `table_name` varchar(65533) NOT NULL COMMENT "Table, or * for every table",
  `created_at` datetime NULL DEFAULT CURRENT_TIMESTAMP COMMENT "",
  `updated_at` datetime NULL DEFAULT CURRENT_TIMESTAMP COMMENT ""
) ENGINE=OLAP 
UNIQUE KEY(`inventory_group`, `database_name`, `table_name`)
COMMENT "Groups of tables that are backed up together"
DISTRIBUTED BY HASH(`inventory_group`) BUCKETS 2 
PROPERTIES (
"replication_num" = "1"
);

CREATE TABLE `backup_history` (
  `label` varchar(65533) NOT NULL COMMENT "Label of the snapshot",
  `backup_type` varchar(65533) NOT NULL COMMENT "full or incremental",
  `status` varchar(65533) NOT NULL COMMENT "Final state of the run",
  `repository` varchar(65533) NOT NULL COMMENT "Repository that holds it",
  `started_at` datetime NOT NULL COMMENT "Start, in the zone of the cluster",
  `finished_at` datetime NULL COMMENT "End, in the zone of the cluster",
  `error_message` varchar(65533) NULL COMMENT "Why it failed",
  `created_at` datetime NULL DEFAULT CURRENT_TIMESTAMP COMMENT "When this row was written"
) ENGINE=OLAP 
PRIMARY KEY(`label`)
COMMENT "Backups and how they ended"
DISTRIBUTED BY HASH(`label`) BUCKETS 2 
PROPERTIES (
"replication_num" = "1"
);

CREATE TABLE `restore_history` (
  `job_id` varchar(65533) NOT NULL COMMENT "One run of a restore",
  `backup_label` varchar(65533) NOT NULL COMMENT "Label that was restored",
  `restore_type` varchar(65533) NOT NULL COMMENT "database, table or partition",
  `status` varchar(65533) NOT NULL COMMENT "Final state of the run",
  `repository` varchar(65533) NOT NULL COMMENT "Repository it came from",
  `started_at` datetime NOT NULL COMMENT "Start, in the zone of the cluster",
  `finished_at` datetime NULL COMMENT "End, in the zone of the cluster",
  `error_message` varchar(65533) NULL COMMENT "Why it failed",
  `verification_checksum` varchar(65533) NULL COMMENT "Checksum of the restored rows",
  `created_at` datetime NULL DEFAULT CURRENT_TIMESTAMP COMMENT "When this row was written"
) ENGINE=OLAP 
PRIMARY KEY(`job_id`)
COMMENT "Restores and how they ended"
DISTRIBUTED BY HASH(`job_id`) BUCKETS 2 
PROPERTIES (
"replication_num" = "1"
);

CREATE TABLE `run_status` (
  `scope` varchar(65533) NOT NULL COMMENT "backup or restore",
  `label` varchar(65533) NOT NULL COMMENT "Label of the run",
  `state` varchar(65533) NOT NULL DEFAULT "ACTIVE" COMMENT "ACTIVE, or how it ended",
  `started_at` datetime NULL DEFAULT CURRENT_TIMESTAMP COMMENT "When the slot was taken",
  `finished_at` datetime NULL COMMENT "When the slot was freed"
) ENGINE=OLAP 
PRIMARY KEY(`scope`, `label`)
COMMENT "Slots: what runs now"
DISTRIBUTED BY HASH(`scope`, `label`) BUCKETS 2 
PROPERTIES (
"replication_num" = "1"
);

CREATE TABLE `backup_partitions` (
  `key_hash` varchar(65533) NOT NULL COMMENT "MD5 of label, database, table and partition",
  `label` varchar(65533) NOT NULL COMMENT "Label of the snapshot",
  `database_name` varchar(65533) NOT NULL COMMENT "Database of the table",
  `table_name` varchar(65533) NOT NULL COMMENT "Table",
  `partition_name` varchar(65533) NOT NULL COMMENT "Partition that is in the snapshot",
  `created_at` datetime NULL DEFAULT CURRENT_TIMESTAMP COMMENT "When this row was written"
) ENGINE=OLAP 
PRIMARY KEY(`key_hash`)
COMMENT "What each snapshot holds"
DISTRIBUTED BY HASH(`key_hash`) BUCKETS 2 
PROPERTIES (
"replication_num" = "1"
);
