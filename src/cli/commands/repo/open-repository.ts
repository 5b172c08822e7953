/** From a URL to the repositories that lie there, for all verbs of `repo`. */
import { SimError } from '../../../base/errors.ts';
import { toPromise } from '../../../base/op.ts';
import type { BlobStorage } from '../../../blob/blob-storage.ts';
import {
  type FoundRepository,
  findRepositories,
  listRepository,
} from '../../../repository/inspect/find-repositories.ts';
import { PALO_PREFIX, STARROCKS_PREFIX } from '../../../repository/layout.ts';
import { openLocation } from '../../storage/open-location.ts';
import { printable } from '../../ui/table.ts';
import type { RepoOptions } from '../repo-options.ts';

export interface OpenPlace {
  readonly storage: BlobStorage;
  readonly shown: string;
  readonly repositories: readonly FoundRepository[];
}

/** Closes the store after `body`, however that ends. */
export async function withRepositories<T>(
  url: string,
  options: RepoOptions,
  body: (place: OpenPlace) => Promise<T>,
): Promise<T> {
  const { storage, root, shown } = await openLocation(url, options.property, process.env);
  try {
    const found = await toPromise(findRepositories(storage, root));
    const { repository } = options;
    const repositories = found.filter(
      ({ name }) => repository === undefined || name === repository,
    );
    if (repositories.length === 0) throw nothingThere(printable(shown), found, repository);
    return await body({ storage, shown: printable(shown), repositories });
  } finally {
    await toPromise(storage.close());
  }
}

function nothingThere(
  shown: string,
  found: readonly FoundRepository[],
  wanted: string | undefined,
): SimError {
  if (wanted !== undefined && found.length > 0) {
    const names = found.map(({ name }) => name).join(', ');
    return new SimError('blob-not-found', `no repository ${wanted} at ${shown}`, {
      hint: `There are: ${printable(names)}.`,
    });
  }
  return new SimError('blob-not-found', `no repository at ${shown}`, {
    hint: `A location holds a directory ${STARROCKS_PREFIX}<name> or ${PALO_PREFIX}<name>.`,
  });
}

/** The one repository that a verb of a single snapshot means. */
export async function onlyRepository(
  { repositories, storage, shown }: OpenPlace,
  label: string | undefined,
): Promise<FoundRepository> {
  const [only, another] = repositories;
  if (only !== undefined && another === undefined) return only;
  const holders: FoundRepository[] = [];
  for (const repository of repositories) {
    const { labels } = await toPromise(listRepository(storage, repository.directory));
    if (label === undefined || labels.includes(label)) holders.push(repository);
  }
  const [holder, ...others] = holders;
  if (holder !== undefined && others.length === 0) return holder;
  const names = (holder === undefined ? repositories : holders).map(({ name }) => name);
  throw new SimError('bad-option', `several repositories at ${shown}: ${names.join(', ')}`, {
    hint: 'Say which with --repository.',
  });
}

/** The labels of a repository, or those asked for; each of those must be there. */
export function chosenLabels(
  asked: readonly string[],
  there: readonly string[],
  name: string,
): readonly string[] {
  if (asked.length === 0) return there;
  const missing = asked.find((label) => !there.includes(label));
  if (missing === undefined) return asked;
  throw new SimError('blob-not-found', `no snapshot ${missing} in repository ${name}`, {
    hint: there.length === 0 ? 'It has none.' : `There are: ${namesOf(there)}.`,
  });
}

const NAMES_SHOWN_MAX = 10;

function namesOf(labels: readonly string[]): string {
  const more = labels.length > NAMES_SHOWN_MAX ? ', ...' : '';
  return printable(`${labels.slice(0, NAMES_SHOWN_MAX).join(', ')}${more}`);
}
