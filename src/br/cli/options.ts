/** The options of one call, read by name and type. */
import type { Millis } from '../../base/clock.ts';
import { parseDuration } from '../config/duration.ts';
import { BrError } from '../errors.ts';

export interface Options {
  flag(name: string): boolean;
  /** `undefined` if it was not given. */
  text(name: string): string | undefined;
  /** A whole number of at least `least`. */
  count(name: string, least: number): number | undefined;
  span(name: string): Millis | undefined;
}

/** Names as commander makes them: `--dry-run` is `dryRun`. */
export function optionsOf(values: Readonly<Record<string, unknown>>): Options {
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  const refuse = (name: string, expected: string): never => {
    throw new BrError(
      'usage',
      `option --${dashed(name)}: expected ${expected}, got '${text(name)}'`,
    );
  };
  return {
    flag: (name) => values[name] === true || isNegated(values, name),
    text,
    count(name, least) {
      const given = text(name);
      if (given === undefined) return undefined;
      const value = /^-?\d+$/.test(given) ? Number(given) : Number.NaN;
      return value >= least ? value : refuse(name, `a whole number from ${least} on`);
    },
    span(name) {
      const given = text(name);
      return given === undefined
        ? undefined
        : (parseDuration(given) ?? refuse(name, 'a span of time such as 30s, 10m or 8d'));
    },
  };
}

/** Commander takes `--no-precheck` for `precheck`, turned off. */
function isNegated(values: Readonly<Record<string, unknown>>, name: string): boolean {
  const plain = /^no([A-Z])(.*)$/.exec(name);
  return plain !== null && values[`${plain[1]?.toLowerCase()}${plain[2]}`] === false;
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
