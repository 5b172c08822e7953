/** The zone in which a cluster tells its times. */
import { isTimeZone } from '../../base/time-zone.ts';
import { type Connection, cell } from '../connection/connection.ts';

/** UTC if the cluster names a zone that nobody here knows. */
export async function clusterZone(connection: Connection): Promise<string> {
  const [row] = await connection.query("SHOW VARIABLES LIKE 'time_zone'");
  const zone = row === undefined ? 'UTC' : cell(row, 'Value');
  return isTimeZone(zone) ? zone : 'UTC';
}
