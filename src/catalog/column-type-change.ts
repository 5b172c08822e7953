/** Which type a column may take on, rows and all (StarRocks' schema change matrix). */
import { isNestedType, type SqlType, type TypeName, typeText } from '../base/sql-type.ts';

const WIDER: Readonly<Partial<Record<TypeName, readonly TypeName[]>>> = Object.freeze({
  TINYINT: ['SMALLINT', 'INT', 'BIGINT', 'LARGEINT', 'FLOAT', 'DOUBLE', 'VARCHAR'],
  SMALLINT: ['INT', 'BIGINT', 'LARGEINT', 'FLOAT', 'DOUBLE', 'VARCHAR'],
  INT: ['BIGINT', 'LARGEINT', 'DOUBLE', 'VARCHAR', 'DATE'],
  BIGINT: ['LARGEINT', 'DOUBLE', 'VARCHAR'],
  LARGEINT: ['VARCHAR'],
  FLOAT: ['DOUBLE', 'VARCHAR'],
  DOUBLE: ['VARCHAR'],
  DECIMAL: ['VARCHAR'],
  CHAR: ['VARCHAR'],
  VARCHAR: ['TINYINT', 'SMALLINT', 'INT', 'BIGINT', 'LARGEINT', 'FLOAT', 'DOUBLE', 'DATE', 'JSON'],
  DATE: ['DATETIME'],
  DATETIME: ['DATE'],
});

/** Why not; undefined when it may. The texts are StarRocks'. */
export function typeChangeRefusal(from: SqlType, to: SqlType): string | undefined {
  const isText = (type: SqlType): boolean => type.name === 'CHAR' || type.name === 'VARCHAR';
  const isBytes = from.name === 'VARBINARY' && to.name === 'VARBINARY';
  const mayKeepText = isText(from) && isText(to);
  if ((mayKeepText || isBytes) && lengthOf(to) < lengthOf(from)) {
    return 'Cannot shorten string length';
  }
  const isSame = typeText(from) === typeText(to);
  if (isNestedType(from) && !isSame) {
    return `Can not change ${typeText(from)} to ${typeText(to)}`;
  }
  const isAllowed =
    from.name === to.name ? keepsDigits(from, to) : WIDER[from.name]?.includes(to.name) === true;
  return isAllowed ? undefined : `Can not change ${from.name} to ${to.name}`;
}

function lengthOf(type: SqlType): number {
  return type.length ?? (type.name === 'VARBINARY' ? Number.POSITIVE_INFINITY : 1);
}

/** A DECIMAL loses digits neither before nor behind the point. */
function keepsDigits(from: SqlType, to: SqlType): boolean {
  if (from.name !== 'DECIMAL') return true;
  const [oldScale, newScale] = [from.scale ?? 0, to.scale ?? 0];
  const wholeDigits = (type: SqlType, scale: number): number => (type.precision ?? 10) - scale;
  return newScale >= oldScale && wholeDigits(to, newScale) >= wholeDigits(from, oldScale);
}
