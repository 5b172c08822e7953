/** The `tls` section of the configuration as options of Node's TLS (BR-CFG). */
import type { SslOptions } from 'mysql2';
import type { TlsConfig } from '../config/config.ts';
import { BrError } from '../errors.ts';

/** The contents of the files that the section names. */
export interface TlsFiles {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
type Version = (typeof VERSIONS)[number];

/** The lowest and the highest of the versions; `config` for one that is none. */
export function tlsOptions(tls: TlsConfig, files: TlsFiles): SslOptions {
  const ranks = tls.versions.map((name) => VERSIONS.indexOf(name as Version));
  const unknown = tls.versions[ranks.indexOf(-1)];
  if (unknown !== undefined) {
    throw new BrError('config', `tls.tls_versions: '${unknown}' is none of ${VERSIONS.join(', ')}`);
  }
  const lowest = VERSIONS[Math.min(...ranks)];
  const highest = VERSIONS[Math.max(...ranks)];
  return {
    rejectUnauthorized: tls.verifyServerCert,
    ...(files.ca !== undefined && { ca: files.ca }),
    ...(files.cert !== undefined && { cert: files.cert }),
    ...(files.key !== undefined && { key: files.key }),
    ...(lowest !== undefined && { minVersion: lowest }),
    ...(highest !== undefined && { maxVersion: highest }),
  };
}
