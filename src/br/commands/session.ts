/** What every command does first, and what its parts are handed (client contract 2, BR-CONN). */
import type { Call } from '../cli/command-spec.ts';
import type { Options } from '../cli/options.ts';
import { requireSharedNothing } from '../cluster/run-mode.ts';
import type { Config } from '../config/config.ts';
import type { Connection } from '../connection/connection.ts';
import { readOnly } from '../connection/guards.ts';
import type { Ops } from '../ops/ops.ts';
import { requireSchema } from '../ops/schema.ts';
import type { Ports } from '../ports.ts';
import type { Report } from '../report/report.ts';

export interface Session {
  readonly connection: Connection;
  readonly config: Config;
  readonly ops: Ops;
  readonly report: Report;
  readonly ports: Ports;
  readonly options: Options;
}

/** A cluster that can be backed up, and an ops database with its tables. */
export async function openSession(call: Call): Promise<Session> {
  const session = sessionOf(call, call.connection);
  await requireSharedNothing(session.connection);
  await requireSchema(session.ops, {
    replicationNum: call.config.opsReplicationNum,
    report: call.report,
    isReadOnly: call.options.flag('dryRun'),
  });
  return call.options.flag('dryRun') ? sessionOf(call, readOnly(call.connection)) : session;
}

/** Without any check: for commands that work on what others would refuse. */
export function sessionOf(call: Call, connection: Connection): Session {
  const { config, report, ports, options } = call;
  const ops: Ops = { connection, database: config.opsDatabase };
  return { connection, config, ops, report, ports, options };
}
