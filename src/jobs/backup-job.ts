/** placeholder, replaced by the jobs work */
export interface BackupJob {
  readonly type: 'BACKUP';
}
