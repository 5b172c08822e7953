/** The options that stand before the command and hold for every one of them (br-cli.md 2). */
import type { OptionSpec } from './command-spec.ts';

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '--config <file>', purpose: 'configuration (YAML); also from STARROCKS_BR_CONFIG' },
  { flags: '--verbose', purpose: 'tell every statement, and where errors come from' },
  { flags: '--json', purpose: 'one JSON document on standard output' },
  {
    flags: '--log-format <format>',
    purpose: 'lines on standard error: text or json',
    fallback: 'text',
  },
  {
    flags: '--exit-codes <mode>',
    purpose: 'upstream (0, 1, 2) or extended (see below)',
    fallback: 'upstream',
  },
  { flags: '--strict', purpose: 'warnings about the configuration are errors' },
  { flags: '--no-color', purpose: 'accepted; output has no colours' },
];
