/**
 * How to reach HDFS, out of a location and the properties of a repository (repository.md 5.3).
 * StarRocks speaks to the RPC port of a NameNode; the emulator speaks WebHDFS, to its HTTP port:
 * `dfs.namenode.http-address` names it, without it the host of the location at Hadoop's own port.
 */
import { SimError } from '../base/errors.ts';
import { normalizeKey } from './blob-key.ts';
import type { BlobKey, BlobLocation } from './blob-storage.ts';
import { redactLocation } from './redact.ts';

export interface HdfsPlace {
  /** The key that the location stands for. */
  readonly root: BlobKey;
  /** `http://host:port` of each NameNode that may be the active one; at least one. */
  readonly nameNodes: readonly string[];
  /** Absent: none was given, so HDFS takes the user for its static one (`dr.who`). */
  readonly userName: string | undefined;
}

/** Of a NameNode's HTTP address since Hadoop 3. */
const HTTP_PORT_DEFAULT = 9870;

const NAME_NODES_MAX = 16;

/**
 * `rest` is the location without its scheme and colon. Throws `blob-location-unsupported`, naming
 * the location or the key, for what cannot be reached.
 */
export function hdfsPlace(
  where: BlobLocation,
  scheme: 'hdfs' | 'webhdfs',
  rest: string,
): HdfsPlace {
  const { authority, root } = partsOf(where, rest);
  checkAuthentication(where);
  checkCacheFlag(where);
  const server = authority === '' ? defaultAuthority(where) : authority;
  const { properties } = where;
  return Object.freeze({
    root,
    nameNodes: Object.freeze(nameNodesOf(where, scheme, server)),
    userName:
      (properties['username'] || undefined) ??
      (properties['hadoop.security.username'] || undefined) ??
      (properties['hadoop.username'] || undefined),
  });
}

function partsOf(where: BlobLocation, rest: string): { authority: string; root: BlobKey } {
  const match = /^(?:\/\/([^/]*))?(\/.*)?$/s.exec(rest);
  const root = normalizeKey(match?.[2] ?? '/');
  const authority = match?.[1] ?? '';
  const isPlain = match !== null && !authority.includes('@');
  if (isPlain && root !== undefined) return { authority, root };
  throw new SimError(
    'blob-location-unsupported',
    `location ${redactLocation(where.location)} must have the form hdfs://<host>:<port>/<path>`,
    { hint: "A path may not hold '.' or '..'; the user belongs into the property 'username'." },
  );
}

function defaultAuthority(where: BlobLocation): string {
  const text = where.properties['fs.defaultFS'] ?? '';
  const authority = /^(?:web)?hdfs:\/\/([^/@]+)\/?$/.exec(text)?.[1];
  if (authority !== undefined) return authority;
  throw unsupported(
    where,
    'it names no host',
    "Write hdfs://<host>:<port>/<path>, or set 'fs.defaultFS' = 'hdfs://<host>:<port>'.",
  );
}

function nameNodesOf(where: BlobLocation, scheme: 'hdfs' | 'webhdfs', server: string): string[] {
  const { properties, brokerName } = where;
  const services = (properties['dfs.nameservices'] ?? '').split(',').map((name) => name.trim());
  if (services[0] !== '') {
    if (brokerName === '') {
      throw unsupported(
        where,
        'without a broker dfs.nameservices belongs into hdfs-site.xml, which the emulator has not',
        'Write a broker after WITH BROKER (ALTER SYSTEM ADD BROKER), or the active NameNode.',
      );
    }
    if (services.includes(server)) return highlyAvailable(where, server);
  }
  const given = properties['dfs.namenode.http-address'] ?? '';
  if (scheme === 'webhdfs') return [origin(where, server)];
  const host = hostOf(server);
  if (given === '') return [origin(where, `${host}:${HTTP_PORT_DEFAULT}`)];
  // The wildcard is what a server listens at; it stands for the host of the location.
  return [origin(where, given.replace(/^0\.0\.0\.0(?=:|$)/, host))];
}

function highlyAvailable(where: BlobLocation, service: string): string[] {
  const { properties } = where;
  const key = `dfs.ha.namenodes.${service}`;
  const names = (properties[key] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (names.length === 0) throw unsupported(where, `${key} is missing`);
  if (names.length > NAME_NODES_MAX) throw unsupported(where, `${key} names too many NameNodes`);
  return names.map((name) => {
    const http = properties[`dfs.namenode.http-address.${service}.${name}`] ?? '';
    if (http !== '') return origin(where, http);
    const rpcKey = `dfs.namenode.rpc-address.${service}.${name}`;
    const rpc = properties[rpcKey] ?? '';
    if (rpc === '') throw unsupported(where, `${rpcKey} is missing`);
    return origin(where, `${hostOf(rpc)}:${HTTP_PORT_DEFAULT}`);
  });
}

const hostOf = (authority: string): string => authority.replace(/:\d*$/, '');

function origin(where: BlobLocation, authority: string): string {
  const withPort = /:\d+$/.test(authority)
    ? authority
    : `${hostOf(authority)}:${HTTP_PORT_DEFAULT}`;
  const text = `http://${withPort}`;
  if (/^[^/?#]+$/.test(withPort) && URL.canParse(text)) return text;
  throw unsupported(where, `${authority} is no address of a NameNode`);
}

function checkAuthentication(where: BlobLocation): void {
  const { properties, brokerName } = where;
  const kind = (properties['hadoop.security.authentication'] ?? '').toLowerCase();
  if (kind === 'simple') return;
  if (kind !== '' && brokerName === '') {
    throw unsupported(
      where,
      `hadoop.security.authentication = ${kind} belongs into core-site.xml, which the emulator has not`,
      SIMPLE_ONLY,
    );
  }
  const given = Object.keys(properties).find(
    (key) => /^(hadoop\.security\.)?kerberos[._]/.test(key) && properties[key] !== '',
  );
  if (kind === '' && given === undefined) return;
  const what = given ?? `hadoop.security.authentication = ${kind}`;
  throw unsupported(where, `${what}: Kerberos is not supported`, SIMPLE_ONLY);
}

const SIMPLE_ONLY = "Use an HDFS with simple authentication, and name the user in 'username'.";

function checkCacheFlag(where: BlobLocation): void {
  const text = (where.properties['fs.hdfs.impl.disable.cache'] ?? '').toLowerCase();
  if (text === '' || text === 'true' || text === 'false') return;
  throw unsupported(where, 'fs.hdfs.impl.disable.cache must be true or false');
}

function unsupported(where: BlobLocation, what: string, hint?: string): SimError {
  const text = `location ${redactLocation(where.location)}: ${what}`;
  return new SimError('blob-location-unsupported', text, hint === undefined ? {} : { hint });
}
