/**
 * Tablets on their way to a query: any replica will do, tried in the order given; the leases of
 * those that were opened are kept together and closed together.
 */
import { asSimError, SimError } from '../base/errors.ts';
import type { BackendId } from '../base/ids.ts';
import { all, type Op } from '../base/op.ts';
import type { OpenedTablet, ScannedTablet } from '../protocol/data.ts';
import type { BackendLink } from '../protocol/links.ts';
import type { TabletToRead } from '../protocol/query.ts';
import type { TabletTable } from './bound.ts';

export type FindBackend = (id: BackendId) => BackendLink | undefined;

/** Tablets of one query that are opened at the same time. */
export const TABLETS_OPENING_MAX = 16;

/** Replicas that a query has found unreadable after they were opened: `<tablet>@<backend>`. */
export type BadReplicas = ReadonlySet<string>;

export interface OpenedReplica {
  readonly tablet: OpenedTablet;
  readonly backendId: BackendId;
}

export interface OpenedTablets {
  replica(tablet: TabletToRead): OpenedReplica | undefined;
  /** All of them, for finding whose file failed. */
  readonly replicas: Iterable<OpenedReplica>;
  /** Gives all leases back; a second call does nothing. */
  close(): void;
}

export function replicaKey(tabletId: number, backendId: BackendId): string {
  return `${tabletId}@${backendId}`;
}

const tabletKey = ({ tabletId, version }: TabletToRead): string => `${tabletId}:${version}`;

/**
 * The first replica of a tablet that `read` succeeds on. Throws `tablet-unreadable`, naming table
 * and tablet and what each replica said, when none does.
 */
function* anyReplica<T>(
  table: TabletTable,
  tablet: TabletToRead,
  bad: BadReplicas,
  findBackend: FindBackend,
  read: (link: BackendLink) => Op<T>,
): Op<T> {
  const said: string[] = [];
  for (const backendId of tablet.replicas) {
    if (bad.has(replicaKey(tablet.tabletId, backendId))) {
      said.push(`backend ${backendId}: a file could not be read`);
      continue;
    }
    const link = findBackend(backendId);
    if (link === undefined) {
      said.push(`backend ${backendId}: not known`);
      continue;
    }
    try {
      return yield* read(link);
    } catch (error) {
      const { code, message } = asSimError(error);
      if (code === 'bug') throw error;
      said.push(`backend ${backendId}: ${message}`);
    }
  }
  throw new SimError(
    'tablet-unreadable',
    `tablet ${tablet.tabletId} of ${table.displayName} cannot be read at version ` +
      `${tablet.version}: ${said.join('; ') || 'it has no replica'}`,
  );
}

/** Opens every tablet of the tables; on failure none stays open. */
export function* openTablets(
  tables: readonly TabletTable[],
  bad: BadReplicas,
  findBackend: FindBackend,
): Op<OpenedTablets> {
  const opened = new Map<string, OpenedReplica>();
  let isClosed = false;
  const close = (): void => {
    if (isClosed) return;
    isClosed = true;
    for (const { tablet, backendId } of opened.values()) {
      findBackend(backendId)?.closeTablet(tablet.leaseId);
    }
  };
  const wanted = new Map<string, { table: TabletTable; tablet: TabletToRead }>();
  for (const table of tables) {
    for (const tablet of table.tablets) wanted.set(tabletKey(tablet), { table, tablet });
  }
  try {
    yield* all(
      Array.from(
        wanted,
        ([key, { table, tablet }]) =>
          () =>
            anyReplica(table, tablet, bad, findBackend, function* (link): Op<void> {
              const { tabletId, version } = tablet;
              const result = yield* link.openTablet({ tabletId, version });
              opened.set(key, { tablet: result, backendId: link.backendId });
            }),
      ),
      TABLETS_OPENING_MAX,
    );
  } catch (error) {
    close();
    throw error;
  }
  return {
    replica: (tablet) => opened.get(tabletKey(tablet)),
    replicas: opened.values(),
    close,
  };
}

/** All live rows of every tablet of a table, in the order of its tablets. */
export function scanTablets(
  table: TabletTable,
  findBackend: FindBackend,
): Op<readonly ScannedTablet[]> {
  return all(
    table.tablets.map(
      (tablet) => () =>
        anyReplica(table, tablet, new Set(), findBackend, (link) =>
          link.scanTablet({ tabletId: tablet.tabletId, version: tablet.version }),
        ),
    ),
    TABLETS_OPENING_MAX,
  );
}
