/** SIGKILL in some states of a restore; in all of them: `npm run test:deep`. */
import { killedRestores } from './killed-restores.ts';

killedRestores('sampled');
