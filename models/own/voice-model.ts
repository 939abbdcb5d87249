import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { messageOf } from '../../device/errors.ts';
import type { ModelUse, Valence } from '../readings.ts';
import { RATE } from '../speech-detector.ts';
import { check, invalid, useFields } from './card.ts';

/** A user's own model of how a voice sounds. */
export interface VoiceModel {
  readonly use: ModelUse;
  /** Seconds of sound that it wants at a time. */
  readonly window: number;
  /**
   * What `window` seconds of 16 kHz samples, from −1 to 1, sound like; null where the model has no valid answer. The
   * first invalid answer rejects with CaError CA_MODEL_INVALID, those after it do not: it is said once.
   */
  score(samples: Float32Array): Promise<Valence | null>;
}

const voiceModule = z.strictObject({
  ...useFields,
  inputs: z.strictObject({ sampleRate: z.literal(RATE), window: z.number().min(0.25).max(30) }),
  score: z.custom<(samples: Float32Array) => unknown>((value) => typeof value === 'function', 'a function'),
});

const share = z.number().min(0).max(1e6);
const answer = z
  .object({ negative: share, neutral: share, positive: share })
  .refine(({ negative, neutral, positive }) => negative + neutral + positive > 0, 'all three are 0');

/**
 * Loads `voice.mjs` from a folder: its default export is the model and its card in one. It runs with all the rights of
 * this process. It scores silence once, so that one that does not work is found at start.
 * @throws CaError CA_MODEL_INVALID
 */
export async function loadVoiceModel(folder: string): Promise<VoiceModel> {
  const file = join(folder, 'voice.mjs');
  const module: { default?: unknown } = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw invalid(file, messageOf(cause), { cause });
  });
  const { inputs, score, ...use } = check(voiceModule, file, module.default);
  const length = Math.round(inputs.window * RATE);

  const ask = async (samples: Float32Array): Promise<Valence> => {
    // A copy: what the model does to its samples is its own affair.
    const given = await (async () => score(samples.slice()))().catch((cause: unknown) => {
      throw invalid(file, `the model ${use.id} failed: ${messageOf(cause)}`, { cause });
    });
    const { negative, neutral, positive } = check(answer, `${file}: the model ${use.id} answered`, given);
    const sum = negative + neutral + positive;
    return { negative: negative / sum, neutral: neutral / sum, positive: positive / sum };
  };

  await ask(new Float32Array(length));
  let complained = false;
  return {
    use,
    window: inputs.window,
    score: async (samples) => {
      if (samples.length !== length) throw new RangeError(`${samples.length} samples instead of ${length}`);
      try {
        return await ask(samples);
      } catch (error) {
        if (complained) return null;
        complained = true;
        throw error;
      }
    },
  };
}
