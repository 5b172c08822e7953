/** SIGKILL on leaving every state of a backup; on entering each: `test/e2e`. */
import { killedBackups } from '../e2e/killed-backups.ts';

killedBackups('fe.job.leave');
