import { median } from './conversation.ts';
import { PitchTracker } from './pitch.ts';
import type { ChannelUsual } from './raised-voice.ts';
import type { ChannelReading } from './readings.ts';
import { RATE, type SpeechDetector, WINDOW } from './speech-detector.ts';
import { SpeechStretches, type Stretch } from './speech-stretches.ts';
import { alphaRatio, decibels } from './voice-effort.ts';

/** The voice is compared with the usual over so many seconds of it, no older than these. */
export const COMPARED_VOICE = 1;
export const COMPARED_AGE = 2;
const COMPARED_WINDOWS = Math.round((COMPARED_VOICE * RATE) / WINDOW);
/** Fewer voiced windows say nothing about a quarter of a second. */
const LEAST_WINDOWS = 2;

/** What was found in one window of 32 ms. */
interface WindowFound {
  /** Its middle, seconds. */
  readonly at: number;
  readonly meanSquare: number;
  readonly voice: { readonly pitch: number; readonly effort: number } | null;
}

/** One microphone. Whose voice is not to be measured (`usual` null) is only asked when it speaks, and how loud. */
export class SoundChannel {
  readonly #detector: SpeechDetector;
  readonly #usual: ChannelUsual | null;
  readonly #stretches = new SpeechStretches();
  readonly #tracker = new PitchTracker();
  readonly #found: WindowFound[] = [];
  #voiced: WindowFound[] = [];
  #over: Stretch[] = [];
  #windows = 0;
  /** The last window: what the detector says of it comes with the next. */
  #last: { window: Float32Array; levels: readonly number[] } | null = null;

  constructor(detector: SpeechDetector, usual: ChannelUsual | null) {
    this.#detector = detector;
    this.#usual = usual;
  }

  /** The next window, and the levels of its frames: −Infinity where it is the other microphone's voice that is heard. */
  hear(window: Float32Array, levels: readonly number[]): void {
    this.#judge(this.#detector.hear(window));
    this.#last = { window, levels };
  }

  /** Nothing comes after this. */
  end(): void {
    this.#judge(this.#detector.hear(new Float32Array(WINDOW)));
    this.#last = null;
    this.#over.push(...this.#stretches.end());
  }

  /** Up to here it is known who spoke, seconds. */
  get settled(): number {
    return this.#stretches.settled;
  }

  /** The parts of a settled time in which this side speaks. */
  speech(from: number, to: number): Stretch[] {
    const open = this.#stretches.open;
    return [...this.#over, ...(open === null ? [] : [open])]
      .map(([start, end]): Stretch => [Math.max(start, from), Math.min(end, to)])
      .filter(([start, end]) => end > start);
  }

  /** What there is to say about the next settled stretch. Each is asked for once, in order. */
  reading(from: number, to: number): ChannelReading {
    const mine = this.#found.filter(({ at }) => at < to);
    this.#found.splice(0, mine.length);
    const spoken = this.#over.filter(([, end]) => end <= to);
    const speech = this.speech(from, to).reduce((sum, [start, end]) => sum + end - start, 0);
    this.#over = this.#over.filter(([, end]) => end > to);
    const voiced = mine.filter(({ voice }) => voice !== null);
    const told = voiced.length >= LEAST_WINDOWS && speech > 0;
    return {
      speech: Math.min(1, speech / (to - from)),
      spoken,
      level: decibels(mean(mine.map(({ meanSquare }) => meanSquare))),
      pitch: told ? (median(voiced.flatMap(({ voice }) => voice?.pitch ?? [])) ?? null) : null,
      effort: told ? (median(voiced.flatMap(({ voice }) => voice?.effort ?? [])) ?? null) : null,
      above: told && this.#compare(voiced, to),
    };
  }

  #judge(speech: boolean): void {
    const last = this.#last;
    if (last === null) return;
    this.#over.push(...this.#stretches.hear(speech, last.levels));
    const at = ((this.#windows + 0.5) * WINDOW) / RATE;
    this.#windows++;
    const meanSquare = last.window.reduce((sum, sample) => sum + sample * sample, 0) / WINDOW;
    const own = last.levels.every((level) => level > -Infinity);
    this.#found.push({
      at,
      meanSquare,
      voice: this.#usual === null ? null : this.#voice(last.window, speech && own),
    });
  }

  #voice(window: Float32Array, speech: boolean): WindowFound['voice'] {
    this.#tracker.hear(window);
    const pitch = speech ? this.#tracker.pitch() : null;
    return pitch === null ? null : { pitch, effort: alphaRatio(window) };
  }

  /** Learns this voice, and says whether that of the last second is above the usual. */
  #compare(voiced: readonly WindowFound[], now: number): boolean {
    this.#voiced = [...this.#voiced, ...voiced]
      .filter(({ at }) => at > now - COMPARED_AGE)
      .slice(-COMPARED_WINDOWS);
    const lately = describe(this.#voiced);
    const quarter = describe(voiced);
    if (lately === null || quarter === null || this.#usual === null) return false;
    const above = this.#usual.above(lately);
    this.#usual.learn(quarter);
    return above;
  }
}

function describe(windows: readonly WindowFound[]) {
  const pitch = median(windows.flatMap(({ voice }) => voice?.pitch ?? []));
  const effort = median(windows.flatMap(({ voice }) => voice?.effort ?? []));
  if (pitch === null || effort === null) return null;
  return { pitch, effort, level: decibels(mean(windows.map(({ meanSquare }) => meanSquare))) };
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b) / values.length;
}
