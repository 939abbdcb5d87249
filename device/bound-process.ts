import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';

/** The exit code of `setpriv` (as of a shell) when the program is not there. */
export const NOT_FOUND = 127;

/**
 * Starts a program that the kernel kills when this process dies, however it dies: no ffmpeg may go on recording alone.
 * It is in a process group of its own, so that a Ctrl-C at the terminal ends it only when we say so.
 */
export function spawnBound(command: string, args: readonly string[], stdio: StdioOptions): ChildProcess {
  return spawn('setpriv', ['--pdeathsig', 'KILL', '--', command, ...args], { stdio, detached: true });
}
