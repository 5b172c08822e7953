/** SIGKILL on entering and on leaving every state of a backup. */
import { killedBackups } from '../e2e/killed-backups.ts';

killedBackups('all');
