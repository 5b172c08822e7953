/**
 * Who a process is, so that a lock can tell its holder from a later process with the same number:
 * process id, start time, and the boot of the machine.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { errnoOf } from './file-error.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; empty where the system does not tell. */
  readonly started: string;
  /** Opaque; empty where the system does not tell. */
  readonly boot: string;
}

/** Field 22 of `/proc/<pid>/stat`, counted after the name, which may hold blanks and brackets. */
const START_FIELD_AFTER_NAME = 19;

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? '', boot: bootId() };
}

/** Whether that very process still runs. What the system does not tell counts as equal. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (identity.pid <= 0 || differs(identity.boot, bootId())) return false;
  const started = startOf(identity.pid);
  if (started === undefined) return false;
  return !differs(identity.started, started);
}

function differs(a: string, b: string): boolean {
  return a !== '' && b !== '' && a !== b;
}

function bootId(): string {
  return textOf('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
}

/** `undefined` when there is no such process. */
function startOf(pid: number): string | undefined {
  const stat = textOf(`/proc/${pid}/stat`);
  if (stat !== undefined) {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie holds nothing any more.
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    return fields[START_FIELD_AFTER_NAME] ?? '';
  }
  if (!answersSignals(pid)) return undefined;
  if (process.platform === 'linux' || process.platform === 'win32') return '';
  return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return undefined;
  }
}
