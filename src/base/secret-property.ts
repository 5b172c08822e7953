/**
 * Which properties hold a secret, by their key: what stands here is never shown, logged or written
 * into a repository (repository.md 5.4).
 */

const SECRET_KEY =
  /(key|secret|password|token|credential|keytab_content)$|secret|password|access[._]?key|shared[._]?key|sas[._]?token/;

/** What takes the place of a secret where something has to be shown. */
export const SECRET_MASK = '******';

export function isSecretProperty(key: string): boolean {
  return SECRET_KEY.test(key.toLowerCase());
}
