/** A query handler for tests: fixed users, databases and answers, and a record of what happened. */

import { SimError } from '../../../src/base/errors.ts';
import { hashNativePassword } from '../../../src/base/native-password-hash.ts';
import type { Op } from '../../../src/base/op.ts';
import type { ResultColumn, Row } from '../../../src/base/row-stream.ts';
import type { SqlType, TypeName } from '../../../src/base/sql-type.ts';
import { accessDeniedError, verifyNativePassword } from '../../../src/wire/native-password.ts';
import type {
  ClientSession,
  ConnectionControl,
  LoginRequest,
  ParameterValue,
  QueryHandler,
  RowsResult,
  StatementResult,
} from '../../../src/wire/query-handler.ts';

export type Answer = (sql: string) => Op<StatementResult>;

export interface FakeFrontend {
  /** `wait_timeout` in seconds, `qe_max_connection`: what is not here has StarRocks' default. */
  readonly variables: Map<string, number>;
  /** Of the sessions that were opened, by connection. */
  readonly controls: Map<number, ConnectionControl>;
  readonly handler: QueryHandler;
  /** By exact statement text; what is not here gets one row with the text itself. */
  readonly answers: Map<string, Answer>;
  readonly events: string[];
  /** Resolves when an event with this text has been, or is, recorded. */
  event(text: string): Promise<void>;
}

export const USERS: Readonly<Record<string, string>> = { root: '', alice: 'secret' };
const DATABASES = ['sales', 'default_catalog.sales'];

export function column(name: string, type: TypeName, more: Partial<SqlType> = {}): ResultColumn {
  return { name, type: { name: type, ...more } };
}

export const TEXT_COLUMN: ResultColumn = column('text', 'VARCHAR', { length: 30 });

export function rows(
  columns: readonly ResultColumn[],
  batches: readonly (readonly Row[])[],
): RowsResult {
  const left = [...batches];
  return {
    kind: 'rows',
    columns,
    *next() {
      return left.shift();
    },
    *close() {},
  };
}

export function answer(result: () => StatementResult): Answer {
  return function* (): Op<StatementResult> {
    return result();
  };
}

/** A value of a parameter, as a test wants to see it. */
function valueText(value: ParameterValue): string {
  if (value.kind === 'null') return 'null';
  if (value.kind === 'bytes') return `bytes ${Buffer.from(value.bytes).toString('hex')}`;
  return `${value.kind} ${value.text}`;
}

export function fakeFrontend(): FakeFrontend {
  const answers = new Map<string, Answer>();
  const events: string[] = [];
  const variables = new Map<string, number>();
  const controls = new Map<number, ConnectionControl>();
  const awaited: { text: string; resolve: () => void }[] = [];

  const record = (text: string): void => {
    events.push(text);
    for (const { resolve } of awaited.filter((one) => one.text === text)) resolve();
  };
  const event = (text: string): Promise<void> =>
    events.includes(text)
      ? Promise.resolve()
      : new Promise((resolve) => awaited.push({ text, resolve }));

  const openSession = (connectionId: number): ClientSession => ({
    parse(sql) {
      if (sql.includes('SYNTAX')) throw new SimError('syntax', 'Getting syntax error at line 1.');
      const statements = sql.split(';').filter((text) => text.trim() !== '');
      return {
        statementCount: statements.length,
        *run(index) {
          const text = statements[index]?.trim() ?? '';
          record(`run ${text}`);
          const known = answers.get(text);
          if (known !== undefined) return yield* known(text);
          return rows([TEXT_COLUMN], [[[text]]]);
        },
      };
    },
    *prepare(sql) {
      if (!sql.startsWith('SELECT')) throw new SimError('not-preparable', 'no query');
      const known = answers.get(sql);
      const result = known === undefined ? rows([TEXT_COLUMN], [[[sql]]]) : yield* known(sql);
      const columns = result.kind === 'rows' ? result.columns : [];
      return {
        parameterCount: sql.split('?').length - 1,
        columns,
        *execute(values) {
          record(`execute ${sql} with ${values.map(valueText).join(', ')}`);
          return known === undefined ? rows([TEXT_COLUMN], [[[sql]]]) : yield* known(sql);
        },
      };
    },
    *fieldsOf(table) {
      if (table !== 't') throw new SimError('execution', `Unknown table(${table})`);
      const base = { database: 'sales', table };
      return [
        { ...base, name: 'id', type: { name: 'INT' }, defaultText: null },
        { ...base, name: 'v', type: { name: 'VARCHAR', length: 5 }, defaultText: 'x' },
      ];
    },
    *useDatabase(name) {
      if (!DATABASES.includes(name)) {
        throw new SimError('unknown-database', `Unknown database '${name}'`);
      }
      record(`use ${name}`);
    },
    idleLimitMs: () => Number(variables.get('wait_timeout') ?? 28_800) * 1000,
    reset: () => record('reset'),
    close: () => record(`close ${connectionId}`),
  });

  const handler: QueryHandler = {
    serverVersion: '8.0.33',
    connectionsMax: () => Number(variables.get('qe_max_connection') ?? 4096),
    *login(request: LoginRequest) {
      const password = USERS[request.user];
      const isKnown =
        password !== undefined &&
        verifyNativePassword({ ...request, storedHash: hashNativePassword(password) });
      if (!isKnown) throw accessDeniedError(request);
      controls.set(request.connectionId, request.control);
      const how = request.isEncrypted ? ' encrypted' : '';
      record(`login ${request.user}@${request.remoteHost} ${request.connectionId}${how}`);
      return openSession(request.connectionId);
    },
  };
  return { handler, answers, events, event, variables, controls };
}
