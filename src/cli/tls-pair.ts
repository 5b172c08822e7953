/** The options of `start` about TLS, and the certificate and key that they stand for. */
import { resolve } from 'node:path';
import { realClock } from '../base/clock.ts';
import { asSimError, SimError } from '../base/errors.ts';
import { createLocalFiles } from '../base/local-files.ts';
import { toPromise } from '../base/op.ts';
import { certifiedHosts, selfSignedCertificate } from '../base/self-signed-certificate.ts';
import type { TlsPair } from '../wire/socket-upgrade.ts';

export interface TlsOptions {
  readonly host: string;
  readonly tls: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly requireTls: boolean;
}

/** Undefined without any of the options; `bad-option` for half a pair or an unreadable file. */
export async function tlsPairOf(options: TlsOptions): Promise<TlsPair | undefined> {
  const { tlsCert, tlsKey } = options;
  if (tlsCert !== undefined && tlsKey !== undefined) {
    if (options.tls)
      throw refusal('--tls makes a certificate, --tls-cert brings one', 'one of them');
    const certificate = await readPem('--tls-cert', tlsCert);
    return { certificate, privateKey: await readPem('--tls-key', tlsKey) };
  }
  if (tlsCert !== undefined || tlsKey !== undefined) {
    throw refusal('--tls-cert and --tls-key belong together', 'both');
  }
  if (options.tls) {
    return selfSignedCertificate(certifiedHosts(options.host), realClock.now());
  }
  if (options.requireTls) {
    throw refusal('--require-tls needs a certificate', '--tls, or --tls-cert and --tls-key');
  }
  return undefined;
}

const refusal = (text: string, wanted: string): SimError =>
  new SimError('bad-option', text, { hint: `give ${wanted}.` });

async function readPem(option: string, path: string): Promise<string> {
  try {
    return Buffer.from(await toPromise(createLocalFiles().read(resolve(path)))).toString('utf8');
  } catch (error) {
    throw new SimError('bad-option', `${option} ${path}: ${asSimError(error).message}`);
  }
}
