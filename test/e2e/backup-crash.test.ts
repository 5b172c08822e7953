/** SIGKILL on entering every state of a backup; on leaving each: `npm run test:deep`. */
import { killedBackups } from './killed-backups.ts';

killedBackups('fe.job.enter');
