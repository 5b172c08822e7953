/** Puts a key that nobody knows into the objects of a JSON text, one at a time. */

/** Where it was put, as `$.a[].*`, and the text with it. */
export interface WithUnknownKey {
  readonly place: string;
  readonly json: unknown;
}

const UNKNOWN_KEY = 'keyOfALaterRelease';

/** `isMap` says of a place that its keys are names or ids, which a reader cannot ignore. */
export function* withUnknownKeys(
  json: unknown,
  isMap: (place: string) => boolean,
): Iterable<WithUnknownKey> {
  // Objects of one place are read by the same code: one of them is enough.
  const tried = new Set<string>();
  function* visit(
    value: unknown,
    place: string,
    put: (changed: unknown) => unknown,
  ): Iterable<WithUnknownKey> {
    if (Array.isArray(value)) {
      for (const [at, one] of value.entries()) {
        yield* visit(one, `${place}[]`, (changed) => put(value.with(at, changed)));
      }
    } else if (typeof value === 'object' && value !== null) {
      if (!tried.has(place) && !isMap(place)) {
        tried.add(place);
        yield { place, json: put(withField(value, UNKNOWN_KEY, { some: ['thing'] })) };
      }
      for (const [key, one] of Object.entries(value)) {
        const step = isMap(place) ? '*' : key;
        yield* visit(one, `${place}.${step}`, (changed) => put(withField(value, key, changed)));
      }
    }
  }
  yield* visit(json, '$', (changed) => changed);
}

/** Keeps the order of keys, and keys that mean something to JavaScript. */
function withField(object: object, key: string, value: unknown): unknown {
  const fields = Object.entries(object).filter(([name]) => name !== key);
  const at = Object.keys(object).indexOf(key);
  fields.splice(at < 0 ? fields.length : at, 0, [key, value]);
  return Object.fromEntries(fields);
}
