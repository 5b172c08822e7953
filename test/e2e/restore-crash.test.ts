/** SIGKILL on entering every state of a restore; on leaving each: `npm run test:deep`. */
import { killedRestores } from './killed-restores.ts';

killedRestores('fe.job.enter');
