import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { spawnBound } from '../../device/bound-process.ts';
import { messageOf } from '../../device/errors.ts';
import { RATE } from '../speech-detector.ts';
import { fileName, invalid, useFields } from './card.ts';

const kind = <Kind extends string, Files extends z.ZodRawShape>(name: Kind, files: Files) =>
  z.strictObject({ ...useFields, kind: z.literal(name), files: z.strictObject(files), tokens: fileName });

/** The card of a streaming recogniser; kinds and their files are called as sherpa-onnx calls them. */
export const recogniserCard = z.discriminatedUnion('kind', [
  kind('transducer', { encoder: fileName, decoder: fileName, joiner: fileName }),
  kind('paraformer', { encoder: fileName, decoder: fileName }),
  kind('zipformer2Ctc', { model: fileName }),
  kind('nemoCtc', { model: fileName }),
]);
export type RecogniserCard = z.infer<typeof recogniserCard>;

/** As much of sherpa-onnx-node 1.13 as is used here: it brings no types. */
interface Stream {
  acceptWaveform(wave: { samples: Float32Array; sampleRate: number }): void;
}
export interface Recogniser {
  createStream(): Stream;
  isReady(stream: Stream): boolean;
  decode(stream: Stream): void;
  /** Whether a stretch of speech has ended. */
  isEndpoint(stream: Stream): boolean;
  reset(stream: Stream): void;
  getResult(stream: Stream): { text: string };
}
interface Sherpa {
  OnlineRecognizer: new (config: RecogniserConfig) => Recogniser;
}
export type RecogniserConfig = ReturnType<typeof recogniserConfig>;

/** How sherpa-onnx is told of the model in a folder. */
export function recogniserConfig(folder: string, card: RecogniserCard) {
  const files = Object.entries(card.files).map(([name, file]) => [name, join(folder, file)]);
  return {
    featConfig: { sampleRate: RATE, featureDim: 80 },
    modelConfig: {
      [card.kind]: Object.fromEntries(files) as Record<string, string>,
      tokens: join(folder, card.tokens),
      numThreads: 1,
      provider: 'cpu',
      debug: 0,
    },
    // Text that has been given is not taken back, as it would be by a beam search.
    decodingMethod: 'greedy_search',
    enableEndpoint: 1,
    // Seconds: silence before any word, silence behind words, and speech without a pause, whose text would grow for ever.
    rule1MinTrailingSilence: 2.4,
    rule2MinTrailingSilence: 0.8,
    rule3MinUtteranceLength: 30,
  };
}

/** Loads a model. Ends the whole process when sherpa-onnx cannot use it: see `tryRecogniser`. */
export function createRecogniser(config: RecogniserConfig): Recogniser {
  const sherpa: Sherpa = createRequire(import.meta.url)('sherpa-onnx-node');
  return new sherpa.OnlineRecognizer(config);
}

/** Letters of what a trial said last. */
const LAST_WORDS = 4096;

/**
 * Loads the model and listens to three seconds of sound in a process of its own: sherpa-onnx answers a model that it
 * cannot use by ending the process (`SHERPA_ONNX_EXIT`, or an exception that nobody catches), and a worker thread is no
 * shelter from that.
 * @throws CaError CA_MODEL_INVALID with what it said
 */
export async function tryRecogniser(config: RecogniserConfig, cardFile: string): Promise<void> {
  const script = fileURLToPath(new URL('recogniser-trial.ts', import.meta.url));
  const trial = spawnBound(process.execPath, [script, JSON.stringify(config)], ['ignore', 'ignore', 'pipe']);
  let said = '';
  trial.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-LAST_WORDS);
  });
  const [code, signal] = await once(trial, 'close').catch((cause: unknown) => {
    throw invalid(cardFile, `the recogniser could not be tried: ${messageOf(cause)}`, { cause });
  });
  if (code !== 0)
    throw invalid(
      cardFile,
      `sherpa-onnx cannot use the model: ${reasonIn(said) || `it ended with ${signal ?? code}`}`,
    );
}

/** Without the place in sherpa's own source that its lines begin with, and without what C++ says before an exception. */
function reasonIn(said: string): string {
  const line = said.trim().replaceAll(/\s+/g, ' ');
  return line
    .replace(/^.*what\(\): /, '')
    .replace(/^\S+:\w+:\d+ /, '')
    .slice(0, 300);
}
