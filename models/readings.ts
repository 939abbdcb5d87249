/**
 * What goes through this room: single readings come out of the worker threads, a session gathers them, and its scores
 * are what is kept of a contact. All times in seconds since the session began, unless said otherwise.
 */

/** A model by the name it has in the store. `version` is that of the package or the file its weights came in. */
export interface ModelUse {
  readonly id: string;
  readonly version: string;
  readonly licence: string;
}

/** Probabilities that add up to 1. Three, because that is all the nets can be trusted with. */
export interface Valence {
  readonly negative: number;
  readonly neutral: number;
  readonly positive: number;
}

/** Why a picture, or a second, cannot be told. */
export const UNTOLD = [
  'no-face',
  'small', //    fewer pixels than the net can read
  'unsure', //   the detector is not sure that it is a face, or a net of the user's own has no answer
  'turned', //   away, to a side
  'bent', //     down, over a form
  'dark', //     or too bright
  'blurred',
] as const;
export type Untold = (typeof UNTOLD)[number];

/** One picture. */
export interface FaceReading {
  readonly at: number;
  /** What it shows, or why that cannot be told. */
  readonly shows: Valence | Untold;
  /** Numbers the faces of a session: another number is a face that may be somebody else's; null without a face. */
  readonly face: number | null;
  /** Other faces in the patient's zone: found, dropped before any net could read them. */
  readonly others: number;
  /** Whether the detector ran; else the face was followed. */
  readonly detected: boolean;
}

/** A state that has held long enough to count. */
export type FaceState = 'negative' | 'neutral' | 'positive' | 'unknown';

/** One second of a contact's face. */
export interface FaceBin {
  /** Means of the second's scored pictures; null: none was. */
  readonly valence: Valence | null;
  readonly state: FaceState;
  /** Why nothing was scored in it, most often; null where something was, or no picture was looked at. */
  readonly untold: Untold | null;
}

export interface FaceSummary {
  /** Pictures looked at, and pictures in which the patient's face was scored. */
  readonly looked: number;
  readonly scored: number;
  /** Share of the time in which the face could be told, 0 to 1. */
  readonly coverage: number;
  /** Means over the scored time, adding up to 1; null when nothing was scored. */
  readonly negative: number | null;
  readonly neutral: number | null;
  readonly positive: number | null;
  /** Seconds in which a state held. */
  readonly held: { readonly negative: number; readonly positive: number };
  /** What the contact's face comes to: negative or positive where that state held longest, unknown where too little could be told. */
  readonly verdict: FaceState;
  /** Seconds that could not be told, by why. */
  readonly untold: Partial<Record<Untold, number>>;
  /** Faces of others that were dropped unread, and pictures that were dropped because the machine was busy. */
  readonly others: number;
  readonly dropped: number;
}

/** What one microphone tells of a stretch of sound. */
export interface ChannelReading {
  /** Share of the stretch in which somebody speaks, 0 to 1. */
  readonly speech: number;
  /** Stretches of speech that ended in this one, seconds of the session. Each is told once, when it is over. */
  readonly spoken: readonly (readonly [from: number, to: number])[];
  /** Level, dBFS (RMS). */
  readonly level: number;
  /** Fundamental frequency of the voice (Hz, median) and its alpha ratio (dB, energy of 1–5 kHz over < 1 kHz); null without voice. */
  readonly pitch: number | null;
  readonly effort: number | null;
  /** Pitch, effort and level are above what is usual on this channel. Not yet: that it lasted. */
  readonly above: boolean;
}

/** One stretch of sound, as a rule a quarter of a second. */
export interface SoundReading {
  readonly from: number;
  readonly to: number;
  /** The patient's microphone; where there is one for both, it stands here. */
  readonly patient: ChannelReading;
  /** The receptionist's microphone; null where there is one for both. */
  readonly receptionist: ChannelReading | null;
  /** What a voice model of the user's own says of the patient's channel; null: none, or nothing new. */
  readonly voice: Valence | null;
  /** Names of phrases that the user's own recogniser has just heard. */
  readonly phrases: readonly string[];
}

/** One second of a contact's sound. Levels in dBFS. */
export interface SoundBin {
  readonly speech: number;
  readonly receptionist: number | null;
  readonly level: number;
  /** The voice is raised, and has been for long enough to count. */
  readonly raised: boolean;
  readonly voice: Valence | null;
  readonly phrases: readonly string[];
}

/** How two people talk with each other; only where each has a microphone. */
export interface Conversation {
  /** Shares of the time in which each speaks. */
  readonly patient: number;
  readonly receptionist: number;
  /** Seconds in which both do. */
  readonly overlap: number;
  /** How often one began while the other spoke, and went on when the other stopped. */
  readonly interruptions: { readonly byPatient: number; readonly byReceptionist: number };
  /** Median seconds from the end of the patient's turn to the receptionist's answer; null without a change of turns. */
  readonly responseDelay: number | null;
}

export interface SoundSummary {
  /** Seconds of sound that were looked at. */
  readonly heard: number;
  /** Share of them in which anybody speaks. */
  readonly speech: number;
  /** Seconds. */
  readonly longestSilence: number;
  /** Median level of speech, dBFS; null without speech. */
  readonly level: number | null;
  /** Seconds in which the (patient's) voice was raised. */
  readonly raised: number;
  readonly conversation: Conversation | 'not available';
  /** Means of the user's own voice model; null: there is none, or it heard nothing. */
  readonly voice: Valence | null;
  /** How often each phrase was heard, those too that were not; null: nobody listens for any. */
  readonly phrases: Readonly<Record<string, number>> | null;
  /** Seconds of sound that were dropped because the machine was busy. */
  readonly dropped: number;
}

/** What is kept of a session. `bins`: one a second, from its beginning. */
interface ScoresOf<Kind, Summary, Bin> {
  readonly kind: Kind;
  readonly models: readonly ModelUse[];
  /** The limits that decided, so that a score can be understood years later. */
  readonly thresholds: Readonly<Record<string, number>>;
  readonly summary: Summary;
  readonly bins: readonly Bin[];
}
export type FaceScores = ScoresOf<'face', FaceSummary, FaceBin>;
export type SoundScores = ScoresOf<'sound', SoundSummary, SoundBin>;
export type Scores = FaceScores | SoundScores;
