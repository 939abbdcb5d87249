import { spawnBound } from '../../device/bound-process.ts';
import type { Clock } from '../../device/clock.ts';
import { SAMPLE_RATE } from '../types.ts';
import { RestartingMicrophone, type SampleSource } from './restarting-microphone.ts';

/** A sound file that plays in real time for ever, as a microphone: any format that ffmpeg reads. `latency` in milliseconds. */
export class FileMicrophone extends RestartingMicrophone {
  constructor(path: string, clock: Clock, latency = 0) {
    const input = ['-re', '-stream_loop', '-1', '-i', path, '-vn'];
    // Unflushed, ffmpeg collects 32 KiB, a second of sound, before it writes.
    const output = ['-f', 's16le', '-ar', `${SAMPLE_RATE}`, '-ac', '1', '-flush_packets', '1', 'pipe:1'];
    const args = ['-v', 'error', '-nostdin', ...input, ...output];
    const play = () => spawnBound('ffmpeg', args, ['ignore', 'pipe', 'pipe']) as SampleSource;
    const remedy = 'Check the path of the sound file and that it can be read.';
    super({ name: `file ${path}`, spawn: play, clock, latency, remedy });
  }
}
