/** What a client sees in a cluster, beside what the model says. */
import { asSimError } from '../base/errors.ts';
import { nameOf } from './actions.ts';
import { placeDamage } from './damage.ts';
import {
  CATALOGS,
  comparable,
  distinct,
  type ModelTables,
  type ReadRow,
  rowTexts,
  sameTexts,
} from './model.ts';
import { textIn } from './plan-object.ts';
import type { Site } from './site.ts';

/** A table as it was read, or why it could not be. */
export type ReadTable =
  | { readonly rows: readonly ReadRow[] }
  /** An object without rows. */
  | { readonly text: string }
  | { readonly error: string };

export type ReadTables = ReadonlyMap<string, ReadTable>;

/** The tables of one database with their rows; undefined if it is not there. */
export function readTables(site: Site, db: string): ReadTables | undefined {
  const { machine } = site;
  if (db === CATALOGS) return readCatalogs(site);
  const names = machine.query('SHOW DATABASES').rows.map(([name]) => String(name));
  if (!names.includes(db)) return undefined;
  const read = new Map<string, ReadTable>();
  for (const [name] of machine.query(`SHOW TABLES FROM ${db}`).rows) {
    read.set(String(name), readTable(site, db, String(name)));
  }
  for (const [signature, , , , properties] of machine.query(`SHOW FULL FUNCTIONS FROM ${db}`)
    .rows) {
    const name = String(signature).replace('(INT)', '');
    read.set(name, { text: textIn(String(properties)) ?? `an odd ${properties}` });
  }
  return read;
}

function readCatalogs(site: Site): ReadTables {
  const names = site.machine.query('SHOW CATALOGS').rows.map(([name]) => String(name));
  const own = names.filter((name) => name !== 'default_catalog');
  return new Map(own.map((name) => [name, readText(site, `SHOW CREATE CATALOG ${name}`)]));
}

function readText(site: Site, sql: string): ReadTable {
  const shown = String(site.machine.query(sql).rows[0]?.[1]);
  return { text: textIn(shown) ?? `an odd ${shown}` };
}

function readTable(site: Site, db: string, name: string): ReadTable {
  if (site.namesInRestore(db).has(name)) return { error: 'a restore is changing it' };
  if (name === nameOf.object('view')) return readText(site, `SHOW CREATE VIEW ${db}.${name}`);
  try {
    const fields = site.machine.query(`DESC ${db}.${name}`).rows.map(([field]) => field);
    const hasExtra = fields.includes('x');
    const { rows } = site.machine.query(`SELECT k, v${hasExtra ? ', x' : ''} FROM ${db}.${name}`);
    return { rows: rows.map((row) => row.map(Number) as unknown as ReadRow) };
  } catch (error) {
    const { code, message } = asSimError(error);
    if (site.machine.whyDown !== undefined) throw error;
    if (code === 'bug') throw error;
    return { error: `${code}: ${message}` };
  }
}

/** The first difference between what was read and what may be there; undefined: none. */
export function difference(
  read: ReadTables | undefined,
  tables: ModelTables | undefined,
  open: ReadonlySet<string>,
  mayBeUnreadable: boolean,
): string | undefined {
  if (read === undefined || tables === undefined) {
    if (read === undefined && tables === undefined) return undefined;
    return read === undefined ? 'the database is missing' : 'the database is still there';
  }
  for (const name of read.keys()) {
    if (!tables.has(name) && !open.has(name)) return `table ${name} should not be there`;
  }
  for (const [name, table] of tables) {
    if (open.has(name)) continue;
    const found = read.get(name);
    if (found === undefined) return `table ${name} is lost`;
    const isTorn = [...table.parts.values()].some((part) => part.isTorn);
    if ('error' in found) {
      if (mayBeUnreadable || table.isDamaged || isTorn) continue;
      return `table ${name} cannot be read: ${found.error}`;
    }
    if ('text' in found || table.text !== undefined) {
      const text = 'text' in found ? found.text : 'rows';
      if (text === table.text) continue;
      return `${name} is ${text}, not ${table.text}`;
    }
    const expected = rowTexts(table);
    const actual = comparable(table, found.rows);
    if (sameTexts(expected, actual)) continue;
    return `table ${name} has rows [${actual.join(' ')}], not [${expected.join(' ')}]`;
  }
  return undefined;
}

/** Drops the candidates that do not fit what a client reads; tells what is wrong if none does. */
export function narrow(site: Site, dbs: readonly string[]): string | undefined {
  placeDamage(site);
  const mayBeUnreadable = !site.machine.cluster.isHealthy() || !site.machine.areBackendsUp;
  for (const db of dbs) {
    const read = readTables(site, db);
    const open = site.namesInRestore(db);
    const differences = site.candidates.map((each) =>
      difference(read, each.get(db), open, mayBeUnreadable),
    );
    const fitting = site.candidates.filter((_, at) => differences[at] === undefined);
    if (fitting.length === 0) return `${db}: ${differences[0]}`;
    site.candidates = distinct(fitting);
  }
  return undefined;
}
