/**
 * TLS over a connection that began in the clear, as MySQL clients ask for it (sql-surface.md 1.1,
 * 1.2). Loaded only by a server that has a certificate.
 */
import type { Socket } from 'node:net';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { SimError } from '../base/errors.ts';
import { type Op, suspend } from '../base/op.ts';

/** A certificate, with those of its signers behind it, and its private key: PEM texts. */
export interface TlsPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Ends with the socket to go on with. Throws `tls-failed`; the connection is gone then. */
export type SocketUpgrade = (socket: Socket) => Op<Socket>;

/** Throws `bad-option` when the two are no certificate and the key that belongs to it. */
export function createSocketUpgrade(pair: TlsPair): SocketUpgrade {
  const secureContext = contextOf(pair);
  return function* (socket): Op<Socket> {
    const secured = new TLSSocket(socket, { isServer: true, secureContext });
    return yield* suspend<Socket>((resume) => {
      const settle = (error: Error | undefined): void => {
        secured.off('secure', onSecure);
        secured.off('error', onError);
        secured.off('end', onClose);
        secured.off('close', onClose);
        if (error === undefined) {
          resume({ ok: true, value: secured });
          return;
        }
        // What still comes of a connection that failed is of no interest to anybody.
        secured.on('error', () => {});
        secured.destroy();
        socket.destroy();
        const text = `the TLS handshake failed: ${error.message}`;
        resume({ ok: false, error: new SimError('tls-failed', text, { cause: error }) });
      };
      const onSecure = (): void => settle(undefined);
      const onError = (error: Error): void => settle(error);
      const onClose = (): void => settle(new Error('the client went away'));
      secured.on('secure', onSecure);
      secured.on('error', onError);
      // Who does not trust the certificate ends the stream, which then waits for our end of it.
      secured.on('end', onClose);
      secured.on('close', onClose);
    });
  };
}

function contextOf({ certificate, privateKey }: TlsPair): SecureContext {
  try {
    return createSecureContext({ cert: certificate, key: privateKey, minVersion: 'TLSv1.2' });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new SimError('bad-option', `no certificate and key for TLS: ${why}`, {
      hint: 'give PEM files: the certificate, and the private key that belongs to it.',
    });
  }
}
