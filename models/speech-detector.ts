import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CaError, messageOf } from '../device/errors.ts';
import type { ModelUse } from './readings.ts';

/** Samples a second, of everything that listens in this room. */
export const RATE = 16_000;

/** Samples that the net looks at together: 32 ms. It takes no other number. */
export const WINDOW = 512;

/** Probability above which a window is speech; it stops being speech 0.15 below (fixed in sherpa-onnx). */
export const SPEECH_THRESHOLD = 0.5;

const FILE = join(import.meta.dirname, '../.cache/models/silero_vad_v6.onnx');
const SHA256 = '1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3';
const REMEDY = 'Run `sh systemd/setup.sh run` in the folder of the program: it fetches the speech detector.';

/** The part of sherpa-onnx that is used here; the package brings no types of its own. */
interface Sherpa {
  Vad: new (
    config: {
      sileroVad: {
        model: string;
        threshold: number;
        minSpeechDuration: number;
        minSilenceDuration: number;
        maxSpeechDuration: number;
        windowSize: number;
      };
      sampleRate: number;
      numThreads: number;
      debug: number;
    },
    bufferSeconds: number,
  ) => NativeDetector;
}
interface NativeDetector {
  acceptWaveform(samples: Float32Array): void;
  isDetected(): boolean;
  isEmpty(): boolean;
  pop(): void;
  reset(): void;
}

/** Says of each window of one channel whether it is speech. */
export class SpeechDetector {
  readonly #native: NativeDetector;

  constructor(native: NativeDetector) {
    this.#native = native;
  }

  /**
   * The next 512 samples at 16 kHz, −1 to 1. The answer is about the window BEFORE this one: the net wants to see how
   * it goes on.
   */
  hear(window: Float32Array): boolean {
    this.#native.acceptWaveform(window);
    // Its own stretches are too coarse for us, and each keeps a copy of its sound until it is taken away.
    while (!this.#native.isEmpty()) this.#native.pop();
    return this.#native.isDetected();
  }

  forget(): void {
    this.#native.reset();
  }
}

export interface SpeechDetectors {
  readonly use: ModelUse;
  /** A detector that has heard nothing. To be given back: each holds a copy of the net. */
  take(): SpeechDetector;
  giveBack(detector: SpeechDetector): void;
}

/** Silero VAD, run by sherpa-onnx. Rejects with a remedy where the model or the native library is missing. */
export async function loadSpeechDetectors(file = FILE): Promise<SpeechDetectors> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new CaError('CA_SCORER_FAILED', `the speech detector is missing: ${file}`, {
      cause,
      remedy: REMEDY,
    });
  });
  // Native code ends the whole process, not only this thread, over a model that it does not like.
  if (createHash('sha256').update(bytes).digest('hex') !== SHA256)
    throw new CaError('CA_SCORER_FAILED', `the speech detector is not the one it should be: ${file}`, {
      remedy: `Remove the file. ${REMEDY}`,
    });
  const { Vad } = loadSherpa();
  const idle = [create()];
  return {
    use: { id: 'silero-vad', version: '6', licence: 'MIT' },
    take: () => idle.pop() ?? create(),
    giveBack: (detector) => {
      detector.forget();
      idle.push(detector);
    },
  };

  function create(): SpeechDetector {
    const sileroVad = {
      model: file,
      threshold: SPEECH_THRESHOLD,
      // Every window is judged for itself; how short a word or a pause may be is decided in `speech-stretches.ts`.
      minSpeechDuration: 0,
      minSilenceDuration: 0,
      // Nobody speaks for longer without a break of 32 ms: from then on it must be all but certain (0.9).
      maxSpeechDuration: 20,
      windowSize: WINDOW,
    };
    return new SpeechDetector(new Vad({ sileroVad, sampleRate: RATE, numThreads: 1, debug: 0 }, 25));
  }
}

function loadSherpa(): Sherpa {
  try {
    return createRequire(import.meta.url)('sherpa-onnx-node');
  } catch (cause) {
    throw new CaError('CA_SCORER_FAILED', `sherpa-onnx does not load: ${messageOf(cause).split('\n')[0]}`, {
      cause,
      remedy:
        'Sound is measured on 64-bit Linux (x86_64 or aarch64) only; there, run `sh systemd/setup.sh run` again.',
    });
  }
}
