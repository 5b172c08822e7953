/** SIGKILL in some states of a backup; in all of them: `npm run test:deep`. */
import { killedBackups } from './killed-backups.ts';

killedBackups('sampled');
