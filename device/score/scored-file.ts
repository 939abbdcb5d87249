import type { FileHandle } from 'node:fs/promises';
import { FaceEvidence } from '../../models/face-evidence.ts';
import type { FaceNets } from '../../models/face-nets.ts';
import { FACE_THRESHOLDS, FacePipeline } from '../../models/face-pipeline.ts';
import { type Hint, hintOf } from '../../models/hint.ts';
import type { OwnSound } from '../../models/own/own-sound.ts';
import { crop, type Picture, pixelsOf } from '../../models/picture.ts';
import { ChannelUsual } from '../../models/raised-voice.ts';
import type { FaceReading, FaceScores, SoundScores, Untold, Valence } from '../../models/readings.ts';
import type { Zone } from '../../models/session.ts';
import { SoundEvidence } from '../../models/sound-evidence.ts';
import { SOUND_THRESHOLDS, type SoundModels, SoundPipeline } from '../../models/sound-pipeline.ts';
import type { Answer } from './confusion.ts';
import { decodePicture, decodePictures, decodeSound } from './decoding.ts';
import { probe, type Recording } from './media-probe.ts';
import { openRecording, unreadable } from './media-program.ts';
import { zoneInFrame } from './zone.ts';

/** What a single picture shows. There is no time in it over which anything could hold. */
export interface PictureScores extends Pick<FaceScores, 'models' | 'thresholds'> {
  readonly kind: 'picture';
  /** Or why it cannot be told. */
  readonly shows: Valence | Untold;
  /** Other faces in the zone, which no net has read. */
  readonly others: number;
}

/** What is printed of a file that could be scored. */
export interface ScoredFile {
  /** As it was given. */
  readonly file: string;
  readonly kind: Recording['kind'];
  /** Seconds; null for a picture. */
  readonly duration: number | null;
  readonly face: PictureScores | FaceScores | null;
  readonly sound: SoundScores | null;
  /** null for a picture: it is no contact. */
  readonly hint: Hint | null;
}

export interface ScoreSettings {
  /** Nothing outside it is looked at. Shares of the picture. */
  readonly zone: Zone;
  /** Where a recording has two channels, which of them is the patient's; null: they are mixed into one. */
  readonly patient: 'left' | 'right' | null;
  readonly own: OwnSound & { readonly face: string | null };
}

/** The models, loaded when a file first asks for them. */
export interface Models {
  readonly faces: () => Promise<FaceNets>;
  readonly sounds: () => Promise<SoundModels>;
}

/**
 * Scores one file as a desk would a contact, only that nothing is dropped for want of time: two runs give the same.
 * @throws CaError CA_RECORDING_UNREADABLE for what ails this file alone
 */
export async function scoreFile(
  file: string,
  path: string,
  models: Models,
  settings: ScoreSettings,
): Promise<ScoredFile> {
  const handle = await openRecording(path);
  try {
    const recording = await probe(handle);
    if (recording.kind === 'picture') {
      const face = await scorePicture(await decodePicture(handle), await models.faces(), settings.zone);
      return { file, kind: 'picture', duration: null, face, sound: null, hint: null };
    }
    const heard =
      recording.channels > 0
        ? await scoreSound(handle, recording.channels, await models.sounds(), settings)
        : null;
    const face =
      recording.kind === 'video'
        ? await scoreVideo(handle, recording, await models.faces(), settings.zone)
        : null;
    return {
      file,
      kind: recording.kind,
      duration: recording.duration ?? Math.max(face?.until ?? 0, heard?.summary.heard ?? 0),
      face: face?.scores ?? null,
      sound: heard,
      hint: hintOf(face?.scores.summary ?? null, heard?.summary ?? null),
    };
  } finally {
    await handle.close();
  }
}

async function scorePicture(picture: Picture, nets: FaceNets, zone: Zone): Promise<PictureScores> {
  const { shows, others } = looked(new FacePipeline(nets), nets, inZone(picture, zone), 0);
  return { kind: 'picture', shows, others, models: nets.models, thresholds: FACE_THRESHOLDS };
}

async function scoreVideo(
  handle: FileHandle,
  { size, duration }: Extract<Recording, { kind: 'video' }>,
  nets: FaceNets,
  zone: Zone,
): Promise<{ scores: FaceScores; until: number }> {
  const patient = zoneInFrame(zone, size);
  const pipeline = new FacePipeline(nets);
  const evidence = new FaceEvidence();
  let last: number | null = null;
  for await (const { picture, at } of decodePictures(handle)) {
    evidence.add(looked(pipeline, nets, inZone(picture, patient), at));
    last = at;
  }
  if (last === null) throw unreadable('is a video without pictures');
  const until = duration ?? last;
  const summary = evidence.summary(until);
  const scores = {
    kind: 'face',
    models: nets.models,
    thresholds: FACE_THRESHOLDS,
    summary,
    bins: evidence.bins(until),
  } as const;
  return { scores, until };
}

async function scoreSound(
  handle: FileHandle,
  channels: number,
  models: SoundModels,
  { patient, own }: ScoreSettings,
): Promise<SoundScores> {
  // Two people can be told apart only where it is known whose microphone is whose.
  const apart = channels === 2 && patient !== null;
  const listening = { channels: apart ? 2 : 1, patient: apart ? patient : null } as const;
  // What is usual is learnt from this file alone, or the order of the files would count.
  const pipeline = new SoundPipeline(models, { ...listening, usual: new ChannelUsual() });
  const evidence = new SoundEvidence({
    stereo: apart,
    phrases: own.speech === null ? null : Object.keys(own.phrases),
  });
  try {
    for await (const samples of decodeSound(handle, listening.channels)) {
      for (const reading of pipeline.hear(samples)) evidence.add(reading);
      const fault = pipeline.takeFault();
      if (fault) throw fault;
    }
    for (const reading of pipeline.end()) evidence.add(reading);
  } finally {
    pipeline.free();
  }
  const [summary, bins] = [evidence.summary(), evidence.bins()];
  return { kind: 'sound', models: models.models, thresholds: SOUND_THRESHOLDS, summary, bins };
}

/** Here nobody waits for the rest: a model of the user's own that fails ends the command. */
function looked(pipeline: FacePipeline, nets: FaceNets, picture: Picture, at: number): FaceReading {
  const reading = pipeline.look(picture, at);
  const fault = nets.takeFault();
  if (fault) throw fault;
  return reading;
}

function inZone(picture: Picture, zone: Zone): Picture {
  const box = pixelsOf(zone, picture);
  if (!box) throw unreadable('is too small for the zone');
  return crop(picture, box);
}

/**
 * What a file comes to, to be compared with a label: the face's verdict; of a picture, the likeliest of the three. Our
 * own acoustic facts have no opinion, so sound alone is `unknown` unless the user's voice model says something.
 */
export function answerOf({ face, sound }: ScoredFile): Answer {
  if (face?.kind === 'face') return face.summary.verdict;
  const valence = face ? face.shows : sound?.summary.voice;
  return valence && typeof valence !== 'string' ? likeliest(valence) : 'unknown';
}

function likeliest({ negative, neutral, positive }: Valence): Answer {
  if (negative > neutral && negative > positive) return 'negative';
  return positive > neutral ? 'positive' : 'neutral';
}
