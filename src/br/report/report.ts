/**
 * What a command tells: lines on standard error while it runs, one result on standard output when
 * it ends (BR-OUT). The signs before the lines are upstream's.
 */
import { BrError, messageOf } from '../errors.ts';

export interface Report {
  info(text: string): void;
  good(text: string): void;
  warn(text: string): void;
  /** Something lasts: told again and again. */
  wait(text: string): void;
  /** Only with `--verbose`. */
  debug(text: string): void;
  /** The failure that ends the command. */
  failure(error: unknown): void;
  /** The one result: the document with `--json`, the lines without. */
  result(document: unknown, lines: readonly string[]): void;
}

export interface ReportOptions {
  readonly json: boolean;
  readonly logFormat: 'text' | 'json';
  readonly verbose: boolean;
}

export interface Streams {
  out(text: string): void;
  err(text: string): void;
}

type Level = 'debug' | 'info' | 'good' | 'warn' | 'wait' | 'error';

const SIGNS: Readonly<Record<Level, string>> = {
  debug: 'debug: ',
  info: '',
  good: '✓ ',
  warn: '⚠ ',
  wait: '⏳ ',
  error: 'Error: ',
};

export function createReport(streams: Streams, options: ReportOptions): Report {
  const tell = (level: Level, text: string, facts: object = {}): void => {
    if (level === 'debug' && !options.verbose) return;
    if (options.logFormat === 'json') {
      streams.err(`${JSON.stringify({ level, text, ...facts })}\n`);
    } else {
      streams.err(`${SIGNS[level]}${text}\n`);
    }
  };
  return Object.freeze({
    info: (text: string) => tell('info', text),
    good: (text: string) => tell('good', text),
    warn: (text: string) => tell('warn', text),
    wait: (text: string) => tell('wait', text),
    debug: (text: string) => tell('debug', text),
    failure(error: unknown): void {
      if (options.logFormat === 'json') tell('error', messageOf(error), failureFacts(error));
      else streams.err(failureText(error, options.verbose));
      if (options.json) streams.out(`${JSON.stringify({ error: failureFacts(error) })}\n`);
    },
    result(document: unknown, lines: readonly string[]): void {
      if (options.json) streams.out(`${JSON.stringify(document)}\n`);
      else for (const line of lines) streams.out(`${line}\n`);
    },
  });
}

function failureFacts(error: unknown): object {
  if (!(error instanceof BrError)) return { code: 'bug', reason: messageOf(error) };
  const { code, title, message, advice, inputs } = error;
  return { code, title, reason: message, advice, inputs };
}

/** Title, reason, what to do, inputs; a stack only with `--verbose`. */
function failureText(error: unknown, verbose: boolean): string {
  const lines: string[] = [];
  if (error instanceof BrError) {
    lines.push(`❌ ${error.title}`, `Error: ${error.message}`);
    if (error.advice.length > 0) lines.push('What you can do:');
    lines.push(...error.advice.map((each) => `  - ${each}`));
    const inputs = Object.entries(error.inputs);
    if (inputs.length > 0)
      lines.push('Input:', ...inputs.map(([key, value]) => `  ${key}: ${value}`));
  } else {
    lines.push(`❌ UNEXPECTED ERROR`, `Error: ${messageOf(error)}`);
    lines.push('What you can do:', '  - run it again with --verbose and report what it prints');
  }
  if (verbose && error instanceof Error && error.stack !== undefined) lines.push(error.stack);
  return `${lines.join('\n')}\n`;
}
