import { join } from 'node:path';
import library from 'node-record-lpcm16';
import type { Clock } from '../../device/clock.ts';
import { SAMPLE_RATE } from '../types.ts';
import { RestartingMicrophone } from './restarting-microphone.ts';

/** The library takes a recorder of one's own by its absolute path. */
const ARECORD = join(import.meta.dirname, 'arecord.ts');

/**
 * A microphone of ALSA, through node-record-lpcm16; with two channels, two of them on one card. `device` as `arecord -L`
 * lists it; `latency` in milliseconds.
 */
export class AlsaMicrophone extends RestartingMicrophone {
  constructor(device: string, clock: Clock, latency = 0, channels: 1 | 2 = 1) {
    const format = { sampleRate: SAMPLE_RATE, channels, audioType: 'raw' } as const;
    // Its `stop` and its errors are not used: it tells a wanted end from no other, so the child is watched itself.
    const spawn = () => library.record({ recorder: ARECORD, device, ...format }).process;
    super({ name: `alsa ${device}`, spawn, clock, latency, channels });
  }
}
