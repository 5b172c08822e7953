/**
 * `WITH S3 | HDFS | LOCAL`, the forms of Apache Doris (doris.md, design.md 9), in StarRocks' own
 * words: which locations belong to each, and what its properties are called here. What no row of
 * the table names is passed on as it is.
 */
import type { CreateRepository } from '../../sql/ast.ts';
import { analysisError } from '../analysis-error.ts';

export interface RepositoryPlace {
  readonly location: string;
  readonly properties: Readonly<Record<string, string>>;
}

interface Form {
  readonly schemes: readonly string[];
  /** Their key, in lower case -> ours. */
  readonly keys: Readonly<Record<string, string>>;
}

const FORMS: Readonly<Record<Exclude<CreateRepository['withWord'], 'BROKER'>, Form>> = {
  S3: {
    schemes: ['s3', 's3a', 's3n'],
    keys: {
      's3.endpoint': 'aws.s3.endpoint',
      's3.region': 'aws.s3.region',
      's3.access_key': 'aws.s3.access_key',
      's3.secret_key': 'aws.s3.secret_key',
      's3.session_token': 'aws.s3.session_token',
      use_path_style: 'aws.s3.enable_path_style_access',
      aws_endpoint: 'aws.s3.endpoint',
      aws_region: 'aws.s3.region',
      aws_access_key: 'aws.s3.access_key',
      aws_secret_key: 'aws.s3.secret_key',
      aws_token: 'aws.s3.session_token',
    },
  },
  HDFS: {
    schemes: ['hdfs', 'webhdfs'],
    keys: { 'hadoop.username': 'username' },
  },
  LOCAL: { schemes: ['file'], keys: {} },
};

/** The location and properties to keep. Throws what the analyser says of a form that is mixed up. */
export function placeOfForm(statement: CreateRepository): RepositoryPlace {
  const properties = Object.fromEntries(statement.properties);
  const { withWord, location } = statement;
  if (withWord === 'BROKER') return { location, properties };
  const form = FORMS[withWord];
  const path = withWord === 'LOCAL' && location.startsWith('/') ? `file://${location}` : location;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(path)?.[1]?.toLowerCase();
  if (scheme === undefined || !form.schemes.includes(scheme)) {
    const wanted = form.schemes.map((one) => `${one}://`).join(' or ');
    throw analysisError(`WITH ${withWord} wants a location that begins with ${wanted}`);
  }
  return { location: path, properties: translated(withWord, form, properties) };
}

function translated(
  withWord: string,
  { keys }: Form,
  properties: Readonly<Record<string, string>>,
): Record<string, string> {
  const ours: Record<string, string> = {};
  for (const [key, value] of Object.entries(properties)) {
    const name = keys[key.toLowerCase()] ?? key;
    if (ours[name] !== undefined) throw analysisError(`${name} is given twice, once as ${key}`);
    ours[name] = value;
  }
  const endpoint = ours['aws.s3.endpoint'] ?? '';
  // Without a scheme Doris speaks plain HTTP, StarRocks TLS.
  const isPlain = withWord === 'S3' && endpoint !== '' && !/^https?:/i.test(endpoint);
  return isPlain ? { 'aws.s3.enable_ssl': 'false', ...ours } : ours;
}
