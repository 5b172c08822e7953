/** `srbr completion`: prints the script of a shell. */
import type { OfflineCall } from '../cli/command-spec.ts';
import { completionScript, SHELLS } from '../cli/completion.ts';
import { BrError, EXIT } from '../errors.ts';

export async function runCompletion(call: OfflineCall): Promise<number> {
  const { words, report, globals, commands } = call;
  const shell = SHELLS.find((each) => each === words[0]);
  if (shell === undefined) {
    throw new BrError('usage', `completion: one of ${SHELLS.join(', ')}, got '${words[0] ?? ''}'`);
  }
  const script = completionScript(shell, globals, commands);
  report.result({ shell, script }, [script]);
  return EXIT.ok;
}
