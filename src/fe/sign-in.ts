/** A session for who comes with a name and a password, as over HTTP. */
import { timingSafeEqual } from 'node:crypto';
import { SimError } from '../base/errors.ts';
import { hashNativePassword } from '../base/native-password-hash.ts';
import type { FrontendContext } from './frontend-context.ts';
import { Session } from './session.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly remoteHost: string;
}

/** Not among the connections that SHOW PROCESSLIST lists. */
const NO_CONNECTION_ID = 0;

/** Throws `access-denied-login`, the same whether the user or the password is wrong. */
export function signIn(frontend: FrontendContext, credentials: Credentials): Session {
  const { user, password, remoteHost } = credentials;
  const account = frontend.accounts.accountFor(user, remoteHost);
  const stored = Buffer.from(account?.passwordHash ?? '', 'hex');
  const given = Buffer.from(hashNativePassword(password));
  const isRight = stored.length === given.length && timingSafeEqual(stored, given);
  if (account === undefined || !isRight) {
    throw new SimError('access-denied-login', `Access denied for ${user}@${remoteHost}`);
  }
  const start = { connectionId: NO_CONNECTION_ID, user, remoteHost };
  return new Session(frontend.globals, start, frontend.clock.now(), account);
}
