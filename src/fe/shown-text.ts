/** The text of a statement as others may see it: passwords and keys are hidden. */
import { isSecretProperty, SECRET_MASK } from '../base/secret-property.ts';
import type { StatementKind } from '../sql/ast.ts';

export interface StatementSource {
  readonly kind: StatementKind;
  /** As the client wrote it. */
  readonly text: string;
}

const QUOTED = String.raw`"(?:[^"\\]|\\.|"")*"|'(?:[^'\\]|\\.|'')*'`;
/** `'key' = 'value'`, as properties are written. */
const PROPERTY = new RegExp(String.raw`(${QUOTED})(\s*=\s*)(?:${QUOTED})`, 'g');

export function shownText({ kind, text }: StatementSource): string {
  if (kind === 'set-password') return `SET PASSWORD ${SECRET_MASK}`;
  if (kind === 'create-user' || kind === 'alter-user') {
    return text.replace(/\bIDENTIFIED\b.*/is, `IDENTIFIED ${SECRET_MASK}`);
  }
  return text.replace(PROPERTY, (all, key: string, sign: string) =>
    isSecretProperty(key.slice(1, -1)) ? `${key}${sign}"${SECRET_MASK}"` : all,
  );
}
