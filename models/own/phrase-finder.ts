import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelUse } from '../readings.ts';
import { RATE } from '../speech-detector.ts';
import { invalid, readCard } from './card.ts';
import { PhraseSpotter, phrasesOf } from './phrases.ts';
import {
  createRecogniser,
  type RecogniserCard,
  recogniserCard,
  recogniserConfig,
  tryRecogniser,
} from './recogniser.ts';

/** A user's own recogniser, listening for phrases. Its text stays in here, and only until the next words. */
export interface PhraseFinder {
  readonly use: ModelUse;
  /** Begins with somebody new. */
  begin(): PhraseListener;
}

export interface PhraseListener {
  /** The next samples, 16 kHz, from −1 to 1, as many as there are. Returns the names of phrases found now. Blocks. */
  hear(samples: Float32Array): string[];
  /** Nothing of what was said is kept. */
  free(): void;
}

/** @throws CaError CA_MODEL_INVALID */
export async function loadPhraseFinder(
  folder: string,
  phrases: Readonly<Record<string, readonly string[]>>,
): Promise<PhraseFinder> {
  const wanted = phrasesOf(phrases);
  const card = await readCard(folder, recogniserCard);
  const cardFile = join(folder, 'card.json');
  await checkFiles(cardFile, folder, card);
  const config = recogniserConfig(folder, card);
  await tryRecogniser(config, cardFile);
  const recogniser = createRecogniser(config);
  const { id, version, licence } = card;
  return {
    use: { id, version, licence },
    begin() {
      let on: { stream: ReturnType<typeof recogniser.createStream>; spotter: PhraseSpotter } | null = {
        stream: recogniser.createStream(),
        spotter: new PhraseSpotter(wanted),
      };
      return {
        hear(samples) {
          if (!on) return [];
          const { stream, spotter } = on;
          const found: string[] = [];
          stream.acceptWaveform({ samples, sampleRate: RATE });
          while (recogniser.isReady(stream)) {
            recogniser.decode(stream);
            found.push(...spotter.read(recogniser.getResult(stream).text));
            if (!recogniser.isEndpoint(stream)) continue;
            found.push(...spotter.end());
            recogniser.reset(stream);
          }
          return found;
        },
        free() {
          on = null;
        },
      };
    },
  };
}

async function checkFiles(cardFile: string, folder: string, card: RecogniserCard): Promise<void> {
  const named = [
    ...Object.entries(card.files).map(([name, file]) => [`files.${name}`, file] as const),
    ['tokens', card.tokens] as const,
  ];
  for (const [path, file] of named) {
    await access(join(folder, file), constants.R_OK).catch((cause: unknown) => {
      throw invalid(cardFile, `${path}: ${join(folder, file)} cannot be read`, { cause });
    });
  }
}
