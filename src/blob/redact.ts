/** Takes secrets out of what may reach a log, an error or a screen (repository.md 5.4). */

const SECRET_ENDINGS = ['key', 'secret', 'password', 'token', 'credential', 'keytab_content'];

const MASK = '***';

export function isSecretProperty(key: string): boolean {
  const lower = key.toLowerCase();
  return SECRET_ENDINGS.some((ending) => lower.endsWith(ending));
}

/** The same properties with the values of secret ones masked. */
export function redactProperties(
  properties: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [key, isSecretProperty(key) ? MASK : value]),
  );
}

/** A location without the user and password that may stand before its host. */
export function redactLocation(location: string): string {
  return location.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, `$1${MASK}@`);
}
