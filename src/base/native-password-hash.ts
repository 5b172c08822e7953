/** What a server keeps of a `mysql_native_password` password (sql-surface.md 1.2). */
import { createHash } from 'node:crypto';

/** SHA1(SHA1(password)), 20 bytes; nothing for an empty password. */
export function hashNativePassword(password: string): Uint8Array {
  if (password === '') return new Uint8Array(0);
  const once = createHash('sha1').update(password, 'utf8').digest();
  return new Uint8Array(createHash('sha1').update(once).digest());
}
