/** What a person sees when a command fails: one line, with the way out. */
import type { SimError } from '../../base/errors.ts';

/** One line on standard error; a bug also shows where it happened. Sets the exit code. */
export function printFailure(error: SimError): void {
  const hint = error.hint === undefined ? '' : ` (${error.hint.replace(/\.$/, '')})`;
  process.stderr.write(`starrocks-emulator: ${error.message}${hint}\n`);
  if (error.row.kind === 'bug') process.stderr.write(`${error.stack ?? ''}\n${causeOf(error)}`);
  process.exitCode = error.row.exit;
}

function causeOf(error: SimError): string {
  return error.cause instanceof Error ? `${error.cause.stack ?? ''}\n` : '';
}
