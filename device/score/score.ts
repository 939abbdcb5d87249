import { type FaceNets, loadFaceNets } from '../../models/face-nets.ts';
import { loadSoundModels, type SoundModels } from '../../models/sound-pipeline.ts';
import { CaError } from '../errors.ts';
import { readLabels, samePath } from './labels.ts';
import { type Models, type ScoreSettings, scoreFile } from './scored-file.ts';
import { type Given, summaryLines, summaryOf } from './summary.ts';

export interface FileToScore {
  /** As it was given. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/**
 * Scores files one after the other and prints a JSON object a line for each, then what they come to: for a person, or as
 * one more object. Resolves with whether all files could be scored. @throws CaError for what ails more than one file
 */
export async function scoreFiles(options: {
  files: readonly FileToScore[];
  settings: ScoreSettings;
  /** Path of the table with the labels. */
  labels: string | null;
  print: (line: string) => void;
  /** Whether a person reads what is printed. */
  readable: boolean;
}): Promise<boolean> {
  const { files, settings, print, readable } = options;
  const labels = options.labels === null ? null : readLabels(options.labels);
  const models = lazily(settings);
  const given: Given[] = [];
  // A file that is named twice is one.
  const distinct = new Map(files.map((file) => [samePath(file.path), file]));
  for (const [same, { name, path }] of distinct) {
    const scored = await scoreFile(name, path, models, settings).catch((error: unknown) => {
      if (!(error instanceof CaError) || error.code !== 'CA_RECORDING_UNREADABLE') throw error;
      print(JSON.stringify({ file: name, error: error.message, remedy: error.remedy }));
      return null;
    });
    if (scored) print(JSON.stringify(scored));
    given.push({ path: same, scored });
  }
  const summary = summaryOf(given, labels);
  if (readable) for (const line of summaryLines(summary)) print(line);
  else print(JSON.stringify({ summary }));
  return given.every(({ scored }) => scored !== null);
}

/** Each set of models is loaded once, when it is first asked for: sound files need no face nets. */
function lazily({ own }: ScoreSettings): Models {
  let faces: Promise<FaceNets> | null = null;
  let sounds: Promise<SoundModels> | null = null;
  return {
    faces: () => (faces ??= loadFaceNets(undefined, { own: own.face })),
    sounds: () => (sounds ??= loadSoundModels({ own })),
  };
}
