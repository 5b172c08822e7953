/** The one question that a command asks before it changes what users see (BR-CUT). */
import { BrError } from '../errors.ts';
import type { Ports } from '../ports.ts';

/** Only `y` or `yes` goes on; `declined` for all else, and for no answer at all. */
export async function confirm(ports: Ports, question: string): Promise<void> {
  const answer = await ports.askLine(`${question} [y/N] `);
  if (answer === undefined) {
    throw new BrError('declined', 'there is nobody to ask', {
      advice: ['--yes goes on without asking'],
    });
  }
  if (!/^y(es)?$/i.test(answer.trim())) throw new BrError('declined', 'not confirmed');
}
