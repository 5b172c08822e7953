/**
 * All repositories of a cluster, by name and by id (repository.md 1.1 to 1.8). Changes come only as
 * log records through `apply`, on the leader after the record is durable and again at replay;
 * checks that need the store come before, in `prepareCreate`.
 */
import { assert, present } from '../base/assert.ts';
import type { RepositoryId } from '../base/ids.ts';
import { Mutex } from '../base/lock.ts';
import type { Op } from '../base/op.ts';
import { formatDateTime } from '../base/time-zone.ts';
import type { JsonObject } from './json-fields.ts';
import { decodeRepositoryImage, encodeRepositoryImage, type RepositoryRecord } from './records.ts';
import type { RepositoryData } from './repository.ts';
import { openRepository, type RepositoryDeps, type RepositoryStore } from './repository-store.ts';
import type { StatusOr } from './status.ts';
import { failure, isOk } from './status-guard.ts';

/** What CREATE REPOSITORY says; the id was taken before and is used up even if this fails. */
export interface CreateRepositoryRequest {
  readonly id: RepositoryId;
  readonly name: string;
  readonly isReadOnly: boolean;
  readonly location: string;
  /** '' when no name was written after WITH BROKER. */
  readonly brokerName: string;
  readonly properties: Readonly<Record<string, string>>;
  /** `time_zone` of the session, in which a new `__repo_info` tells its time. */
  readonly sessionTimeZone: string;
}

export class RepositoryMgr {
  readonly #deps: RepositoryDeps;
  readonly #byName = new Map<string, RepositoryStore>();
  readonly #byId = new Map<RepositoryId, RepositoryStore>();

  /** Hold it from `prepareCreate`, or the checks of a drop, until the record is applied. */
  readonly lock: Mutex = new Mutex();

  constructor(deps: RepositoryDeps) {
    this.#deps = deps;
  }

  byName(name: string): RepositoryStore | undefined {
    return this.#byName.get(name);
  }

  byId(id: RepositoryId): RepositoryStore | undefined {
    return this.#byId.get(id);
  }

  /** In the order of their ids. */
  all(): readonly RepositoryStore[] {
    return [...this.#byId.values()].sort((a, b) => a.data.id - b.data.id);
  }

  /**
   * Checks the name and prepares the store (repository.md 1.3, steps 8 and 9). The answer is what
   * to log: an attached repository brings its own name and create time.
   */
  *prepareCreate(request: CreateRepositoryRequest): Op<StatusOr<RepositoryData>> {
    const { sessionTimeZone, ...asked } = request;
    if (this.#byName.has(asked.name)) return createFailure(existsText(asked.name));
    const draft = openRepository({ ...asked, createTimeMs: this.#deps.clock.now() }, this.#deps);
    const initialized = yield* draft.initialize(sessionTimeZone);
    if (!isOk(initialized)) return createFailure(initialized.status.msg);
    const { name } = initialized.value;
    if (name !== asked.name && this.#byName.has(name)) {
      return createFailure(`${existsText(name)} (the files at the location carry that name)`);
    }
    return initialized;
  }

  apply(record: RepositoryRecord): void {
    if (record.op === 'OP_CREATE_REPOSITORY_V2') {
      this.#add(record.repository);
      return;
    }
    const dropped = present(this.#byName.get(record.name), `repository ${record.name}`);
    this.#byName.delete(record.name);
    this.#byId.delete(dropped.data.id);
  }

  /** Looks after every repository once; a failure is kept as that repository's `errMsg`. */
  *pingAll(): Op<void> {
    for (const repository of this.all()) yield* repository.ping();
  }

  /**
   * The rows of SHOW REPOSITORIES: RepoId, RepoName, CreateTime, IsReadOnly, Location, Broker,
   * ErrMsg (repository.md 6.1). `null` is an SQL NULL.
   */
  repositoryRows(sessionTimeZone: string): readonly (readonly (string | null)[])[] {
    return this.all().map(({ data, errMsg }) => [
      String(data.id),
      data.name,
      data.createTimeMs > 0 ? formatDateTime(data.createTimeMs, sessionTimeZone) : null,
      String(data.isReadOnly),
      data.location,
      data.brokerName,
      errMsg,
    ]);
  }

  /** The whole registry for the image, under StarRocks' keys. */
  encodeImage(): JsonObject {
    return encodeRepositoryImage(this.all().map(({ data }) => data));
  }

  /** Puts the registry of an image in place of what is here. */
  loadImage(json: unknown): void {
    const loaded = decodeRepositoryImage(json);
    this.#byName.clear();
    this.#byId.clear();
    for (const data of loaded) this.#add(data);
  }

  #add(data: RepositoryData): void {
    assert(!this.#byName.has(data.name), `repository ${data.name} is registered once`);
    const repository = openRepository(data, this.#deps);
    this.#byName.set(data.name, repository);
    this.#byId.set(data.id, repository);
  }
}

function existsText(name: string): string {
  return `repository with name ${name} already exists`;
}

function createFailure(msg: string): { readonly status: StatusOr<never>['status'] } {
  return failure('COMMON_ERROR', `Failed to create repository: ${msg}`);
}
