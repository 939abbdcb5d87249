import type { Conversation } from './readings.ts';
import type { Stretch } from './speech-stretches.ts';

/** Pauses shorter than this do not end what somebody has to say, seconds. */
export const LONGEST_PAUSE = 0.7;

/** Who begins so shortly before the other stops takes the turn and interrupts nobody, seconds. */
export const TURN_OVERLAP = 0.25;

/**
 * How two people talk with each other. Stretches of speech in order, without overlap within a side; all in seconds, of
 * `heard` seconds.
 */
export function conversationOf(
  patient: readonly Stretch[],
  receptionist: readonly Stretch[],
  heard: number,
): Conversation {
  const share = (side: readonly Stretch[]) => (heard > 0 ? Math.min(1, total(side) / heard) : 0);
  return {
    patient: share(patient),
    receptionist: share(receptionist),
    overlap: overlap(patient, receptionist),
    interruptions: {
      byPatient: interruptions(patient, receptionist),
      byReceptionist: interruptions(receptionist, patient),
    },
    responseDelay: median(responseDelays(patient, receptionist)),
  };
}

/** The stretches of both, joined where they meet; in order. */
export function union(one: readonly Stretch[], other: readonly Stretch[]): Stretch[] {
  return join(
    [...one, ...other].sort((a, b) => a[0] - b[0]),
    0,
  );
}

export function total(stretches: readonly Stretch[]): number {
  return stretches.reduce((sum, [from, to]) => sum + to - from, 0);
}

export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
}

function overlap(one: readonly Stretch[], other: readonly Stretch[]): number {
  return total(one) + total(other) - total(union(one, other));
}

/** What somebody says in one go: stretches with no more than a short pause between them. */
function join(stretches: readonly Stretch[], pause: number): Stretch[] {
  const joined: Stretch[] = [];
  for (const [from, to] of stretches) {
    const last = joined.at(-1);
    if (last !== undefined && from - last[1] <= pause)
      joined[joined.length - 1] = [last[0], Math.max(last[1], to)];
    else joined.push([from, to]);
  }
  return joined;
}

/** How often `who` began while the other spoke and went on when the other had stopped. */
function interruptions(who: readonly Stretch[], other: readonly Stretch[]): number {
  const said = join(other, LONGEST_PAUSE);
  return join(who, LONGEST_PAUSE).filter(([from, to]) => {
    const into = other.find((speech) => speech[0] < from && from + TURN_OVERLAP < speech[1]);
    if (into === undefined) return false;
    const whole = said.find((utterance) => utterance[0] <= into[0] && into[1] <= utterance[1]);
    return whole !== undefined && to > whole[1];
  }).length;
}

/** Seconds from the end of each turn of the patient to the answer; 0 where that came before the end. */
function responseDelays(patient: readonly Stretch[], receptionist: readonly Stretch[]): number[] {
  const asked = join(patient, LONGEST_PAUSE);
  // A word thrown in while the patient goes on speaking takes no turn.
  const answers = join(receptionist, LONGEST_PAUSE).filter(
    ([from, to]) => !asked.some((speech) => speech[0] < from && to < speech[1]),
  );
  let since = -Infinity;
  return answers.flatMap(([from]) => {
    const turn = asked.findLast((speech) => speech[0] < from && speech[0] >= since);
    since = from;
    return turn === undefined ? [] : [Math.max(0, from - turn[1])];
  });
}
