import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clipTimes } from '../stand-ins/clip-times.ts';
import type { Pulse } from '../stand-ins/pulse.ts';

/**
 * Records the sound card beside the service. A beep that this does not hear either was never there: a busy machine
 * could not play it. `heard` ends it and gives the seconds (Unix epoch) that beeped.
 */
export function startSecondMicrophone(pulse: Pulse): { heard(): Promise<Set<number>> } {
  const file = join(tmpdir(), `ca-heard-${process.pid}-${performance.now()}.wav`);
  const began = Date.now();
  const format = ['-t', 'wav', '-f', 'S16_LE', '-r', '16000', '-c', '1'];
  const recorder = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'arecord', '-q', '-D', pulse.device, ...format, file],
    {
      env: { ...process.env, ...pulse.env },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const exited = once(recorder, 'exit');
  return {
    async heard() {
      recorder.kill('SIGINT');
      await exited;
      const { beeps } = await clipTimes(file);
      rmSync(file);
      const seconds = new Set<number>();
      for (const { at, names } of beeps) {
        // It began to record half a second after it was started, or one: what it heard has the name nearest to that.
        const about = (began + 500 + at) / 1_000;
        seconds.add(Math.round((about - names) / 16) * 16 + names);
      }
      return seconds;
    },
  };
}
