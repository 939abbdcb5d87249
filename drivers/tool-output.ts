import type { Readable } from 'node:stream';
import { NOT_FOUND, spawnBound } from '../device/bound-process.ts';

/** A program that only tells something and has not done so after this long hangs in its device. Milliseconds. */
const LIMIT = 5_000;

/** What a program has said; `ended` says how it ended where that was not well, `missing` that it is not installed. */
export interface ToolOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly ended: string | null;
  readonly missing: boolean;
}

/** Runs a program that ends by itself. Never rejects. When `signal` is aborted it is not waited for any longer. */
export function outputOf(command: string, args: readonly string[], signal: AbortSignal): Promise<ToolOutput> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT)]);
  return new Promise((resolve) => {
    const child = spawnBound(command, args, ['ignore', 'pipe', 'pipe']);
    const [stdout, stderr] = [collected(child.stdout as Readable), collected(child.stderr as Readable)];
    const end = (ended: string | null, missing = false) => {
      limit.removeEventListener('abort', giveUp);
      resolve({ stdout: stdout(), stderr: stderr(), ended, missing });
    };
    const giveUp = () => {
      // In a device that hangs it may not even die: so it is not waited for.
      child.kill('SIGKILL');
      end(`${command} did not answer`);
    };
    child.once('error', () => end('setpriv (package util-linux) cannot be started', true));
    child.once('close', (code, killed) => {
      const how = code === 0 ? null : `${command} ended with ${killed ?? code}`;
      end(how, code === NOT_FOUND);
    });
    limit.addEventListener('abort', giveUp);
    if (limit.aborted) giveUp();
  });
}

function collected(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
