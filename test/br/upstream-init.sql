CREATE DATABASE IF NOT EXISTS ops;

CREATE TABLE IF NOT EXISTS ops.table_inventory (
        inventory_group STRING NOT NULL COMMENT "Group name",
        database_name STRING NOT NULL COMMENT "Database",
        table_name STRING NOT NULL COMMENT "Table, or * for all",
        created_at DATETIME DEFAULT CURRENT_TIMESTAMP,
        updated_at DATETIME DEFAULT CURRENT_TIMESTAMP
    )
    UNIQUE KEY (inventory_group, database_name, table_name)
    COMMENT "Groups"
    DISTRIBUTED BY HASH(inventory_group);

CREATE TABLE IF NOT EXISTS ops.backup_history (
        label STRING NOT NULL COMMENT "Label",
        backup_type STRING NOT NULL COMMENT "Type",
        status STRING NOT NULL COMMENT "State",
        repository STRING NOT NULL COMMENT "Repository",
        started_at DATETIME NOT NULL COMMENT "Start",
        finished_at DATETIME COMMENT "End",
        error_message STRING COMMENT "Why",
        created_at DATETIME DEFAULT CURRENT_TIMESTAMP COMMENT "Row"
    )
    PRIMARY KEY (label)
    COMMENT "Backups";

CREATE TABLE IF NOT EXISTS ops.restore_history (
        job_id STRING NOT NULL COMMENT "Job",
        backup_label STRING NOT NULL COMMENT "Label",
        restore_type STRING NOT NULL COMMENT "Type",
        status STRING NOT NULL COMMENT "State",
        repository STRING NOT NULL COMMENT "Repository",
        started_at DATETIME NOT NULL COMMENT "Start",
        finished_at DATETIME COMMENT "End",
        error_message STRING COMMENT "Why",
        verification_checksum STRING COMMENT "Checksum",
        created_at DATETIME DEFAULT CURRENT_TIMESTAMP COMMENT "Row"
    )
    PRIMARY KEY (job_id)
    COMMENT "Restores";

CREATE TABLE IF NOT EXISTS ops.run_status (
        scope STRING NOT NULL COMMENT "Scope",
        label STRING NOT NULL COMMENT "Label",
        state STRING NOT NULL DEFAULT "ACTIVE" COMMENT "State",
        started_at DATETIME DEFAULT CURRENT_TIMESTAMP COMMENT "Start",
        finished_at DATETIME COMMENT "End"
    )
    PRIMARY KEY (scope, label)
    COMMENT "Slots";

CREATE TABLE IF NOT EXISTS ops.backup_partitions (
        key_hash STRING NOT NULL COMMENT "MD5",
        label STRING NOT NULL COMMENT "Label",
        database_name STRING NOT NULL COMMENT "Database",
        table_name STRING NOT NULL COMMENT "Table",
        partition_name STRING NOT NULL COMMENT "Partition",
        created_at DATETIME DEFAULT CURRENT_TIMESTAMP COMMENT "Row"
    )
    PRIMARY KEY (key_hash)
    COMMENT "Manifest"
    DISTRIBUTED BY HASH(key_hash);

INSERT INTO ops.table_inventory (inventory_group, database_name, table_name) VALUES ('daily', 'sales_db', 'dim');
