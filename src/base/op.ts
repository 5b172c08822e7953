/**
 * Operations: code that may have to wait, written once and driven two ways.
 *
 * An `Op<T>` is a generator that ends with a T. Where an async function would `await`, it says
 * `yield*`. In real mode the driver resumes it from promises and timers; in virtual mode everything
 * it waits for is an event of one heap, no promise is ever made, and a million operations pass
 * in seconds. Nothing here knows the time; what waits for time asks `Clock`.
 */

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: unknown };

/** Called by the driver with the function that lets the operation go on; call it exactly once. */
export type Suspension = (resume: (outcome: Outcome<unknown>) => void) => void;

export type Op<T> = Generator<Suspension, T, unknown>;

/** Waits until `begin` calls back. The callback may come at once or later, but only once. */
export function* suspend<T>(begin: (resume: (outcome: Outcome<T>) => void) => void): Op<T> {
  return (yield begin as Suspension) as T;
}

/** Waits for a promise. Real mode only: a virtual run that gets here stops with an error. */
export function* wait<T>(promise: PromiseLike<T>): Op<T> {
  return (yield (resume) => {
    promise.then(
      (value) => resume({ ok: true, value }),
      (error: unknown) => resume({ ok: false, error }),
    );
  }) as T;
}

/** An operation that has its result already. */
export function* succeed<T>(value: T): Op<T> {
  return value;
}

/**
 * Drives an operation to its end and reports the outcome once, through `done`.
 * Resumes that come while the operation is still on the stack are handled by the loop, so a
 * million synchronous waits need no deeper stack than one.
 */
export function start<T>(op: Op<T>, done: (outcome: Outcome<T>) => void): void {
  let inLoop = false;
  let pending: Outcome<unknown> | undefined = { ok: true, value: undefined };

  const resume = (outcome: Outcome<unknown>): void => {
    pending = outcome;
    if (!inLoop) loop();
  };

  const loop = (): void => {
    inLoop = true;
    while (pending !== undefined) {
      const outcome: Outcome<unknown> = pending;
      pending = undefined;
      let step: IteratorResult<Suspension, T>;
      try {
        step = outcome.ok ? op.next(outcome.value) : op.throw(outcome.error);
      } catch (error) {
        inLoop = false;
        done({ ok: false, error });
        return;
      }
      if (step.done) {
        inLoop = false;
        done({ ok: true, value: step.value });
        return;
      }
      begin(step.value, resume);
    }
    inLoop = false;
  };

  loop();
}

/** Begins a wait. One that cannot even begin fails in the operation, not in whoever drives it. */
function begin(suspension: Suspension, resume: (outcome: Outcome<unknown>) => void): void {
  let used = false;
  const resumeOnce = (outcome: Outcome<unknown>): void => {
    if (used) throw new Error('bug: an operation was resumed twice');
    used = true;
    resume(outcome);
  };
  try {
    suspension(resumeOnce);
  } catch (error) {
    if (used) throw error;
    resumeOnce({ ok: false, error });
  }
}

/** Runs an operation as a promise: the bridge to callers that live in native async. */
export function toPromise<T>(op: Op<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    start(op, (outcome) => (outcome.ok ? resolve(outcome.value) : reject(outcome.error)));
  });
}

/** Runs an operation that must not wait; throws when it does. For memory-backed parts and tests. */
export function runNow<T>(op: Op<T>): T {
  let result: Outcome<T> | undefined;
  start(op, (outcome) => {
    result = outcome;
  });
  if (result === undefined) throw new Error('bug: an operation had to wait where it must not');
  if (!result.ok) throw result.error;
  return result.value;
}

/** The outcome of an operation as a value, for callers that must go on after a failure. */
export function* attempt<T>(op: Op<T>): Op<Outcome<T>> {
  try {
    return { ok: true, value: yield* op };
  } catch (error) {
    return { ok: false, error };
  }
}

/**
 * Runs operations side by side, at most `limitMax` at a time, in order of the list.
 * Ends with all results in that order; the first failure wins, after the running ones have ended.
 */
export function* all<T>(jobs: readonly (() => Op<T>)[], limitMax: number): Op<T[]> {
  if (jobs.length === 0) return [];
  return yield* suspend<T[]>((resume) => {
    const results = new Array<T>(jobs.length);
    let next = 0;
    let running = 0;
    let failure: { readonly error: unknown } | undefined;
    let filling = false;

    const settle = (index: number, outcome: Outcome<T>): void => {
      running -= 1;
      if (outcome.ok) results[index] = outcome.value;
      else failure ??= { error: outcome.error };
      fill();
    };
    const fill = (): void => {
      if (filling) return;
      filling = true;
      while (running < limitMax && next < jobs.length && failure === undefined) {
        const index = next++;
        const job = jobs[index];
        if (job === undefined) break;
        running += 1;
        start(job(), (outcome) => settle(index, outcome));
      }
      filling = false;
      if (running > 0) return;
      if (failure !== undefined) resume({ ok: false, error: failure.error });
      else if (next >= jobs.length) resume({ ok: true, value: results });
    };
    fill();
  });
}
