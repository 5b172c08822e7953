/** `srbr inventory`: groups of tables without hand-written SQL (BR-INV). */
import type { Call, CommandRun } from '../cli/command-spec.ts';
import { databaseNames, tableNames } from '../cluster/names.ts';
import type { InventoryEntry } from '../config/config.ts';
import { BrError, EXIT } from '../errors.ts';
import { addEntries, inventoryEntries, removeEntries } from '../ops/inventory.ts';
import { tableLines } from '../report/table.ts';
import { openSession, type Session } from './session.ts';

export function inventoryCommand(verb: 'list' | 'add' | 'remove' | 'validate'): CommandRun {
  const runs = { list, add, remove, validate };
  return async (call) => await runs[verb](await openSession(call), call);
}

async function list({ ops, options, report }: Session): Promise<number> {
  const group = options.text('group');
  const entries = (await inventoryEntries(ops)).filter(
    (entry) => group === undefined || entry.group === group,
  );
  report.result(
    entries,
    entries.length === 0
      ? ['the inventory is empty']
      : tableLines(
          ['GROUP', 'DATABASE', 'TABLE'],
          entries.map(({ group: name, database, table }) => [name, database, table]),
        ),
  );
  return EXIT.ok;
}

async function add({ ops, options, config, report }: Session, call: Call): Promise<number> {
  const entries = entriesOf(call.words, options.text('group') ?? '', config.database);
  const added = await addEntries(ops, entries);
  report.result({ added }, [`${added} rows added`]);
  return EXIT.ok;
}

async function remove({ ops, options, config, report }: Session, call: Call): Promise<number> {
  const entries = entriesOf(call.words, options.text('group') ?? '', config.database);
  await removeEntries(ops, entries);
  report.result({ removed: entries.length }, [`${entries.length} rows removed`]);
  return EXIT.ok;
}

/** `table`, `database.table`, `database.*`. */
function entriesOf(
  words: readonly string[],
  group: string,
  database: string,
): readonly InventoryEntry[] {
  return words.map((word) => {
    const dot = word.indexOf('.');
    const entry =
      dot < 0
        ? { group, database, table: word }
        : { group, database: word.slice(0, dot), table: word.slice(dot + 1) };
    if (entry.database === '' || entry.table === '') {
      throw new BrError('table-name', `'${word}' is neither table nor database.table`);
    }
    return entry;
  });
}

/** Every database and table that the inventory names is there. */
async function validate({ ops, connection, report }: Session): Promise<number> {
  const entries = await inventoryEntries(ops);
  const databases = new Set(await databaseNames(connection));
  const tables = new Map<string, ReadonlySet<string>>();
  for (const name of new Set(entries.map(({ database }) => database))) {
    if (databases.has(name)) tables.set(name, new Set(await tableNames(connection, name)));
  }
  const faults = entries.flatMap(({ group, database, table }) => {
    const there = tables.get(database);
    if (there === undefined) return [`${group}: there is no database ${database}`];
    if (table === '*' || there.has(table)) return [];
    return [`${group}: there is no table ${database}.${table}`];
  });
  report.result({ faults }, faults.length === 0 ? ['every table is there'] : faults);
  return faults.length === 0 ? EXIT.ok : EXIT.notFound;
}
