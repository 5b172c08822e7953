/** Rows that stop coming when the statement that reads them is cancelled. */
import { abandonable, type Cancellation } from '../base/cancellation.ts';
import { type Op, start } from '../base/op.ts';
import type { Row, RowStream } from '../base/row-stream.ts';

/**
 * Begins a stream of which the beginning and every batch can be cancelled: the reason is thrown at
 * once, and what was still being fetched is closed when it comes.
 */
export function* cancellableStream(
  begin: Op<RowStream>,
  cancellation: Cancellation,
): Op<RowStream> {
  const stream = yield* abandonable(begin, cancellation, (late) => {
    if (late.ok) start(late.value.close(), () => {});
  });
  let isFetching = false;
  let isClosed = false;
  function* close(): Op<void> {
    if (isClosed) return;
    isClosed = true;
    yield* stream.close();
  }
  function* fetch(): Op<readonly Row[] | undefined> {
    isFetching = true;
    try {
      return yield* stream.next();
    } finally {
      isFetching = false;
    }
  }
  return {
    columns: stream.columns,
    next: () => abandonable(fetch(), cancellation, () => start(close(), () => {})),
    *close() {
      // One batch that was left is still on its way: its coming closes the stream.
      if (!isFetching) yield* close();
    },
  };
}
