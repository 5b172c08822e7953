/** The options of every verb that opens a store by its URL. */
import { type Command, Option } from 'commander';

export interface StorageOptions {
  readonly property: readonly string[];
  readonly json: boolean;
}

export const URL_HELP =
  'a path, file:///path, s3://bucket/path, hdfs://host/path or webhdfs://host:port/path';

/** Credentials are better given by the environment: the command line is seen by all. */
export function addStorageOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--property <key=value>', 'as in CREATE REPOSITORY; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--json', 'JSON lines instead of text', false)
    .allowExcessArguments(false)
    .addHelpText('after', ENVIRONMENT_HELP);
}

/** Each value of an option that may be repeated. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

const ENVIRONMENT_HELP = `
For s3:// the environment is read where no property says otherwise: AWS_ACCESS_KEY_ID,
AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL. For hdfs:// and webhdfs://
HADOOP_USER_NAME. Nothing of them is ever printed.`;
