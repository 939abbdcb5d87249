import { DETECTOR_LIMITS, type Face, squareAround } from './blazeface.ts';
import { EVIDENCE_LIMITS } from './face-course.ts';
import { GATE_LIMITS, gateOf } from './face-gates.ts';
import type { FaceNets } from './face-nets.ts';
import { type Choice, PATIENT_LIMITS, PatientFace } from './face-patient.ts';
import { FaceTracker, moved, TRACKER_LIMITS } from './face-tracker.ts';
import type { Picture, Square } from './picture.ts';
import type { FaceReading, Untold, Valence } from './readings.ts';

/** How often the nets look, all in seconds: they cost a hundred times what following a face does. */
const PACE_LIMITS = {
  /** The detector, while the face is followed well. */
  'pace.detect': 2,
  /** While it cannot be read for how it is held, or others stand beside it, who may come nearer. */
  'pace.detect.closely': 1,
  /** While nobody is there. */
  'pace.search': 0.7,
  /** The net for expressions; in between its last word stands. */
  'pace.express': 0.35,
  /** A negative face is not believed on landmarks older than this: a head that has bent down looks negative to the net. */
  'pace.doubt': 0.5,
  /** A negative probability that is looked into in this way. */
  'pace.doubtful': 0.5,
  /** So far around another face, in shares of its size, the net must not see: it may have moved since it was found. */
  'pace.apart': 0.15,
} as const;

/**
 * What decides from a picture to the summary, for the store. How something is measured (the patch that is
 * followed, what is cut out for a net) is no limit: it stands where it is measured.
 */
export const FACE_THRESHOLDS: Readonly<Record<string, number>> = {
  ...DETECTOR_LIMITS,
  ...GATE_LIMITS,
  ...TRACKER_LIMITS,
  ...PATIENT_LIMITS,
  ...PACE_LIMITS,
  ...EVIDENCE_LIMITS,
};

/** The patient's face in sight. */
interface Sight extends Choice {
  readonly tracker: FaceTracker;
  /** When the detector saw it, and when its expression was looked at; seconds. */
  readonly detectedAt: number;
  readonly readAt: number;
  readonly shows: Valence | Untold;
}

/**
 * From the pictures of one session to readings of the patient's face: finds it, follows it, and reads it where it can
 * be read. What it knows of a face is where it is and a small patch of it for as long as it is followed: no template,
 * no embedding, nothing by which anybody could be known again. Other faces are counted and never read.
 */
export class FacePipeline {
  readonly #nets: Pick<FaceNets, 'detect' | 'express'>;
  readonly #patient = new PatientFace();
  #sight: Sight | null = null;
  #searchedAt = Number.NEGATIVE_INFINITY;

  constructor(nets: Pick<FaceNets, 'detect' | 'express'>) {
    this.#nets = nets;
  }

  /** The next picture of the patient's zone, at `at` seconds. Blocks for as long as the nets take. */
  look(picture: Picture, at: number): FaceReading {
    const followed = this.#sight ? follow(this.#sight, picture) : null;
    if (followed && !isDue(followed, at)) {
      this.#patient.followed(followed.face, at);
      this.#sight = this.#read(picture, followed, at);
      if (!isDoubtful(this.#sight, at)) return readingOf(this.#sight, at, false);
    } else if (!this.#sight && at - this.#searchedAt < PACE_LIMITS['pace.search']) {
      return { at, shows: 'no-face', face: null, others: 0, detected: false };
    }
    this.#searchedAt = at;
    const choice = this.#patient.choose(this.#nets.detect(picture), at, followed?.face);
    if (!choice) {
      this.#sight = null;
      return { at, shows: 'no-face', face: null, others: 0, detected: true };
    }
    const tracker = new FaceTracker(picture, squareAround(choice.face));
    this.#sight = this.#look(picture, { ...choice, tracker, detectedAt: at }, at);
    return readingOf(this.#sight, at, true);
  }

  /** Reads a face that was followed, when it is time. */
  #read(picture: Picture, sight: Sight, at: number): Sight {
    return at - sight.readAt < PACE_LIMITS['pace.express'] ? sight : this.#look(picture, sight, at);
  }

  #look(picture: Picture, sight: Omit<Sight, 'shows' | 'readAt'>, at: number): Sight {
    const square = squareAround(sight.face);
    const untold = gateOf(picture, sight.face) ?? (sight.others.some(touches(square)) ? 'unsure' : null);
    return { ...sight, readAt: at, shows: untold ?? this.#nets.express(picture, square) ?? 'unsure' };
  }
}

/** The sight with its face where it is in this picture; null when it is lost. */
function follow(sight: Sight, picture: Picture): Sight | null {
  const before = squareAround(sight.face);
  const now = sight.tracker.follow(picture);
  return now && { ...sight, face: moved(sight.face, before, now) };
}

function isDue({ detectedAt, shows, others }: Sight, at: number): boolean {
  const closely = typeof shows === 'string' || others.length > 0;
  return at - detectedAt >= PACE_LIMITS[closely ? 'pace.detect.closely' : 'pace.detect'];
}

function isDoubtful({ shows, readAt, detectedAt }: Sight, at: number): boolean {
  const negative = typeof shows === 'object' && shows.negative > PACE_LIMITS['pace.doubtful'];
  return negative && readAt === at && at - detectedAt > PACE_LIMITS['pace.doubt'];
}

/** Others are counted when they are found, not again in each picture until the next search. */
function readingOf({ shows, number, others }: Sight, at: number, detected: boolean): FaceReading {
  return { at, shows, face: number, others: detected ? others.length : 0, detected };
}

/** Whether a face, with a margin about it, reaches into the square. */
function touches(square: Square): (face: Face) => boolean {
  return ({ x, y, width, height }) => {
    const [across, down] = [width * PACE_LIMITS['pace.apart'], height * PACE_LIMITS['pace.apart']];
    return (
      x - across < square.x + square.side &&
      x + width + across > square.x &&
      y - down < square.y + square.side &&
      y + height + down > square.y
    );
  };
}
