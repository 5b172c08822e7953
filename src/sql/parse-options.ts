/** What of the language depends on the profile, the session and `--strict`, as traits. */
export interface ParseOptions {
  /** `||` is concatenation instead of OR: `sql_mode` has PIPES_AS_CONCAT. */
  readonly pipesAsConcat: boolean;
  /** BACKUP DATABASE, ON (TABLE ...), ALL ..., EXTERNAL CATALOG (3.4 and later). */
  readonly newBackupForms: boolean;
  /** `DROP SNAPSHOT name ON repository [FORCE]` belongs to the grammar (4.2 and later). */
  readonly dropSnapshot: boolean;
  /** Refuse the conveniences that a real FE does not have (resolutions.md 9 and 29). */
  readonly strict: boolean;
}
