/** placeholder, replaced by the jobs work */
export interface RestoreJob {
  readonly type: 'RESTORE';
}
