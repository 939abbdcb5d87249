import type { VideoFrame } from '../drivers/types.ts';
import type { FaceScores, SoundScores } from './readings.ts';

/** The patient's part of a picture: shares of its width and height. */
export interface Zone {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const WHOLE: Zone = { left: 0, right: 1, top: 0, bottom: 1 };

/** So many pictures a second are of use: a face is followed from one to the next, and a state takes seconds. */
export const PICTURES_PER_SECOND = 5;

/** The face of whoever stands at one desk, from `begin` to `end`. Never throws, never waits. */
export interface FaceSession {
  /** The next picture. What lies outside the zone is cut off before the picture leaves this thread. */
  see(frame: VideoFrame): void;
  /** What there is so far, of what was before `until` (seconds since the session began); may be asked for at any moment. */
  scores(until?: number): FaceScores;
  /** Nothing of the session is kept. */
  end(): void;
}

/** The sound at one desk, from `begin` to `end`. Never throws, never waits. */
export interface SoundSession {
  /** The next S16LE samples at 16 kHz, of all channels, in the order of the microphone. */
  hear(pcm: Buffer): void;
  /** As of a `FaceSession`. */
  scores(until?: number): SoundScores;
  end(): void;
}

export interface FaceJudge {
  begin(zone: Zone): FaceSession;
}

export interface SoundMeter {
  /** `channel` names the microphone: what is usual on it is learnt over all its sessions. `patient`: of two channels the patient's; null: there is one for both. */
  begin(channel: string, patient: 'left' | 'right' | null): SoundSession;
}
