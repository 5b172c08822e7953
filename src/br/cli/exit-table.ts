/** The exit codes as `--help` shows them (br-cli.md 7.10). */

const MEANINGS: readonly (readonly [string, string])[] = [
  ['0', 'success'],
  ['1', 'failed'],
  ['2', 'usage error'],
  ['3', 'conflict: a slot is taken or the frontend is busy'],
  ['4', 'preflight or schema'],
  ['5', 'nothing to do'],
  ['6', 'label, group, table or snapshot not found'],
  ['7', 'partly done'],
  ['8', 'timed out, lost or detached'],
  ['9', 'declined'],
  ['10', 'verification found a difference'],
  ['130, 143', 'ended by SIGINT, SIGTERM'],
];

export function exitTableText(): string {
  const lines = MEANINGS.map(([code, meaning]) => `  ${code.padEnd(9)} ${meaning}`);
  return [
    'Exit codes with --exit-codes extended; upstream mode turns 3 to 10 into 1:',
    ...lines,
  ].join('\n');
}
