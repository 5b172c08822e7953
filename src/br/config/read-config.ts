/**
 * The configuration file as text -> the configuration. All faults of a file are told at once, each
 * with its key and what was expected (BR-CFG). Keys that nobody knows are warnings, with the
 * nearest name that is known: upstream passes over them in silence.
 */
import { nearestNames } from '../../base/nearest-names.ts';
import { BrError, messageOf } from '../errors.ts';
import type { Config } from './config.ts';
import type { ConfigIssue } from './schema.ts';

export interface ReadConfig {
  readonly config: Config;
  readonly warnings: readonly string[];
}

/** `config` with every fault in its message; `path` is only for messages. */
export async function readConfig(text: string, path: string): Promise<ReadConfig> {
  const warnings: string[] = [];
  const known = withoutOddities(await readMapping(text, path), warnings);
  return { config: await checked(known, path, warnings), warnings };
}

/** The YAML mapping that a text is; `config` if it is none. */
export async function readMapping(
  text: string,
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    value = parse(text);
  } catch (error) {
    throw new BrError('config', `${path} is not YAML: ${messageOf(error).split('\n')[0]}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BrError('config', `${path} must hold a mapping of keys to values`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** Takes out what is accepted with a warning: aliases, passwords, ports as texts. */
function withoutOddities(
  value: Readonly<Record<string, unknown>>,
  warnings: string[],
): Record<string, unknown> {
  const known = { ...value };
  if ('password' in known) {
    warnings.push('password: never read from the file; set STARROCKS_PASSWORD instead');
    delete known['password'];
  }
  if ('table_inventories' in known) {
    warnings.push('table_inventories: the key is called table_inventory');
    known['table_inventory'] ??= known['table_inventories'];
    delete known['table_inventories'];
  }
  if (typeof known['port'] === 'string') warnings.push('port: a number in quotes');
  return known;
}

/** Once to find the keys that nobody knows, once without them to find what is wrong. */
async function checked(
  known: Record<string, unknown>,
  path: string,
  warnings: string[],
): Promise<Config> {
  const { checkConfig, TOP_LEVEL_KEYS } = await import('./schema.ts');
  const first = checkConfig(known);
  if (first.ok) return first.config;
  for (const issue of first.issues) {
    for (const key of issue.unknownKeys) {
      warnings.push(unknownKeyText(issue.path, key, TOP_LEVEL_KEYS));
      removeAt(known, issue.path, key);
    }
  }
  const second = checkConfig(known);
  if (second.ok) return second.config;
  throw faultsError(known, second.issues, path, warnings);
}

/** One error with every fault, each at its place. */
export function faultsError(
  value: unknown,
  issues: readonly ConfigIssue[],
  path: string,
  advice: readonly string[],
): BrError {
  const faults = issues.map((issue) => faultText(value, issue));
  return new BrError('config', `${path}: ${faults.join('; ')}`, { advice });
}

function faultText(known: unknown, { path, message }: ConfigIssue): string {
  const isMissing = valueAt(known, path) === undefined && !message.startsWith('is needed');
  return `${placeText(path)}: ${isMissing ? 'missing; ' : ''}${message}`;
}

function unknownKeyText(
  path: readonly PropertyKey[],
  key: string,
  topLevel: readonly string[],
): string {
  const [nearest] = path.length === 0 ? nearestNames(key, topLevel, 1) : [];
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `${placeText([...path, key])}: not a key that is known${hint}`;
}

function placeText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      return index === 0 ? String(part) : `.${String(part)}`;
    })
    .join('');
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** On a copy of what lies on the way, so that nothing of the caller's changes. */
function removeAt(root: Record<string, unknown>, path: readonly PropertyKey[], key: string): void {
  let holder: Record<PropertyKey, unknown> = root;
  for (const part of path) {
    const inner = holder[part];
    const copy = Array.isArray(inner) ? [...inner] : { ...(inner as object) };
    holder[part] = copy;
    holder = copy as Record<PropertyKey, unknown>;
  }
  delete holder[key];
}
