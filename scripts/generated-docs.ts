/** Pages of the documentation that are made from the code, so that they cannot be wrong. */

import { FAULT_POINT_NAMES, FAULT_POINTS } from '../src/base/fault-points.ts';
import {
  BIT_FLIPS_DEFAULT,
  CLOCK_JUMP_DEFAULT_MS,
  CUT_DEFAULT_BYTES,
  DELAY_DEFAULT_MS,
} from '../src/base/fault-text.ts';
import { QUIRK_NAMES, QUIRKS } from '../src/base/quirks.ts';
import { BACKEND_FILE_AREAS } from '../src/be-sim/file-faults.ts';
import { FRONTEND_FILE_AREAS } from '../src/fe/file-faults.ts';
import type { AbstractJob } from '../src/jobs/abstract-job.ts';
import { BACKUP_STEPS } from '../src/jobs/backup-steps.ts';
import { RESTORE_STEPS } from '../src/jobs/restore-steps.ts';
import { type StepTable, stateDiagram } from '../src/jobs/transition.ts';
import { AGGREGATE_NAMES } from '../src/query/bind/bind-aggregate.ts';
import { FORM_NAMES } from '../src/query/bind/bind-call.ts';
import { WINDOW_NAMES } from '../src/query/bind/bind-window.ts';
import { FUNCTION_NAMES } from '../src/query/functions/functions.ts';
import { QUIRK_NOTES } from './quirk-rows.ts';
import { showPage } from './show-page.ts';

export interface GeneratedDoc {
  /** Relative to the repository. */
  readonly path: string;
  readonly text: string;
}

export async function generatedDocs(): Promise<readonly GeneratedDoc[]> {
  return [
    { path: 'docs/faults.md', text: faultsPage() },
    { path: 'docs/columns.md', text: await showPage() },
    { path: 'docs/quirks.md', text: quirksPage() },
    { path: 'docs/sql.md', text: sqlPage() },
    { path: 'docs/states.md', text: statesPage() },
  ];
}

function faultsPage(): string {
  const rows = FAULT_POINT_NAMES.map((name) => {
    const { about, faults, subject } = FAULT_POINTS[name];
    return `| \`${name}\` | ${about} | ${faults.join(', ')} | ${subject.join(', ')} |`;
  });
  return `# Fault points

Made from \`src/base/fault-points.ts\` by \`npm run docs\`.

Code that can fail in the real world passes a named point. Enable a fault from SQL, on any connection:

\`\`\`sql
ADMIN ENABLE FAILPOINT 'blob.put:fail' WITH 2 TIMES;
ADMIN ENABLE FAILPOINT 'be.task.begin:delay=500 type=UPLOAD' WITH 0.5 PROBABILITY ON BACKEND '10002';
ADMIN ENABLE FAILPOINT 'fe.job.enter:crash kind=backup state=UPLOADING' WITH 1 TIMES;
ADMIN ENABLE FAILPOINT 'be.file.write:crash-backend=5000 area=snapshot' ON BACKEND '10002';
ADMIN ENABLE FAILPOINT 'fe.heartbeat.send:clock-jump=-3600000' WITH 1 TIMES;
ADMIN ENABLE FAILPOINT 'blob.list' ON FRONTEND;
ADMIN DISABLE FAILPOINT 'blob.put';
SHOW FAILPOINTS;
\`\`\`

or from TypeScript: \`cluster.faults.enable('blob.put', { do: 'fail', text: 'no' }, { times: 2 })\`.
A name is \`point[:fault[=number]]\` and then pairs that narrow it. Without a fault it is \`fail\`. What there is not, be it
a point, a fault, or the value of a pair, is refused with the nearest names.

| fault | what happens | number |
| --- | --- | --- |
| \`fail\` | an error, before anything else | |
| \`delay\` | a wait | ms, ${DELAY_DEFAULT_MS} |
| \`corrupt\` | bits of what is written or read are turned, and nobody is told | bits, ${BIT_FLIPS_DEFAULT} |
| \`cut\` | what is written or read ends; a disk tells nobody, a store fails | bytes, ${CUT_DEFAULT_BYTES} |
| \`crash\` | SIGKILL of the process in a real cluster, the end of the machine in a virtual one | |
| \`crash-backend\` | one backend is gone with its memory, in a virtual cluster with what it had not synced too | ms until it starts again; without, \`ADMIN START BACKEND '<id>'\` does it |
| \`clock-jump\` | the clock of the backend (\`be.*\`) or of the frontend (\`fe.*\`) is set on, or back if negative; timers keep their delay | ms, ${CLOCK_JUMP_DEFAULT_MS} |

\`ADMIN KILL BACKEND '<id>[,<id>]'\` and \`ADMIN START BACKEND\` are the emulator's own; \`--strict\` refuses them. \`ON BACKEND\` takes ids
and is the same as \`backend=\`; the store as the frontend uses it is \`backend=frontend\` or \`ON FRONTEND\`.
Files of the frontend are in the areas ${FRONTEND_FILE_AREAS.join(', ')}; those of a backend in ${BACKEND_FILE_AREAS.join(', ')}.

| point | where | faults | narrowed by |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function quirksPage(): string {
  const names = QUIRK_NAMES.map((name) => {
    const { numbers, about } = QUIRKS[name];
    return `| \`${name}\` | ${numbers.join(', ')} | ${about} |`;
  });
  const rows = QUIRK_NOTES.map(({ number, what, has, test, note }) => {
    const state = has === 'option' ? `\`${quirkOf(number)}\`` : has;
    const cell = note === undefined ? state : `${state}: ${note}`;
    return `| ${number} | ${what} | ${cell} | ${test === undefined ? '–' : `\`test/${test}\``} |`;
  });
  return `# Quirks

Made from \`src/base/quirks.ts\` and \`scripts/quirk-rows.ts\` by \`npm run docs\`.

Bugs and oddities of StarRocks that its users meet are there. Some that nobody wants, but a test may, are options: off in every
profile, switched on by name with \`startCluster({ quirks: ['partFilesCount'] })\` or \`start --quirk partFilesCount\`.

| option | number | what happens |
| --- | --- | --- |
${names.join('\n')}

All that the sources tell of, Q in BACKUP, # in RESTORE. \`–\`: no test is about it alone.

| number | quirk | here | test |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function quirkOf(number: string): string {
  const name = QUIRK_NAMES.find((each) => QUIRKS[each].numbers.includes(number));
  if (name === undefined) throw new Error(`no quirk has the number ${number}`);
  return name;
}

function sqlPage(): string {
  const list = (names: readonly string[]): string =>
    [...new Set(names.map((name) => name.toLowerCase()))]
      .sort()
      .map((name) => `\`${name}\``)
      .join(', ');
  return `# SQL

Made from the tables of the query engine by \`npm run docs\`. A function that is not here is refused by name.
Differences in what the listed ones do are rows of [fidelity.md](fidelity.md).

## Functions

${list([...FUNCTION_NAMES, ...FORM_NAMES])}

## Aggregates

${list(AGGREGATE_NAMES)}

## Window functions

Aggregates with OVER, and ${list(WINDOW_NAMES)}
`;
}

function statesPage(): string {
  return `# States of the jobs

Made from \`src/jobs/backup-steps.ts\` and \`src/jobs/restore-steps.ts\` by \`npm run docs\`.

## BACKUP

\`\`\`mermaid
${stateDiagram(BACKUP_STEPS).trimEnd()}
\`\`\`

${stateTable(BACKUP_STEPS)}

## RESTORE

\`\`\`mermaid
${stateDiagram(RESTORE_STEPS).trimEnd()}
\`\`\`

${stateTable(RESTORE_STEPS)}
`;
}

function stateTable<S extends string, J extends AbstractJob>(table: StepTable<S, J>): string {
  const states = Object.keys(table) as S[];
  const yes = (isLogged: boolean): string => (isLogged ? 'yes' : 'no');
  const rows = states.flatMap((state) => {
    const { about, logged, afterRestart, ofCatalogs } = table[state];
    const line = `| ${state} | ${about} | ${yes(logged)} | ${afterRestart} |`;
    if (ofCatalogs === undefined || ofCatalogs.logged === logged) return [line];
    const there = `${yes(ofCatalogs.logged)} | ${ofCatalogs.afterRestart}`;
    return [line, `| ${state} | the same, of external catalogs | ${there} |`];
  });
  return [
    '| state | what happens | logged on entry | after a restart |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}
