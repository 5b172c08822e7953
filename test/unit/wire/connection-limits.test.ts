/** Connections as a cluster ends and limits them, seen by a client. */
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Cluster, startCluster } from '../../../src/index.ts';

let cluster: Cluster;
const open: Connection[] = [];

beforeAll(async () => {
  cluster = await startCluster({ backends: 1, storage: 'memory' });
});
afterAll(async () => {
  for (const connection of open) connection.destroy();
  await cluster.stop();
});

async function connect(user: string): Promise<Connection> {
  const connection = await createConnection({ host: '127.0.0.1', port: cluster.port ?? 0, user });
  open.push(connection);
  return connection;
}

async function idOf(connection: Connection): Promise<unknown> {
  const [[row]] = await connection.query<RowDataPacket[]>('SELECT CONNECTION_ID() AS id');
  return row?.['id'];
}

const refusalOf = (user: string): Promise<unknown> =>
  connect(user).then(
    () => 'let in',
    (error: unknown) => error,
  );

test('KILL cuts another connection; one that kills itself hears OK first', async () => {
  const [killer, victim] = [await connect('root'), await connect('root')];
  const lost = new Promise((resolve) => victim.once('error', resolve));
  await killer.query(`KILL ${await idOf(victim)}`);
  expect(await lost).toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
  const ended = new Promise((resolve) => killer.once('error', resolve));
  await killer.query(`KILL ${await idOf(killer)}`);
  expect(await ended).toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' });
});

test('a user has at most max_user_connections, all together qe_max_connection', async () => {
  const admin = await connect('root');
  await admin.query('CREATE USER ann');
  await admin.query("SET PROPERTY FOR 'ann' 'max_user_connections' = '1'");
  const ann = await connect('ann');
  expect(await refusalOf('ann')).toMatchObject({
    errno: 1203,
    sqlState: '42000',
    sqlMessage: 'User ann has more than max_user_connections active connections: 1',
  });
  await ann.changeUser({ user: 'ann' });
  await admin.query("ADMIN SET FRONTEND CONFIG ('qe_max_connection' = '1')");
  expect(await refusalOf('root')).toMatchObject({ errno: 1040, sqlState: '08004' });
  await admin.query("ADMIN SET FRONTEND CONFIG ('qe_max_connection' = '4096')");
  expect(await refusalOf('root')).toBe('let in');
});
