/**
 * Runs a page of the documentation: blocks of SQL one after another, a new cluster for each
 * chapter, and what came of a block where the page wants it shown.
 */
import type { Cluster, QueryResult } from '../../src/index.ts';

const PIECE =
  /^## .*$|```sql\n([\s\S]*?)```|<!-- made by: (\S+) ?(.*) -->\n```text\n([\s\S]*?)```/gm;

const WAIT_DONE = /^-- wait for the job of (\w+)$/;
const WAIT_STATE = /^-- wait until the (backup|restore) of (\w+) is in (\w+)$/;
const REPEAT = /^-- (\d+) times$/;
const TICKS_MAX = 200;

/** The page with its answers made anew. */
export async function executedPage(
  page: string,
  newCluster: () => Promise<Cluster>,
): Promise<string> {
  let cluster: Cluster | undefined;
  let answer = '';
  let result: QueryResult | undefined;
  let seen = 0;
  let made = '';
  let end = 0;
  for (const match of page.matchAll(PIECE)) {
    const [all, sql, maker, columns] = match;
    made += page.slice(end, match.index);
    end = match.index + all.length;
    if (sql !== undefined) {
      if (cluster === undefined) throw new Error('SQL before the first chapter');
      seen = cluster.trace.length;
      const outcome = await runBlock(cluster, sql);
      answer = outcome instanceof Error ? `ERROR: ${outcome.message}` : '';
      result = outcome instanceof Error ? undefined : outcome;
      made += all;
    } else if (maker === undefined) {
      await cluster?.stop();
      cluster = await newCluster();
      made += all;
    } else {
      const text =
        maker === 'uploaded'
          ? uploaded(cluster, seen)
          : result === undefined
            ? answer
            : tableText(result, columns ?? '');
      made += `${all.slice(0, all.indexOf('\n'))}\n\`\`\`text\n${text}\n\`\`\``;
    }
  }
  await cluster?.stop();
  return made + page.slice(end);
}

/** The last answer, which may be an error; an earlier error is the page's. */
async function runBlock(cluster: Cluster, sql: string): Promise<QueryResult | Error> {
  let result: QueryResult | undefined;
  const pieces = sql.split(/;\s*\n|^(--.*)\n/m).filter((piece) => piece?.trim());
  let times = 1;
  for (const [at, piece] of pieces.entries()) {
    const text = piece.trim();
    if (text.startsWith('--')) {
      times = Number(REPEAT.exec(text)?.[1] ?? 1);
      if (times === 1) await wait(cluster, text);
      continue;
    }
    for (; times > 1; times -= 1) await cluster.query(text);
    try {
      result = await cluster.query(text);
    } catch (error) {
      if (at === pieces.length - 1 && error instanceof Error) return error;
      throw error;
    }
  }
  if (result === undefined) throw new Error(`nothing to run in: ${sql}`);
  return result;
}

async function wait(cluster: Cluster, line: string): Promise<void> {
  const done = WAIT_DONE.exec(line);
  if (done !== null) {
    await cluster.untilJobDone(done[1] ?? '');
    return;
  }
  const [, kind, db, state] = WAIT_STATE.exec(line) ?? [];
  if (kind === undefined) throw new Error(`not understood: ${line}`);
  for (let tick = 0; tick < TICKS_MAX; tick += 1) {
    const { rows, columns } = await cluster.query(`SHOW ${kind} FROM ${db}`);
    cluster.advance(3_000);
    if (rows[0]?.[columns.indexOf('State')] === state) return;
  }
  throw new Error(`never: ${line}`);
}

function uploaded(cluster: Cluster | undefined, from: number): string {
  const puts = (cluster?.trace ?? [])
    .slice(from)
    .filter(({ what, about }) => what === 'blob' && about['operation'] === 'put')
    .filter(({ about }) => String(about['key']).includes('/__ss_content/'));
  return `${puts.length} files of tablets were uploaded`;
}

/** As the mysql client prints it; with `chosen`, blanks between, only these columns. */
function tableText({ columns, rows }: QueryResult, chosen: string): string {
  const kept = chosen === '' ? columns : chosen.split(' ');
  const cells = rows.map((row) =>
    kept.map((name) => {
      const cell = row[columns.indexOf(name)];
      return cell === null ? 'NULL' : String(cell);
    }),
  );
  const widths = kept.map((name, at) =>
    Math.max(name.length, ...cells.map((row) => (row[at] ?? '').length)),
  );
  const line = `+${widths.map((width) => '-'.repeat(width + 2)).join('+')}+`;
  const rowText = (row: readonly string[]): string =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line, rowText(kept), line, ...cells.map(rowText), line].join('\n');
}
