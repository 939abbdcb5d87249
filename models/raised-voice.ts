import { median } from './conversation.ts';

/** What one quarter of a second of voice is like: Hz, dB, dBFS. */
export interface Voice {
  readonly pitch: number;
  readonly effort: number;
  readonly level: number;
}

/** Above the usual: by about three semitones, and by so many dB. */
export const RAISED_PITCH = 1.18;
export const RAISED_EFFORT = 3;
export const RAISED_LEVEL = 5;

/** Seconds of voice before anything can be called unusual, and that are remembered. */
export const LEAST_VOICE = 10;
export const REMEMBERED_VOICE = 300;

/** Of the voice that is above the usual, only every fourth part is learnt: so that a quarrel does not become the usual. */
export const LEARNT_OF_RAISED = 4;

/** Seconds of voice in one `learn`. */
const VOICE_STEP = 0.25;

/** What is usual on one channel: running medians of its voice, over all its sessions. Not of a person: nobody is told apart. */
export class ChannelUsual {
  readonly #voices: Voice[] = [];
  #next = 0;
  #raised = 0;
  #usual: Voice | null = null;

  learn(voice: Voice): void {
    if (this.above(voice) && this.#raised++ % LEARNT_OF_RAISED !== 0) return;
    this.#voices[this.#next] = voice;
    this.#next = (this.#next + 1) % (REMEMBERED_VOICE / VOICE_STEP);
    // Once a second of voice is often enough for what moves over minutes.
    if (this.#voices.length < LEAST_VOICE / VOICE_STEP || (this.#next * VOICE_STEP) % 1 !== 0) return;
    const middle = (of: keyof Voice) => median(this.#voices.map((v) => v[of])) ?? 0;
    this.#usual = { pitch: middle('pitch'), effort: middle('effort'), level: middle('level') };
  }

  /** Pitch and effort and level, all three. A louder microphone is no raised voice, and neither is a child. */
  above(voice: Voice): boolean {
    const usual = this.#usual;
    return (
      usual !== null &&
      voice.pitch >= usual.pitch * RAISED_PITCH &&
      voice.effort >= usual.effort + RAISED_EFFORT &&
      voice.level >= usual.level + RAISED_LEVEL
    );
  }
}

/** Seconds of raised voice before it counts; pauses and calmer words shorter than these do not break it off. */
export const LEAST_RAISED = 2;
export const RAISED_PAUSE = 1;
export const CALM_WORD = 0.5;

/** Seconds: times that are added up from quarters are off by less. */
const ROUNDING = 5e-4;

/** Gathers what is above the usual to the times in which the voice was raised for long enough. */
export class RaisedTimes {
  readonly #times: [from: number, to: number][] = [];
  #from: number | null = null;
  #to = 0;
  #raised = 0;
  #calm = 0;

  /** The next stretch. `voiced`: there is a voice in it; `above`: that is above the usual. */
  add(stretch: { from: number; to: number; voiced: boolean; above: boolean }): void {
    const { from, to, voiced, above } = stretch;
    // What nobody heard in between is a pause, too.
    if (from - this.#to > RAISED_PAUSE + ROUNDING) this.#finish();
    if (voiced && above) {
      this.#from ??= from;
      this.#to = to;
      this.#raised += to - from;
      this.#calm = 0;
    } else if (voiced) this.#calm += to - from;
    if (this.#calm > CALM_WORD + ROUNDING || to - this.#to > RAISED_PAUSE + ROUNDING) this.#finish();
  }

  /** What there is so far, seconds. */
  times(): readonly (readonly [from: number, to: number])[] {
    return this.#from === null || this.#raised < LEAST_RAISED
      ? this.#times
      : [...this.#times, [this.#from, this.#to]];
  }

  #finish(): void {
    if (this.#from !== null && this.#raised >= LEAST_RAISED) this.#times.push([this.#from, this.#to]);
    this.#from = null;
    this.#raised = 0;
    this.#calm = 0;
  }
}
