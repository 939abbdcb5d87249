import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** The demo's dialogue at the desk, made by `systemd/setup.sh`. */
const DIALOGUE = join(import.meta.dirname, '../../.cache/demo/dialogue.wav');

/** Two people who talk until `end`: S16LE mono PCM at 16 kHz, as fast as it is read. */
export function dialogue(end: AbortSignal): Readable {
  const input = ['-v', 'error', '-nostdin', '-stream_loop', '-1', '-i', DIALOGUE];
  const output = ['-f', 's16le', '-ar', '16000', '-ac', '1', 'pipe:1'];
  const child = spawn('ffmpeg', [...input, ...output], { stdio: ['ignore', 'pipe', 'inherit'] });
  end.addEventListener('abort', () => child.kill('SIGKILL'));
  return child.stdout;
}
