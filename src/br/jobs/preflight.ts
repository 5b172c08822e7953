/** What must hold before a job is begun; all that fails is told together (BR-PRE). */

import type { JobKind } from '../cluster/jobs.ts';
import { databaseNames } from '../cluster/names.ts';
import { backends, frontends } from '../cluster/nodes.ts';
import { repositories } from '../cluster/repositories.ts';
import type { Config } from '../config/config.ts';
import type { Connection } from '../connection/connection.ts';
import { BrError, type BrErrorCode } from '../errors.ts';
import type { Report } from '../report/report.ts';

export interface Finding {
  readonly what: string;
  readonly isOk: boolean;
  readonly text: string;
  /** Room on disks is the one thing that a user may overrule. */
  readonly isAboutDisks: boolean;
  readonly code: BrErrorCode;
}

export interface PreflightOptions {
  readonly kind: JobKind;
  /** `undefined`: whether it is there does not matter. */
  readonly database: string | undefined;
  /** What a restore will write, all replicas together. */
  readonly neededBytes: number;
}

/** One finding for each check, good or bad; changes nothing. */
export async function preflight(
  connection: Connection,
  config: Config,
  options: PreflightOptions,
): Promise<readonly Finding[]> {
  return [
    ...(await nodeFindings(connection, config)),
    await repositoryFinding(connection, config, options.kind),
    ...(await databaseFindings(connection, options.database)),
    ...(await diskFindings(connection, config, options.neededBytes)),
  ];
}

/** Fails with all that is wrong; `ignoreDisks` turns findings about disks into warnings. */
export function requireClean(
  findings: readonly Finding[],
  ignoreDisks: boolean,
  report: Report,
): void {
  const bad = findings.filter(({ isOk }) => !isOk);
  const passed = bad.filter(({ isAboutDisks }) => isAboutDisks && ignoreDisks);
  for (const { text } of passed) report.warn(text);
  const fatal = bad.filter((finding) => !passed.includes(finding));
  const [first] = fatal;
  if (first === undefined) return;
  throw new BrError(first.code, fatal.map(({ text }) => text).join('; '), {
    advice: [
      'srbr doctor shows every check',
      ...(fatal.some(({ isAboutDisks }) => isAboutDisks)
        ? ['--no-precheck turns findings about disks into warnings']
        : []),
      ...(first.code === 'repository-missing'
        ? ['CREATE REPOSITORY `name` WITH BROKER ON LOCATION "s3://bucket/path" PROPERTIES (...)']
        : []),
    ],
  });
}

async function nodeFindings(connection: Connection, config: Config): Promise<readonly Finding[]> {
  const dead = [
    ...(await frontends(connection))
      .filter(({ isAlive }) => !isAlive)
      .map(({ name }) => `frontend ${name}`),
    ...(config.preflight.requireAllBe
      ? (await backends(connection))
          .filter(({ isAlive }) => !isAlive)
          .map(({ id, host }) => `backend ${id} (${host})`)
      : []),
  ];
  const text =
    dead.length === 0 ? 'all nodes are alive' : `the cluster is unhealthy: ${dead.join(', ')} dead`;
  return [finding('nodes', dead.length === 0, text, 'unhealthy')];
}

async function repositoryFinding(
  connection: Connection,
  { repository }: Config,
  kind: JobKind,
): Promise<Finding> {
  const found = (await repositories(connection)).find(({ name }) => name === repository);
  if (found === undefined) {
    return finding(
      'repository',
      false,
      `repository '${repository}' not found`,
      'repository-missing',
    );
  }
  if (found.error !== undefined) {
    const text = `repository '${repository}' has errors: ${found.error}`;
    return finding('repository', false, text, 'preflight');
  }
  if (found.isReadOnly && kind === 'backup') {
    return finding('repository', false, `repository '${repository}' is read-only`, 'preflight');
  }
  return finding('repository', true, `repository '${repository}' is there`, 'preflight');
}

async function databaseFindings(
  connection: Connection,
  database: string | undefined,
): Promise<readonly Finding[]> {
  if (database === undefined) return [];
  const isThere = (await databaseNames(connection)).includes(database);
  const text = isThere ? `database '${database}' is there` : `there is no database '${database}'`;
  return [finding('database', isThere, text, 'preflight')];
}

async function diskFindings(
  connection: Connection,
  { preflight: { minFreeDiskRatio } }: Config,
  neededBytes: number,
): Promise<readonly Finding[]> {
  const alive = (await backends(connection)).filter(({ isAlive }) => isAlive);
  const full = alive.filter(
    ({ freeRatio }) => freeRatio !== undefined && freeRatio < minFreeDiskRatio,
  );
  const texts = full.map(({ id, freeRatio = 0 }) => {
    const percents = `${(freeRatio * 100).toFixed(1)} % free, at least ${minFreeDiskRatio * 100} %`;
    return `backend ${id}: ${percents} wanted`;
  });
  const room = alive.reduce(
    (sum, { availableBytes = 0, totalBytes = 0 }) =>
      sum + Math.max(0, availableBytes - totalBytes * minFreeDiskRatio),
    0,
  );
  const isRoomKnown = alive.every(({ availableBytes }) => availableBytes !== undefined);
  if (isRoomKnown && neededBytes > room) {
    texts.push(`the restore needs ${neededBytes} bytes, ${Math.floor(room)} are free`);
  }
  const text = texts.length === 0 ? 'disks have room' : texts.join('; ');
  return [{ ...finding('disks', texts.length === 0, text, 'preflight'), isAboutDisks: true }];
}

function finding(what: string, isOk: boolean, text: string, code: BrErrorCode): Finding {
  return { what, isOk, text, isAboutDisks: false, code };
}
