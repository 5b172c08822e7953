/**
 * Opens the store that a URL on the command line names, with the properties of a repository: those
 * of `--property`, then what the environment says in the words of the stores' own tools.
 */
import { resolve } from 'node:path';
import { z } from 'zod';
import { realClock } from '../../base/clock.ts';
import { SimError } from '../../base/errors.ts';
import { noFaults } from '../../base/fault.ts';
import { createLocalFiles } from '../../base/local-files.ts';
import { toPromise } from '../../base/op.ts';
import type { OpenedBlob } from '../../blob/blob-storage.ts';
import { redactLocation } from '../../blob/redact.ts';
import { createOpenBlob } from '../../blob/registry.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Location {
  /** As it may be shown. */
  readonly shown: string;
  readonly location: string;
  readonly properties: Readonly<Record<string, string>>;
}

export interface OpenedLocation extends OpenedBlob {
  readonly shown: string;
}

const URL_TEXT = z.string().trim().min(1, 'must not be empty');
const PROPERTY = z
  .string()
  .regex(/^[^=\s]+=/, "must have the form key=value, as in 'aws.s3.region=eu-west-1'");

const HAS_SCHEME = /^([a-z][a-z0-9+.-]+):/i;

/** Throws `bad-option`; never with a value of a property in its text. */
export function readLocation(
  url: string,
  given: readonly string[],
  environment: Environment,
): Location {
  const text = URL_TEXT.safeParse(url);
  if (!text.success) throw badOption('the URL', text.error);
  const hasScheme = HAS_SCHEME.test(text.data);
  const location = hasScheme ? text.data : `file://${resolve(text.data)}`;
  const properties = propertiesOf(given);
  const shown = hasScheme ? redactLocation(location) : text.data;
  return { shown, location, properties: withEnvironment(location, properties, environment) };
}

/** The store behind a URL; a directory of the disk must be there. */
export async function openLocation(
  url: string,
  given: readonly string[],
  environment: Environment,
): Promise<OpenedLocation> {
  const { shown, location, properties } = readLocation(url, given, environment);
  const open = createOpenBlob({
    files: createLocalFiles(),
    faults: noFaults,
    clock: realClock,
    hasNetwork: true,
  });
  const opened = open({ location, brokerName: '', properties });
  if (opened.checkUsable !== undefined) await toPromise(opened.checkUsable());
  return { ...opened, shown };
}

function propertiesOf(given: readonly string[]): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [index, text] of given.entries()) {
    const checked = PROPERTY.safeParse(text);
    if (!checked.success) throw badOption(`--property number ${index + 1}`, checked.error);
    const at = text.indexOf('=');
    properties[text.slice(0, at)] = text.slice(at + 1);
  }
  return properties;
}

function badOption(what: string, error: z.ZodError): SimError {
  return new SimError('bad-option', `${what} ${error.issues[0]?.message ?? 'cannot be read'}`);
}

type Words = readonly (readonly [property: string, variables: readonly string[]])[];

const S3_WORDS: Words = [
  ['aws.s3.access_key', ['AWS_ACCESS_KEY_ID']],
  ['aws.s3.secret_key', ['AWS_SECRET_ACCESS_KEY']],
  ['aws.s3.session_token', ['AWS_SESSION_TOKEN']],
  ['aws.s3.region', ['AWS_REGION', 'AWS_DEFAULT_REGION']],
  ['aws.s3.endpoint', ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']],
];

const HDFS_WORDS: Words = [['username', ['HADOOP_USER_NAME']]];

/** Older S3 properties exclude the newer ones, so with them the environment is left alone. */
function withEnvironment(
  location: string,
  given: Readonly<Record<string, string>>,
  environment: Environment,
): Record<string, string> {
  const words = wordsOf(location, given);
  const properties: Record<string, string> = { ...given };
  for (const [property, variables] of words) {
    const value = variables.map((name) => environment[name] ?? '').find((text) => text !== '');
    if (value !== undefined) properties[property] ??= value;
  }
  // Servers other than AWS mostly have no name for each bucket.
  if (words === S3_WORDS && given['aws.s3.endpoint'] === undefined) {
    if (properties['aws.s3.endpoint'] !== undefined) {
      properties['aws.s3.enable_path_style_access'] ??= 'true';
    }
  }
  return properties;
}

function wordsOf(location: string, given: Readonly<Record<string, string>>): Words {
  if (/^s3[an]?:/i.test(location)) {
    return Object.keys(given).some((key) => key.startsWith('fs.s3a.')) ? [] : S3_WORDS;
  }
  return /^(?:web)?hdfs:/i.test(location) ? HDFS_WORDS : [];
}
