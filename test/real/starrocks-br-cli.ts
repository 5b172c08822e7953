/** A release of the real `starrocks-br` as a program, with a config file for one cluster. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, runCommand } from '../../scripts/real/command.ts';
import { installPython, installStarrocksBr } from '../../scripts/real/python.ts';

export interface StarrocksBrOptions {
  readonly release: string;
  /** Its connector tells results apart by its own C code, or by Python. */
  readonly connector: 'C' | 'pure';
  readonly port: number;
  readonly folder: string;
  /** What the config file says on top, or instead. */
  readonly config?: Readonly<Record<string, string>>;
}

export interface StarrocksBr {
  /** One command of the tool; the config file is named for it. */
  run(...args: readonly string[]): Promise<CommandResult>;
  /** One command of our `srbr`, with the same file. */
  srbr(...args: readonly string[]): Promise<CommandResult>;
}

const SRBR = join(import.meta.dirname, '../../dist/br/main.js');

const HIDES_C_EXTENSION = join(import.meta.dirname, 'python/without-c-extension');

export async function starrocksBr(options: StarrocksBrOptions): Promise<StarrocksBr> {
  const { release, connector, port, folder, config } = options;
  const python = await installPython();
  const tool = await installStarrocksBr(release);
  const path = connector === 'pure' ? [HIDES_C_EXTENSION, tool] : [tool];
  const configFile = join(folder, `starrocks-br-${port}.yaml`);
  await writeFile(configFile, configText(port, config));
  return {
    run: (...args) =>
      runCommand(python, [join(tool, 'bin/starrocks-br'), ...args, '--config', configFile], {
        env: { PYTHONPATH: path.join(':'), STARROCKS_PASSWORD: '', TZ: 'UTC' },
        timeoutMs: 120_000,
      }),
    srbr: (...args) =>
      runCommand(process.execPath, [SRBR, ...args, '--config', configFile], {
        env: { STARROCKS_PASSWORD: '' },
        timeoutMs: 120_000,
      }),
  };
}

function configText(port: number, config: StarrocksBrOptions['config']): string {
  const entries = {
    host: '127.0.0.1',
    port: String(port),
    user: 'root',
    database: 'shop',
    repository: 'repo',
    ...config,
  };
  const lines = Object.entries(entries).map(([key, value]) => `${key}: ${value}`);
  const tables = ['orders', 'items'].map(
    (table) => `      - database: shop\n        table: ${table}`,
  );
  return [...lines, 'table_inventory:', '  - group: daily', '    tables:', ...tables, ''].join(
    '\n',
  );
}
