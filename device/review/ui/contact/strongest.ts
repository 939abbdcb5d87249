import type { FaceBin, SoundBin } from '../../../../models/readings.ts';
import type { ScoreTimeline } from '../../../store/records.ts';

/** Seconds over which evidence is taken together: one frown of one picture is no moment. */
const WINDOW = 3;
/** What a raised voice weighs against a face that is negative for certain. */
const RAISED = 0.7;

/** Evidence of one second, 0 or more. */
const EVIDENCE = {
  face: ({ valence, state }: FaceBin) => (state === 'unknown' ? 0 : (valence?.negative ?? 0)),
  sound: ({ raised, voice }: SoundBin) => (raised ? RAISED : 0) + (voice?.negative ?? 0),
};

/**
 * Where the models see most that is negative: milliseconds after the arrival at which those seconds begin, the
 * earliest where several are alike; null where they see nothing. For somebody who looks, and for nothing else.
 */
export function strongestMoment(timelines: readonly ScoreTimeline[]): number | null {
  const evidence = new Map<number, number>();
  for (const timeline of timelines) {
    const seconds =
      timeline.kind === 'face' ? timeline.bins.map(EVIDENCE.face) : timeline.bins.map(EVIDENCE.sound);
    seconds.forEach((found, second) => {
      const at = Math.round(timeline.from / 1000) + second;
      evidence.set(at, (evidence.get(at) ?? 0) + found);
    });
  }
  let best: { at: number; sum: number } | null = null;
  for (const at of [...evidence.keys()].sort((a, b) => a - b)) {
    // It begins with a second that shows something itself.
    if (evidence.get(at) === 0) continue;
    let sum = 0;
    for (let second = at; second < at + WINDOW; second++) sum += evidence.get(second) ?? 0;
    if (sum > (best?.sum ?? 0) + 1e-9) best = { at, sum };
  }
  return best === null ? null : best.at * 1000;
}
