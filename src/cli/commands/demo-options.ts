/** The options of `demo`. */
import type { Command } from 'commander';

export interface DemoOptions {
  readonly json: boolean;
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'load real rows, back up, drop, restore, compare; exit 0 only if every row came back',
    )
    .option('--json', 'JSON lines instead of text', false)
    .allowExcessArguments(false)
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('./demo.ts');
      await runDemo(options);
    });
}
