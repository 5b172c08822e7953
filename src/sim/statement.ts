/**
 * Runs a statement on a site and makes the model follow: done, refused, or hidden by a crash, in
 * which case both are possible until somebody looks.
 */
import { asSimError, type SimError } from '../base/errors.ts';
import type { QueryResult } from '../fe/run-text.ts';
import { distinct } from './model.ts';
import { contentsOf, type Effect, type Site } from './site.ts';

export type Expected = 'ok' | 'refused' | 'any';

export type StatementOutcome =
  | { readonly kind: 'ok'; readonly result: QueryResult }
  | { readonly kind: 'refused'; readonly error: SimError }
  /** The machine died under it. */
  | { readonly kind: 'unknown'; readonly error: SimError };

/** Applies the effect to the model as far as the outcome tells. */
export function runStatement(site: Site, sql: string, effect: Effect): StatementOutcome {
  site.inFlight = { effect, made: [] };
  const outcome = attemptStatement(site, sql);
  const { made } = site.inFlight;
  site.inFlight = undefined;
  if (outcome.kind === 'refused') return outcome;
  const changed = site.candidates.map(effect);
  for (const track of made) {
    const { snapshot } = track;
    if (snapshot === undefined) continue;
    const after = changed.flatMap((each) => contentsOf(track, each));
    snapshot.contents = distinct([...snapshot.contents, ...after]);
    site.noteDamage(snapshot);
  }
  site.candidates = outcome.kind === 'ok' ? changed : distinct([...site.candidates, ...changed]);
  return outcome;
}

function attemptStatement(site: Site, sql: string): StatementOutcome {
  const { machine } = site;
  try {
    return { kind: 'ok', result: machine.query(sql) };
  } catch (thrown) {
    const error = asSimError(thrown);
    if (error.code === 'bug') throw error;
    return machine.whyDown === undefined ? { kind: 'refused', error } : { kind: 'unknown', error };
  }
}
