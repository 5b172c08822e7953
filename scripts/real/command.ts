/** Runs a program to its end; what it said is there when it failed, and only then of interest. */
import { spawn } from 'node:child_process';

export interface CommandOptions {
  readonly cwd?: string;
  /** On top of this process' own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const TIMEOUT_MS_DEFAULT = 15 * 60_000;
/** Lines of what a failed program said last. */
const TAIL_LINES = 40;

/** Whatever the program's exit code; rejects when it cannot be started or takes too long. */
export function runCommand(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { cwd, env, input, timeoutMs = TIMEOUT_MS_DEFAULT } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    const said = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said.stderr += text;
    });
    child.stdin?.end(input);
    child.on('error', (cause) => {
      reject(new Error(`${command} cannot be started: ${cause.message}`, { cause }));
    });
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') {
        const text = `${shown(command, args)} was killed, after ${timeoutMs} ms at most`;
        reject(new Error(`${text}\n${tail(said.stdout)}\n${tail(said.stderr)}`));
      } else resolve({ code, ...said });
    });
  });
}

/** The program's standard output; rejects unless it ended well. */
export async function mustRun(
  command: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command, args, options);
  if (code === 0) return stdout;
  throw new Error(`${shown(command, args)} exits with ${code}\n${tail(stdout)}\n${tail(stderr)}`);
}

const shown = (command: string, args: readonly string[]): string => [command, ...args].join(' ');
const tail = (text: string): string => text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
