/** Statements as they may be shown: values of secret properties do not stand in them. */
import { isSecretProperty, SECRET_MASK } from '../../base/secret-property.ts';

/** `"key" = "value"`, in either kind of quotes. */
const PAIR = /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')(\s*=\s*)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')/g;

const USER_OF_URL = /(:\/\/)[^\s/@'"]+@/g;

export function redactSql(sql: string): string {
  return sql
    .replace(PAIR, (all, key: string, between: string) =>
      isSecretProperty(key.slice(1, -1)) ? `${key}${between}'${SECRET_MASK}'` : all,
    )
    .replace(USER_OF_URL, `$1${SECRET_MASK}@`);
}
