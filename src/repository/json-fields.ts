/**
 * Reads fields out of parsed JSON with the leniency of StarRocks' JSON library: numbers may stand
 * as text. A field that does not fit is a `JsonFieldError` that names the path to it.
 */

export class JsonFieldError extends Error {
  override readonly name = 'JsonFieldError';
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function parseJsonObject(text: string, what: string): JsonObject {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new JsonFieldError(`${what} is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  return asObject(parsed, what);
}

export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as JsonObject;
  }
  throw new JsonFieldError(`${what} is not a JSON object`);
}

export function asArray(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new JsonFieldError(`${what} is not a JSON array`);
}

export function asInteger(value: unknown, what: string): number {
  const number = typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number;
  throw new JsonFieldError(`${what} is not a whole number`);
}

export function asString(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new JsonFieldError(`${what} is not a string`);
}

export function asBoolean(value: unknown, what: string): boolean {
  if (typeof value === 'boolean') return value;
  throw new JsonFieldError(`${what} is neither true nor false`);
}

/** The value of a key of the object itself, never of its prototype. */
export function field(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
