import type { VoiceModel } from './own/voice-model.ts';
import type { Valence } from './readings.ts';
import { RATE } from './speech-detector.ts';
import type { Stretch } from './speech-stretches.ts';

/** Share of a window that has to be speech, else the user's model is not asked. */
export const LEAST_VOICE_SHARE = 0.4;

/**
 * Lets a voice model of the user's own hear the patient, and nobody else: whatever is not the patient's own speech is
 * silence to it, and where both speak at once, too.
 */
export class VoiceListener {
  readonly #model: VoiceModel;
  #window: Float32Array;
  #filled = 0;
  #spoken = 0;
  #news: Valence | null = null;
  #fault: unknown = null;

  constructor(model: VoiceModel) {
    this.#model = model;
    this.#window = new Float32Array(Math.round(model.window * RATE));
  }

  /** The next sound of the patient's microphone, from `from` (s) on; when the patient speaks, and when the receptionist. */
  hear(samples: Float32Array, from: number, patient: readonly Stretch[], other: readonly Stretch[]): void {
    const own = new Uint8Array(samples.length);
    const mark = (stretches: readonly Stretch[], value: number) => {
      for (const [start, end] of stretches)
        own.fill(value, Math.round((start - from) * RATE), Math.round((end - from) * RATE));
    };
    mark(patient, 1);
    mark(other, 0);
    for (const [n, sample] of samples.entries()) {
      this.#window[this.#filled++] = own[n] ? sample : 0;
      this.#spoken += own[n] ?? 0;
      if (this.#filled === this.#window.length) this.#ask();
    }
  }

  /** What the model has said since this was last called, or null. It takes its time: the answer comes with a later reading. */
  takeNews(): Valence | null {
    const news = this.#news;
    this.#news = null;
    return news;
  }

  /** The error of the model since this was last called, or null. */
  takeFault(): unknown {
    const fault = this.#fault;
    this.#fault = null;
    return fault;
  }

  #ask(): void {
    const window = this.#window;
    const enough = this.#spoken >= LEAST_VOICE_SHARE * window.length;
    // A new one: the model may still be busy with the last.
    this.#window = new Float32Array(window.length);
    this.#filled = 0;
    this.#spoken = 0;
    if (!enough) return;
    this.#model.score(window).then(
      (valence) => (this.#news = valence ?? this.#news),
      (error: unknown) => (this.#fault = error),
    );
  }
}
