import type { Clock } from '../device/clock.ts';
import { CaError } from '../device/errors.ts';
import type { VideoFrame } from '../drivers/types.ts';
import { FaceEvidence } from './face-evidence.ts';
import { FACE_THRESHOLDS } from './face-pipeline.ts';
import { type Box, crop, pixelsOf } from './picture.ts';
import type { FaceReading, FaceScores, ModelUse } from './readings.ts';
import type { FaceSession, Zone } from './session.ts';

/** Who has the pictures looked at. */
export interface Looker {
  models(): readonly ModelUse[];
  ready(): boolean;
  /** A picture waits to be taken. */
  wake(): void;
  /** A picture was not looked at. The answer: whether for want of time, not because the budget holds it back. */
  skipped(): 'dropped' | 'paced';
  ended(session: ScoredFace): void;
}

/** One session: its latest picture waits here, cut to the zone when its turn comes, and its readings are gathered here. */
export class ScoredFace implements FaceSession {
  readonly id: number;
  readonly #zone: Zone;
  readonly #clock: Clock;
  readonly #looker: Looker;
  readonly #began: number;
  readonly #evidence = new FaceEvidence();
  #waiting: { frame: VideoFrame; box: Box; at: number } | null = null;
  #ended = false;
  /** Added to the numbers of faces: those of another worker are other faces. */
  #offset = 0;
  #highest = -1;

  /** @throws CaError CA_SCORES_REFUSED where the zone is no part of a picture */
  constructor(options: { id: number; zone: Zone; clock: Clock; looker: Looker }) {
    const { left, right, top, bottom } = options.zone;
    const fits = (from: number, to: number) => 0 <= from && from < to && to <= 1;
    if (!fits(left, right) || !fits(top, bottom)) {
      const what = `the patient's zone is no part of a picture: ${JSON.stringify(options.zone)}`;
      throw new CaError('CA_SCORES_REFUSED', what);
    }
    this.id = options.id;
    this.#zone = options.zone;
    this.#clock = options.clock;
    this.#looker = options.looker;
    this.#began = this.#clock.now().mono;
  }

  get waits(): boolean {
    return this.#waiting !== null;
  }

  see(frame: VideoFrame): void {
    const at = (frame.at.mono - this.#began) / 1_000;
    // A camera is some time behind: what was before the session may show somebody else.
    if (this.#ended || at < 0) return;
    const whole = frame.rgb.length === frame.width * frame.height * 3;
    const box = whole ? pixelsOf(this.#zone, frame) : null;
    if (this.#waiting || !box || !this.#looker.ready()) this.#skip();
    if (!box || !this.#looker.ready()) return;
    this.#waiting = { frame, box, at };
    this.#looker.wake();
  }

  /** The picture that waits, for the worker: nothing but the zone. */
  take() {
    const taken = this.#waiting;
    this.#waiting = null;
    return taken && { picture: crop(taken.frame, taken.box), at: taken.at };
  }

  heard(reading: FaceReading): void {
    if (this.#ended) return;
    const face = reading.face === null ? null : reading.face + this.#offset;
    this.#highest = Math.max(this.#highest, face ?? -1);
    this.#evidence.add({ ...reading, face });
  }

  /** The picture that was taken was not answered. */
  lost(): void {
    if (!this.#ended) this.#skip();
  }

  /** The worker is gone, and with it what it knew of the face. */
  restart(): void {
    if (this.#waiting) this.#skip();
    this.#waiting = null;
    this.#offset = this.#highest + 1;
  }

  scores(until = (this.#clock.now().mono - this.#began) / 1_000): FaceScores {
    return {
      kind: 'face',
      models: this.#looker.models(),
      thresholds: { ...FACE_THRESHOLDS },
      summary: this.#evidence.summary(until),
      bins: this.#evidence.bins(until),
    };
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting = null;
    this.#looker.ended(this);
  }

  #skip(): void {
    if (this.#looker.skipped() === 'dropped') this.#evidence.dropped();
  }
}
