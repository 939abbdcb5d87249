import { RATE, WINDOW } from './speech-detector.ts';
import { decibels, SILENT } from './voice-effort.ts';

/** One stretch of speech, seconds. */
export type Stretch = readonly [from: number, to: number];

/** A pause shorter than this belongs to the speech, a sound shorter than that is none. Seconds. */
export const LONGEST_CATCH = 0.2;
export const SHORTEST_SPEECH = 0.1;

/** The frame in which edges are looked for: 8 ms. */
const FRAME = 128;
export const FRAMES = WINDOW / FRAME;
const frames = (seconds: number) => Math.round((seconds * RATE) / FRAME);
const seconds = (frame: number) => (frame * FRAME) / RATE;

/** So long before the detector is sure, speech may have begun; so long after it is sure, it may still go on. */
const BEFORE = frames(0.3);
const AFTER = frames(0.2);

/** Speech is within 35 dB of what was loudest lately, and 6 dB above the noise, if that leaves it as much again. */
const RANGE = 35;
const ABOVE_NOISE = 6;
const LEAST_RANGE = 6;
/** Weaker than this above the noise, dB, or at all, dBFS, nothing is speech: who is meant stands at the desk. */
const NOISE_ITSELF = 3;
const SOFTEST = -75;

/** dB for each frame: the noise is believed to rise, and the loudest to be forgotten, by about 2.5 and 6 dB a second. */
const NOISE_RISE = 0.02;
const LOUDNESS_DECAY = 0.05;

/** One pole at 300 Hz: what rumbles below tells nothing about speech, and makes every noise look restless. */
const HIGH_PASS = Math.exp((-2 * Math.PI * 300) / RATE);

/**
 * Levels in dBFS of the 8 ms frames of a window, above 300 Hz, each over the last 32 ms, so that a single period of the
 * voice does not show.
 */
export class FrameLevels {
  readonly #last = new Float64Array(4);
  #input = 0;
  #output = 0;

  /** 512 samples, −1 to 1 → 4 levels. */
  of(window: Float32Array): number[] {
    return Array.from({ length: FRAMES }, (_, frame) => {
      let sum = 0;
      for (let n = frame * FRAME; n < (frame + 1) * FRAME; n++) {
        const sample = window[n] ?? 0;
        this.#output = HIGH_PASS * (this.#output + sample - this.#input);
        this.#input = sample;
        sum += this.#output * this.#output;
      }
      this.#last[frame] = sum / FRAME;
      return decibels(this.#last.reduce((a, b) => a + b) / 4);
    });
  }
}

/** dB a frame by which a voice dies away in a room: 60 dB in a second. */
const DYING = 0.5;

/** How loud a voice still is in the room when it has just been so loud: what may be heard of it elsewhere. */
export class RoomLevels {
  #level = SILENT;

  of(levels: readonly number[]): number[] {
    return levels.map((level) => {
      this.#level = Math.max(level, this.#level - DYING);
      return this.#level;
    });
  }
}

/** Where the level lags behind the sound by half of what it is taken over. */
const LEVEL_LAG = 2;

/**
 * Stretches of speech in one channel. The detector says that somebody speaks, 32 to 150 ms late and as long after the end; the level
 * says when exactly. So both are asked: a frame is speech if it is loud enough and the detector is sure nearby. What is
 * decided lags behind what is heard by up to 0.6 s (`settled`).
 */
export class SpeechStretches {
  /** Frames heard, decided, and closed over: which of them nothing to come can change. */
  #heard = 0;
  #decided = 0;
  readonly #levels = new Map<number, number>();
  /** The frames at which the detector was last sure, in order. */
  readonly #sure: number[] = [];
  #noise = 0;
  #loudest = SILENT;
  #from: number | null = null;
  #to = 0;

  /** The next window: what the detector says, and the levels of its frames; −Infinity where somebody else is heard. */
  hear(speech: boolean, levels: readonly number[]): Stretch[] {
    for (const level of levels) {
      this.#levels.set(this.#heard, level);
      if (speech) this.#sure.push(this.#heard);
      this.#heard++;
      if (level > -Infinity) {
        this.#noise = level < this.#noise ? level + (this.#noise - level) * 0.7 : this.#noise + NOISE_RISE;
        this.#loudest = Math.max(speech ? level : SILENT, this.#loudest - LOUDNESS_DECAY);
      }
    }
    return this.#decide(this.#heard - BEFORE - LEVEL_LAG);
  }

  /** Nothing comes after this, or not soon. */
  end(): Stretch[] {
    const closed = [...this.#decide(this.#heard), ...this.#close()];
    this.#levels.clear();
    this.#sure.length = 0;
    return closed;
  }

  /** Up to here all is told that ever will be, seconds; the stretch that is still going on included. */
  get settled(): number {
    if (this.#from === null) return seconds(this.#decided);
    return seconds(this.#isLong() ? this.#to : this.#from);
  }

  /** The stretch that is still going on, as far as it is settled. */
  get open(): Stretch | null {
    return this.#from !== null && this.#isLong() ? [seconds(this.#from), seconds(this.#to)] : null;
  }

  #isLong(): boolean {
    return this.#from !== null && this.#to - this.#from >= frames(SHORTEST_SPEECH);
  }

  #decide(until: number): Stretch[] {
    const closed: Stretch[] = [];
    for (; this.#decided < until; this.#decided++) {
      const frame = this.#decided;
      const level = this.#levels.get(frame + LEVEL_LAG) ?? SILENT;
      this.#levels.delete(frame);
      while ((this.#sure[0] ?? Infinity) < frame - AFTER) this.#sure.shift();
      if (level > this.#gate() && (this.#sure[0] ?? Infinity) <= frame + BEFORE) {
        this.#from ??= frame;
        this.#to = frame + 1;
      } else if (this.#from !== null && frame - this.#to >= frames(LONGEST_CATCH))
        closed.push(...this.#close());
    }
    return closed;
  }

  #gate(): number {
    const overNoise = Math.min(this.#noise + ABOVE_NOISE, this.#loudest - LEAST_RANGE);
    return Math.max(overNoise, this.#noise + NOISE_ITSELF, this.#loudest - RANGE, SOFTEST);
  }

  #close(): Stretch[] {
    const stretch = this.open;
    this.#from = null;
    return stretch === null ? [] : [stretch];
  }
}
