/** The metrics of the configuration's `metrics.textfile`, brought up to date after a run. */
import type { Session } from '../commands/session.ts';
import { messageOf } from '../errors.ts';
import { readFacts } from './facts.ts';
import { expositionText, samplesOf } from './metrics.ts';

/** A file that cannot be written is told, and fails nothing. */
export async function refreshTextfile(session: Session): Promise<void> {
  const { config, ports, report } = session;
  if (config.metricsTextfile === undefined) return;
  try {
    const samples = samplesOf(await readFacts(session), config.repository);
    await ports.writeText(config.metricsTextfile, expositionText(samples));
  } catch (error) {
    report.warn(`the metrics file is not up to date: ${messageOf(error)}`);
  }
}
