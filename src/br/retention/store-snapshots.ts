/**
 * Deletes snapshots in the store of a repository, for frontends that cannot (BR-PRUNE). The files
 * that make a snapshot one go first: what an interrupted deletion leaves is no snapshot any more.
 */
import { toPromise } from '../../base/op.ts';
import type { BlobLocation, OpenedBlob } from '../../blob/blob-storage.ts';
import { requireRepository } from '../cluster/repositories.ts';
import type { Config, StorageConfig } from '../config/config.ts';
import type { Connection } from '../connection/connection.ts';
import { BrError, messageOf } from '../errors.ts';
import type { Ports } from '../ports.ts';

export interface SnapshotStore {
  /** Everything of a snapshot; one that is not there is fine. */
  remove(label: string): Promise<void>;
  close(): Promise<void>;
}

export async function openSnapshotStore(
  connection: Connection,
  config: Config,
  ports: Pick<Ports, 'env' | 'openStore'>,
): Promise<SnapshotStore> {
  const repository = await requireRepository(connection, config.repository);
  const where = storeLocation(repository.location, config.storage, ports);
  const opened = await ports.openStore(where).catch((error: unknown) => {
    throw new BrError('failed', `the store of ${repository.name}: ${messageOf(error)}`, {
      cause: error,
    });
  });
  return {
    remove: (label) => removeSnapshot(opened, repository.name, label),
    close: () => toPromise(opened.storage.close()),
  };
}

/** `config` if a key is wanted that the environment does not have. */
function storeLocation(
  location: string,
  storage: StorageConfig | undefined,
  { env }: Pick<Ports, 'env'>,
): BlobLocation {
  const isS3 = /^s3[an]?:/i.test(location);
  if (!isS3) return { location, brokerName: '', properties: {} };
  if (storage === undefined) {
    throw new BrError('config', `the repository is at ${location}: storage is not configured`, {
      advice: ['storage: {endpoint, region, access_key_env, secret_key_env} in the configuration'],
    });
  }
  const { bucket, prefix = '', endpoint, region, isPathStyle } = storage;
  const prefixPath = prefix.replace(/^\/+|\/+$/g, '');
  const key = (name: string | undefined, what: string): string => {
    const value = name === undefined ? undefined : env(name);
    if (value !== undefined && value !== '') return value;
    throw new BrError('config', `storage.${what}: the environment has no ${name ?? 'such key'}`);
  };
  return {
    location: bucket === undefined ? location : `s3://${bucket}/${prefixPath}`,
    brokerName: '',
    properties: {
      'aws.s3.access_key': key(storage.accessKeyEnv, 'access_key_env'),
      'aws.s3.secret_key': key(storage.secretKeyEnv, 'secret_key_env'),
      'aws.s3.enable_path_style_access': String(isPathStyle),
      ...(endpoint !== undefined && { 'aws.s3.endpoint': endpoint }),
      ...(region !== undefined && { 'aws.s3.region': region }),
    },
  };
}

async function removeSnapshot(
  { storage, root }: OpenedBlob,
  repository: string,
  label: string,
): Promise<void> {
  if (!/^[\w.-]+$/.test(label)) {
    throw new BrError('failed', `'${label}' is no name of one directory`);
  }
  const base = root === '/' ? '' : root;
  const directory = `${base}/__starrocks_repository_${repository}/__ss_${label}`;
  try {
    for (const { name, isFile } of await toPromise(storage.list(directory))) {
      if (isFile) await toPromise(storage.delete(`${directory}/${name}`));
    }
    await toPromise(storage.delete(directory));
  } catch (error) {
    throw new BrError('failed', `deleting ${directory}: ${messageOf(error)}`, { cause: error });
  }
}
