/** `srbr metrics`: figures for Prometheus (BR-MON). */
import type { Call } from '../cli/command-spec.ts';
import { EXIT } from '../errors.ts';
import { readFacts } from '../monitor/facts.ts';
import { expositionText, samplesOf } from '../monitor/metrics.ts';
import { openSession } from './session.ts';

export async function runMetrics(call: Call): Promise<number> {
  const session = await openSession(call);
  const { options, ports, report, config } = session;
  const samples = samplesOf(await readFacts(session), config.repository);
  const text = expositionText(samples);
  const path = options.text('textfile');
  if (path === undefined) {
    report.result({ samples }, text.trimEnd().split('\n'));
  } else {
    await ports.writeText(path, text);
    report.result({ path, samples: samples.length }, [`${samples.length} samples in ${path}`]);
  }
  return EXIT.ok;
}
