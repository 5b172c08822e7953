/**
 * StarRocks' JSON paths: `$.a.b[0]`, `a.b`, `$."my.key"[*]`, `a\.b`, `$[1:3].c`. A step by name
 * into an array goes into those of its elements that are objects with the name.
 */
import type { JsonValue } from '../../base/json-value.ts';

type Step =
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'element'; readonly index: number }
  | { readonly kind: 'slice'; readonly from: number; readonly to: number | undefined };

const MEMBER = /(?:"([^"]*)"|((?:\\.|[^.[\]"])+))/y;
const ELEMENTS = /\s*\[\s*(?:(\d+)|(\*)|(\d+)\s*:\s*(\d+))\s*\]/y;

/** Steps of a path; undefined for a text that is none. */
export function parseJsonPath(text: string): readonly Step[] | undefined {
  const steps: Step[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  const takeElements = (): void => {
    for (let match = take(ELEMENTS); match !== null; match = take(ELEMENTS)) {
      steps.push(elementStep(match));
    }
  };
  if (text === '') return undefined;
  if (text[0] === '$') {
    at = 1;
    takeElements();
  } else if (text[0] === '[') {
    takeElements();
  } else if (!takeMember()) {
    return undefined;
  }
  while (text[at] === '.') {
    at += 1;
    if (!takeMember()) return undefined;
  }
  return at === text.length ? steps : undefined;

  function takeMember(): boolean {
    const match = take(MEMBER);
    if (match === null) return false;
    const name = match[1] ?? (match[2] ?? '').replace(/\\(.)/g, '$1').trim();
    steps.push({ kind: 'member', name });
    takeElements();
    return true;
  }
}

function elementStep([, index, all, from, to]: RegExpExecArray): Step {
  if (all !== undefined) return { kind: 'slice', from: 0, to: undefined };
  if (index !== undefined) return { kind: 'element', index: Number(index) };
  return { kind: 'slice', from: Number(from), to: Number(to) };
}

/** What the steps lead to; undefined when there is nothing. */
export function jsonAt(value: JsonValue, steps: readonly Step[]): JsonValue | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  switch (step.kind) {
    case 'member': {
      if (value instanceof Map)
        return below(value as ReadonlyMap<string, JsonValue>, step.name, rest);
      if (!Array.isArray(value)) return undefined;
      const found = allBelow(value, steps);
      return found.length === 0 ? undefined : found;
    }
    case 'element': {
      const item = Array.isArray(value) ? (value as readonly JsonValue[])[step.index] : undefined;
      return item === undefined ? undefined : jsonAt(item, rest);
    }
    case 'slice':
      return Array.isArray(value) ? allBelow(value.slice(step.from, step.to), rest) : undefined;
  }
}

function below(
  object: ReadonlyMap<string, JsonValue>,
  name: string,
  rest: readonly Step[],
): JsonValue | undefined {
  const member = object.get(name);
  return member === undefined ? undefined : jsonAt(member, rest);
}

const allBelow = (items: readonly JsonValue[], steps: readonly Step[]): readonly JsonValue[] =>
  items.flatMap((item) => {
    const found = jsonAt(item, steps);
    return found === undefined ? [] : [found];
  });
