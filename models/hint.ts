import { EVIDENCE_LIMITS } from './face-course.ts';
import type { FaceSummary, SoundSummary } from './readings.ts';

/** What models have to say about a contact as a whole. It is for sorting the review queue; it sets no tag. */
export interface Hint {
  readonly kind: 'suspected-negative' | null;
  /** 0 to 1: the higher, the earlier somebody should look. Orders contacts, and means nothing by itself. */
  readonly priority: number;
  /** What it comes from, in plain words. */
  readonly reasons: readonly string[];
}

/** Each sign: from so many seconds on it says something, and at so many it says all it can; how much that is. */
const SIGNS = {
  /** A negative face that held counts from 2 s on by itself (`face-evidence.ts`). */
  face: { from: 2, full: 15, weight: 0.6 },
  raised: { from: 3, full: 15, weight: 0.6 },
  silence: { from: 45, full: 180, weight: 0.2 },
} as const;

/** Below this share of the contact the face could hardly be told: it only sorts, and suspects nobody. */
export const LEAST_COVERAGE = EVIDENCE_LIMITS['evidence.coverage'];

/** What a positive face leaves of what the others say. */
const GLAD = 0.5;

/** All limits of the rule, for the store. */
export const HINT_THRESHOLDS: Readonly<Record<string, number>> = {
  'hint.coverage': LEAST_COVERAGE,
  'hint.glad': GLAD,
  ...Object.fromEntries(
    Object.entries(SIGNS).flatMap(([sign, limits]) =>
      Object.entries(limits).map(([limit, value]) => [`hint.${sign}.${limit}`, value]),
    ),
  ),
};

/**
 * The rule. `suspected-negative`: the face was held to be negative for at least 2 s (of a contact in which it could be
 * told for a tenth of the time), or the patient's voice was raised for at least 3 s. With one microphone for both nobody
 * knows whose voice it was: there it only sorts, and so does a long silence, in which somebody may look for a paper.
 *
 * The priority joins the signs like independent chances, 1 − Π (1 − weight × strength), so that two weak signs come
 * before one of them, and none is needed for the others. A positive face halves what the others say.
 */
export function hintOf(face: FaceSummary | null, sound: SoundSummary | null): Hint {
  const told = face !== null && face.coverage >= LEAST_COVERAGE;
  const patientHeard = sound !== null && sound.conversation !== 'not available';
  const seconds = {
    face: told ? face.held.negative : 0,
    raised: sound?.raised ?? 0,
    silence: sound?.longestSilence ?? 0,
  };
  const shown = (['face', 'raised', 'silence'] as const).filter((sign) => seconds[sign] >= SIGNS[sign].from);
  const quiet = shown.reduce((product, sign) => {
    const { full, weight } = SIGNS[sign];
    return product * (1 - weight * Math.min(seconds[sign] / full, 1));
  }, 1);
  const suspected = shown.includes('face') || (patientHeard && shown.includes('raised'));
  const glad = told && face.verdict === 'positive' ? GLAD : 1;
  return {
    kind: suspected ? 'suspected-negative' : null,
    priority: Number(((1 - quiet) * glad).toFixed(3)),
    reasons: shown.map((sign) => `${WORDS[sign]} for ${Math.round(seconds[sign])} s`),
  };
}

const WORDS = {
  face: 'the face looked negative',
  raised: 'a voice was raised',
  silence: 'nobody spoke',
} as const;
