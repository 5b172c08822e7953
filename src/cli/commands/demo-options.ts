/** The options of `demo`. */
import type { Command } from 'commander';

export interface DemoOptions {
  readonly json: boolean;
  /** Three million rows instead of a few: of this file, or (true) of the one that is looked for. */
  readonly big?: string | true;
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'load real rows, back up, drop, restore, compare; exit 0 only if every row came back',
    )
    .option('--json', 'JSON lines instead of text', false)
    .option('--big [path]', 'three million flights, from flights-3m.parquet of vega-datasets')
    .allowExcessArguments(false)
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('./demo.ts');
      await runDemo(options);
    });
}
