/** Starts servers for the tests of one file and stops them after each test. */
import { afterEach } from 'vitest';
import { realClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/log.ts';
import { SeededRandom } from '../../../src/base/random.ts';
import {
  type MysqlServer,
  type MysqlServerOptions,
  startMysqlServer,
} from '../../../src/wire/mysql-server.ts';
import { type FakeFrontend, fakeFrontend } from './fake-frontend.ts';

export interface TestServer {
  readonly frontend: FakeFrontend;
  readonly server: MysqlServer;
  readonly port: number;
}

const running: MysqlServer[] = [];

export async function startTestServer(
  options: Partial<MysqlServerOptions> = {},
): Promise<TestServer> {
  const frontend = fakeFrontend();
  const server = await startMysqlServer({
    host: '127.0.0.1',
    port: 0,
    handler: frontend.handler,
    random: new SeededRandom(7n),
    clock: realClock,
    logger: silentLogger,
    ...options,
  });
  running.push(server);
  return { frontend, server, port: server.port };
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});
