/** SIGKILL on entering and on leaving every state of a restore. */
import { killedRestores } from '../e2e/killed-restores.ts';

killedRestores('all');
