/** Brings one alert to every place that the configuration names (BR-MON). */
import type { AlertConfig, Config } from '../config/config.ts';
import { BrError, messageOf } from '../errors.ts';
import type { Ops } from '../ops/ops.ts';
import type { Ports } from '../ports.ts';
import type { Report } from '../report/report.ts';

export interface AlertContext {
  readonly ops: Ops;
  readonly config: Config;
  readonly report: Report;
  readonly ports: Ports;
}

export interface Message {
  readonly kind: string;
  readonly level: 'warning' | 'critical';
  readonly subject: string;
  readonly text: string;
}

/** Answers what went wrong, one line for each place; no place waits for another's sake. */
export async function deliver(
  message: Message,
  { config, ports }: AlertContext,
): Promise<readonly string[]> {
  const document = JSON.stringify(documentOf(message, config, ports));
  const failures: string[] = [];
  for (const [index, place] of config.alerts.entries()) {
    try {
      await deliverTo(place, document, ports);
    } catch (error) {
      failures.push(`alerts[${index}] (${place.type}) did not take the alert: ${messageOf(error)}`);
    }
  }
  return failures;
}

/** `text` alone is enough for chat services; the rest is for programs. */
function documentOf({ kind, level, subject, text }: Message, config: Config, ports: Ports): object {
  return {
    source: 'srbr',
    cluster: `${config.host}:${config.port}`,
    at: new Date(ports.clock.now()).toISOString(),
    kind,
    level,
    subject,
    text: `[srbr] ${level.toUpperCase()} ${config.host}:${config.port}: ${text}`,
  };
}

async function deliverTo(place: AlertConfig, document: string, ports: Ports): Promise<void> {
  const { delivery } = ports;
  switch (place.type) {
    case 'webhook':
      return await delivery.post(urlOf(place, ports), document);
    case 'command':
      return await delivery.runCommand(place.command, `${document}\n`);
    case 'file':
      return await delivery.append(place.path, `${document}\n`);
  }
}

function urlOf(
  { url, urlEnv = '' }: Extract<AlertConfig, { type: 'webhook' }>,
  { env }: Ports,
): string {
  const found = url ?? env(urlEnv);
  if (found === undefined || found === '') {
    throw new BrError('config', `the environment has no ${urlEnv}`);
  }
  return found;
}
