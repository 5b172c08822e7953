/**
 * Stream Load: the rows of an HTTP body into a table as one transaction, exactly once by label.
 * What goes wrong with the load is told in its answer; only bugs are thrown. Source:
 * sql-surface.md 3.6 and the documentation of STREAM LOAD.
 */
import type { Millis } from '../../base/clock.ts';
import { asSimError } from '../../base/errors.ts';
import { attempt, type Op } from '../../base/op.ts';
import { uuid } from '../../base/random.ts';
import type { FrontendContext } from '../frontend-context.ts';
import type { Session } from '../session.ts';
import { type LoadCounts, type LoadedBody, loadBody, NO_COUNTS } from './load-body.ts';
import { type Headers, streamLoadOptions } from './stream-load-options.ts';
import { targetOf } from './target.ts';

export interface StreamLoadRequest {
  readonly database: string;
  readonly table: string;
  readonly header: Headers;
  readonly body: readonly Uint8Array[];
  /** When the request came. */
  readonly beganMs: Millis;
}

/** The answer as it goes out, in StarRocks' words and order. */
export interface StreamLoadAnswer {
  readonly TxnId: number;
  readonly Label: string;
  readonly Status: 'Success' | 'Publish Timeout' | 'Fail' | 'Label Already Exists';
  readonly ExistingJobStatus?: 'RUNNING' | 'FINISHED';
  readonly Message: string;
  readonly NumberTotalRows: number;
  readonly NumberLoadedRows: number;
  readonly NumberFilteredRows: number;
  readonly NumberUnselectedRows: number;
  readonly LoadBytes: number;
  readonly LoadTimeMs: number;
  readonly BeginTxnTimeMs: number;
  readonly StreamLoadPlanTimeMs: number;
  readonly ReadDataTimeMs: number;
  readonly WriteDataTimeMs: number;
  readonly CommitAndPublishTimeMs: number;
}

const NO_TXN = -1;

/** Throws `access-denied` and what names nothing that is there; all else is in the answer. */
export function* streamLoad(
  frontend: FrontendContext,
  session: Session,
  request: StreamLoadRequest,
): Op<StreamLoadAnswer> {
  const { database } = targetOf(frontend, session, request);
  const label = request.header('label') ?? uuid(frontend.random);
  const existing = frontend.labels.stateOf(database.id, label);
  if (existing !== undefined) {
    return answer(frontend, request, label, {
      Status: 'Label Already Exists',
      ExistingJobStatus: existing,
      Message: `Label [${label}] has already been used.`,
    });
  }
  let counts: LoadCounts = NO_COUNTS;
  const loaded = yield* attempt(
    (function* (): Op<LoadedBody> {
      const options = streamLoadOptions(request.header);
      return yield* frontend.labels.hold(database.id, label, () =>
        loadBody(frontend, session, { ...request, label }, options, (found) => {
          counts = found;
        }),
      );
    })(),
  );
  if (loaded.ok) {
    const { txnId, isVisible } = loaded.value;
    return answer(frontend, request, label, {
      TxnId: txnId,
      Status: isVisible ? 'Success' : 'Publish Timeout',
      Message: isVisible ? 'OK' : 'the load is committed and will be visible later',
      counts,
    });
  }
  const { code, message } = asSimError(loaded.error);
  // A frontend whose log has failed can promise nothing about the load.
  if (code === 'bug' || !frontend.isLogUsable()) throw loaded.error;
  return answer(frontend, request, label, {
    Status: 'Fail',
    Message: message,
    counts: { ...counts, loaded: 0 },
  });
}

type Outcome = Pick<StreamLoadAnswer, 'Status' | 'Message' | 'ExistingJobStatus'> & {
  readonly TxnId?: number;
  readonly counts?: LoadCounts;
};

function answer(
  frontend: FrontendContext,
  { body, beganMs }: StreamLoadRequest,
  label: string,
  { TxnId = NO_TXN, Status, ExistingJobStatus, Message, counts = NO_COUNTS }: Outcome,
): StreamLoadAnswer {
  return {
    TxnId,
    Label: label,
    Status,
    ...(ExistingJobStatus !== undefined && { ExistingJobStatus }),
    Message,
    NumberTotalRows: counts.total,
    NumberLoadedRows: counts.loaded,
    NumberFilteredRows: counts.filtered,
    NumberUnselectedRows: counts.unselected,
    LoadBytes: body.reduce((sum, chunk) => sum + chunk.length, 0),
    LoadTimeMs: frontend.clock.now() - beganMs,
    BeginTxnTimeMs: 0,
    StreamLoadPlanTimeMs: 0,
    ReadDataTimeMs: counts.readMs,
    WriteDataTimeMs: counts.writeMs,
    CommitAndPublishTimeMs: counts.commitMs,
  };
}
