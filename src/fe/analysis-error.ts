/**
 * Errors raised while a statement is analysed: the text gets StarRocks' wrapper, the number is the
 * attached one or 1064 (sql-surface.md 1.6, resolutions.md 5). Errors raised while it is executed
 * are thrown bare.
 */
import { asSimError, type ErrorCode, SimError } from '../base/errors.ts';
import type { Op } from '../base/op.ts';
import type { Position } from '../sql/ast.ts';
import { shownColumn } from '../sql/syntax-error.ts';

export function analysisError(
  message: string,
  code: ErrorCode = 'analysis',
  hint?: string,
): SimError {
  return wrapped(message, code, hint, undefined);
}

/** The same, naming the place in the text. */
export function analysisErrorAt(
  position: Position,
  message: string,
  code: ErrorCode = 'analysis',
): SimError {
  return wrapped(message, code, undefined, position);
}

/** Runs a check of another module as part of the analysis: its user errors get the wrapper. */
export function analyzed<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    const known = asSimError(error);
    if (known.row.kind !== 'user') throw error;
    throw wrapped(known.message, known.code, known.hint, undefined);
  }
}

const WRAPPED_ALREADY = 'Getting ';
/** Of a query, found while its names and types are bound. */
const BINDING_CODES: readonly ErrorCode[] = ['analysis', 'unknown-column', 'duplicate-column'];
/** How the binder tells a place. */
const PLACE = / \(line (\d+), column (\d+)\)$/;

/** Runs a query up to its rows: what its analysis finds gets the wrapper, with its place. */
export function* analyzedQuery<T>(run: Op<T>): Op<T> {
  try {
    return yield* run;
  } catch (error) {
    const { code, message, hint } = asSimError(error);
    const isPlain = !message.startsWith(WRAPPED_ALREADY);
    if (!isPlain || !BINDING_CODES.includes(code)) throw error;
    const [, line, column] = PLACE.exec(message) ?? [];
    const place =
      line === undefined ? undefined : { line: Number(line), column: Number(column), offset: 0 };
    throw wrapped(message.replace(PLACE, ''), code, hint, place);
  }
}

function wrapped(
  message: string,
  code: ErrorCode,
  hint: string | undefined,
  position: Position | undefined,
): SimError {
  const place =
    position === undefined ? '' : ` from line ${position.line}, column ${shownColumn(position)}`;
  const text = `Getting analyzing error${place}. Detail message: ${message.replace(/\.$/, '')}.`;
  return new SimError(code, text, hint === undefined ? {} : { hint });
}
