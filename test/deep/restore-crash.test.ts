/** SIGKILL on leaving every state of a restore; on entering each: `test/e2e`. */
import { killedRestores } from '../e2e/killed-restores.ts';

killedRestores('fe.job.leave');
