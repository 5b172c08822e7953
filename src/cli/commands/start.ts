/** `start`: a cluster that serves MySQL clients until it is interrupted (design.md 2). */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { realClock } from '../../base/clock.ts';
import { asSimError, isSimError, SimError } from '../../base/errors.ts';
import { createLocalFiles } from '../../base/local-files.ts';
import { toPromise } from '../../base/op.ts';
import { realRandom, uuid } from '../../base/random.ts';
import { isTimeZone } from '../../base/time-zone.ts';
import { type AssembledCluster, assembleCluster } from '../../cluster.ts';
import { type HttpServer, startHttpServer } from '../../web/http-server.ts';
import { type MysqlServer, startMysqlServer } from '../../wire/mysql-server.ts';
import type { TlsPair } from '../../wire/socket-upgrade.ts';
import { EXIT_INTERRUPTED } from '../exit-codes.ts';
import { runInitFiles } from '../init-files.ts';
import { realParts, stderrLogger } from '../real-parts.ts';
import { openStepConsole } from '../step/step-console.ts';
import { tlsPairOf } from '../tls-pair.ts';
import { printFailure } from '../ui/failure.ts';
import { createJsonPrinter } from '../ui/json-printer.ts';
import { standardOutput } from '../ui/standard-output.ts';
import { createTextPrinter } from '../ui/text-printer.ts';
import type { StartOptions } from './start-options.ts';

export async function runStart(options: StartOptions): Promise<void> {
  if (!isTimeZone(options.timeZone)) {
    throw new SimError('bad-option', `--time-zone: unknown time zone '${options.timeZone}'`, {
      hint: 'use an IANA name such as Europe/Berlin, or an offset such as +08:00',
    });
  }
  const dataDir = options.ephemeral
    ? join(tmpdir(), `starrocks-emulator-${uuid(realRandom)}`)
    : options.dataDir;
  const tls = await tlsPairOf(options);
  const running = await bringUp(options, dataDir, tls);
  announce(options, running);
  const closeConsole = options.step ? openConsole(options, running) : undefined;
  await interrupted();
  closeConsole?.();
  await shutDown(running);
  if (options.ephemeral) await toPromise(createLocalFiles().remove(dataDir));
}

interface Running {
  readonly cluster: AssembledCluster;
  readonly mysql: MysqlServer;
  readonly http: HttpServer;
}

/** Ports are taken last, so that nobody connects before the cluster is ready. */
async function bringUp(
  options: StartOptions,
  dataDir: string,
  tls: TlsPair | undefined,
): Promise<Running> {
  let mysqlPort = options.port;
  let httpPort = options.httpPort;
  const cluster = await toPromise(
    assembleCluster(
      realParts({
        ...options,
        dataDir,
        profile: options.starrocksVersion,
        quirks: options.quirk,
        tickMs: options.tick,
        stepped: options.step,
        queryPort: () => mysqlPort,
        httpPort: () => httpPort,
        config: options.requireTls ? { ssl_force_secure_transport: 'true' } : {},
        onFatal: stopAtOnce,
      }),
    ),
  );
  try {
    await runInitFiles(cluster.frontend, options.init);
    const http = await startHttpServer({
      host: options.host,
      port: options.httpPort,
      isHealthy: cluster.isHealthy,
      frontend: cluster.frontend.context,
    });
    httpPort = http.port;
    try {
      const mysql = await startMysqlServer({
        host: options.host,
        port: options.port,
        handler: cluster.queryHandler,
        random: realRandom,
        clock: realClock,
        logger: stderrLogger(options.json),
        ...(tls !== undefined && { tls }),
      });
      mysqlPort = mysql.port;
      return { cluster, mysql, http };
    } catch (error) {
      await http.close();
      throw withPortOption(error);
    }
  } catch (error) {
    await toPromise(cluster.stop());
    if (options.ephemeral) await toPromise(createLocalFiles().remove(dataDir));
    throw error;
  }
}

/** The server knows of no command line; whoever reads this does. */
function withPortOption(error: unknown): unknown {
  if (!isSimError(error, 'port-in-use')) return error;
  return new SimError('port-in-use', `MySQL ${error.message}`, {
    hint: 'choose another with --port, 0 takes any free one',
    cause: error,
  });
}

/** Milliseconds since the process began, so that what a user waits for is what is printed. */
function announce(options: StartOptions, { mysql, http }: Running): void {
  const ms = Math.round(performance.now());
  const line = options.json
    ? JSON.stringify({ event: 'ready', mysqlPort: mysql.port, httpPort: http.port, ms })
    : `ready mysql://root@${options.host}:${mysql.port} ` +
      `http://${options.host}:${http.port} in ${ms} ms`;
  process.stdout.write(`${line}\n`);
}

/** After "ready", which a program that reads our output waits for. */
function openConsole(options: StartOptions, { cluster }: Running): () => void {
  const output = standardOutput();
  return openStepConsole({
    frontend: cluster.frontend.context,
    input: process.stdin,
    printer: options.json
      ? createJsonPrinter(realClock, output)
      : createTextPrinter(realClock, output),
    interrupt: () => process.kill(process.pid, 'SIGINT'),
  });
}

/** Waits for the first SIGINT or SIGTERM; a second one does not wait for the drain. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    let isFirst = true;
    const onSignal = (): void => {
      if (!isFirst) process.exit(EXIT_INTERRUPTED);
      isFirst = false;
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

async function shutDown({ cluster, mysql, http }: Running): Promise<void> {
  await http.close();
  await mysql.close();
  await toPromise(cluster.stop());
}

/** What is promised is in the edit log; when that fails, only a new start can promise again. */
function stopAtOnce(error: SimError): void {
  const text = `the edit log failed, the frontend stops: ${error.message}`;
  printFailure(new SimError(error.code, text, { cause: asSimError(error) }));
  process.exit();
}
