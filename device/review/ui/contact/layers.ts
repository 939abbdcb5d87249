import type { FaceBin, SoundBin } from '../../../../models/readings.ts';
import type { ScoreTimeline } from '../../../store/records.ts';
import type { ContactPage } from '../../inbox/schema.ts';

/** The clip's own time, on which all is drawn: milliseconds from its first moment. */
export interface Axis {
  readonly duration: number;
  /** The arrival, and the departure; null while nobody knows. */
  readonly arrival: number;
  readonly departure: number | null;
}

/** From and to in ms of the clip. */
export interface Span<What extends string = string> {
  readonly what: What;
  readonly from: number;
  readonly to: number;
}

export interface Bar extends Span<'speech'> {
  /** Share of that second in which somebody speaks, (0, 1]. */
  readonly share: number;
}

/** A second of the face: how far it leans, from −1 (negative) to 1 (positive). */
export interface Lean {
  readonly at: number;
  readonly lean: number;
}

/** All that lies on the timeline but the waveform. */
export interface Layers {
  /** `patient`: the patient's microphone, or the one that hears both. */
  readonly speech: { readonly patient: readonly Bar[]; readonly receptionist: readonly Bar[] | null } | null;
  readonly overlaps: readonly Span<'overlap'>[];
  readonly raised: readonly Span<'raised'>[];
  readonly face: {
    readonly states: readonly Span<'negative' | 'neutral' | 'positive' | 'unknown'>[];
    /** Unbroken pieces of the curve. */
    readonly curves: readonly (readonly Lean[])[];
  } | null;
  readonly gaps: readonly Span<'video' | 'audio'>[];
}

const SECOND = 1000;

/** How the clip of a contact lies in time; null where its length is not known. */
export function axisOf({ clip, duration }: Pick<ContactPage['contact'], 'clip' | 'duration'>): Axis | null {
  if (!clip?.duration) return null;
  const arrival = clip.preRoll ?? 0;
  return { duration: clip.duration, arrival, departure: duration === null ? null : arrival + duration };
}

/** The stretches of seconds that are alike, cut to the clip; `what` null: nothing to see. */
export function spansOf<Bin, What extends string>(
  bins: readonly Bin[],
  from: number,
  axis: Axis,
  what: (bin: Bin) => What | null,
): Span<What>[] {
  const spans: { what: What; from: number; to: number }[] = [];
  bins.forEach((bin, second) => {
    const found = what(bin);
    const start = Math.max(0, axis.arrival + from + second * SECOND);
    const end = Math.min(axis.duration, axis.arrival + from + (second + 1) * SECOND);
    if (found === null || end <= start) return;
    const last = spans.at(-1);
    if (last?.what === found && last.to === start) last.to = end;
    else spans.push({ what: found, from: start, to: end });
  });
  return spans;
}

const speechOf = (bins: readonly SoundBin[], from: number, axis: Axis, share: (bin: SoundBin) => number) =>
  bins.flatMap((bin, second): Bar[] => {
    const [span] = spansOf([bin], from + second * SECOND, axis, () => 'speech' as const);
    return span && share(bin) > 0 ? [{ ...span, share: Math.min(1, share(bin)) }] : [];
  });

function curvesOf(bins: readonly FaceBin[], from: number, axis: Axis): Lean[][] {
  const curves: Lean[][] = [];
  let open: Lean[] | null = null;
  bins.forEach(({ valence, state }, second) => {
    const at = axis.arrival + from + (second + 0.5) * SECOND;
    if (valence === null || state === 'unknown' || at < 0 || at > axis.duration) {
      open = null;
      return;
    }
    if (open === null) {
      open = [];
      curves.push(open);
    }
    open.push({ at, lean: valence.positive - valence.negative });
  });
  return curves;
}

/** What is drawn of a contact's scores and gaps. */
export function layersOf(
  timelines: readonly ScoreTimeline[],
  gaps: readonly { track: 'video' | 'audio'; from: number; to: number }[],
  axis: Axis,
): Layers {
  const sound = timelines.find((timeline) => timeline.kind === 'sound');
  const face = timelines.find((timeline) => timeline.kind === 'face');
  const two = sound?.bins.some(({ receptionist }) => receptionist !== null) ?? false;
  const heard = <What extends string>(what: (bin: SoundBin) => What | null) =>
    sound ? spansOf(sound.bins, sound.from, axis, what) : [];
  return {
    speech: sound
      ? {
          patient: speechOf(sound.bins, sound.from, axis, ({ speech }) => speech),
          receptionist: two
            ? speechOf(sound.bins, sound.from, axis, ({ receptionist }) => receptionist ?? 0)
            : null,
        }
      : null,
    // Shares of more than the whole second must overlap; less than that may be turns.
    overlaps: heard(({ speech, receptionist }) =>
      speech + (receptionist ?? 0) > 1 && two ? 'overlap' : null,
    ),
    raised: heard(({ raised }) => (raised ? 'raised' : null)),
    face: face
      ? {
          states: spansOf(face.bins, face.from, axis, ({ state }) => state),
          curves: curvesOf(face.bins, face.from, axis),
        }
      : null,
    gaps: gaps.map(({ track, from, to }) => ({ what: track, from, to })),
  };
}

/** The outline of a waveform as an SVG path, mirrored about the middle of `height`. `peaks`: 0 to 255, evenly over the width. */
export function wavePath(peaks: readonly number[], width: number, height: number): string {
  if (peaks.length === 0) return '';
  const step = width / peaks.length;
  const middle = height / 2;
  const half = (peak: number) => Math.max(0.5, (peak / 255) * middle);
  const round = (value: number) => Math.round(value * 10) / 10;
  const points = (sign: 1 | -1) =>
    peaks.map((peak, place) => `${round((place + 0.5) * step)} ${round(middle + sign * half(peak))}`);
  return `M0 ${middle}L${points(-1).join('L')}L${round(width)} ${middle}L${points(1).reverse().join('L')}Z`;
}
