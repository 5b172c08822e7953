/** Takes secrets out of what may reach a log, an error or a screen (repository.md 5.4). */
import { isSecretProperty, SECRET_MASK } from '../base/secret-property.ts';

/** The same properties with the values of secret ones masked. */
export function redactProperties(
  properties: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]) => [
      key,
      isSecretProperty(key) ? SECRET_MASK : value,
    ]),
  );
}

/** A location without the user and password that may stand before its host. */
export function redactLocation(location: string): string {
  return location.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, `$1${SECRET_MASK}@`);
}
