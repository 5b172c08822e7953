/** Lets other connections have their turn: one round of the event loop, without passing time. */
import { type Op, suspend } from './op.ts';

export function* breathe(): Op<void> {
  yield* suspend<void>((resume) => {
    setImmediate(() => resume({ ok: true, value: undefined }));
  });
}
