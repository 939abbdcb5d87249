import { degraded } from '../drivers/degraded.ts';
import type { DriverHealth, InputDriver, InputEvent, VideoFrame } from '../drivers/types.ts';
import type { FaceFinder } from '../models/face-scorer.ts';
import type { Zone } from '../models/session.ts';
import type { Clock, Timer } from './clock.ts';
import { CaError } from './errors.ts';
import { anybodyIn, type FaceZone, isThere } from './face-zone.ts';
import { type Area, PictureArea, partOf, withoutBars } from './picture-area.ts';

/** Without a picture that was searched for this long the sensor is lost. Milliseconds. */
const SILENCE = 5_000;

/**
 * The desk's own camera as its presence sensor: somebody is there while a face is in the zone. It says where faces are
 * and nothing else: no expression, and nothing of a picture is kept.
 *
 * It sees what the recorder captures, so it is blind while nothing is captured: during a pause, after a veto, without its
 * lamp. It is lost then; an open contact ends after `sensor.lost`, at the moment at which it was.
 */
export class FacePresence implements InputDriver {
  readonly name = 'camera as sensor';
  readonly #zone: FaceZone;
  readonly #patient: Zone;
  readonly #hold: number;
  readonly #silence: number;
  /** Pictures sooner after the last one searched (ms) are let pass: a search costs a tenth of a second of CPU. */
  readonly #soonest: number;
  readonly #finder: FaceFinder;
  readonly #clock: Clock;
  #emit: ((event: InputEvent) => void) | null = null;
  #area = new PictureArea();
  /** One picture at a time: the next is looked at when the answer to this one has come. */
  #looking = false;
  #watch: Timer | null = null;
  #seenAt: number | null = null;
  /** When the last picture came, searched or not; monotonic ms. */
  #pictureAt = Number.NEGATIVE_INFINITY;
  #searchedAt = Number.NEGATIVE_INFINITY;
  #lost: CaError | null = null;
  /** The level last emitted; null when the next one is news whatever it is. */
  #present: boolean | null = null;
  #searched = 0;

  /** `hold` in milliseconds; `rate`: pictures a second to be searched; more may come. A rare picture is waited for longer. */
  constructor(options: {
    zone: FaceZone;
    /** The patient's side of the picture: nothing else is searched. */
    patient: Zone;
    hold: number;
    rate: number;
    finder: FaceFinder;
    clock: Clock;
  }) {
    const { zone, patient, hold, rate, finder, clock } = options;
    this.#zone = zone;
    this.#patient = patient;
    this.#hold = Math.max(hold, 2_500 / rate);
    this.#silence = Math.max(SILENCE, 3_500 / rate);
    this.#soonest = 800 / rate;
    this.#finder = finder;
    this.#clock = clock;
  }

  start(emit: (event: InputEvent) => void): void {
    this.#emit = emit;
    this.#wait();
  }

  async stop(): Promise<void> {
    this.#emit = null;
    this.#watch?.cancel();
  }

  /** Takes the next picture of the desk. */
  async see(frame: VideoFrame): Promise<void> {
    if (!this.#emit) return;
    this.#pictureAt = this.#clock.now().mono;
    if (this.#looking || frame.at.mono - this.#searchedAt < this.#soonest) return;
    this.#looking = true;
    this.#searchedAt = frame.at.mono;
    // The receptionist's side is not even searched, where the config says which that is.
    const picture = withoutBars(frame, this.#area.of(frame));
    const faces = await this.#finder.find(partOf(picture, this.#patient));
    this.#looking = false;
    if (!this.#emit || faces === 'dropped') return;
    this.#searched += 1;
    this.#lost = null;
    this.#wait();
    const { mono } = frame.at;
    if (anybodyIn(this.#zone, faces, pictureIn(this.#patient))) this.#seenAt = mono;
    this.#tell(isThere(this.#seenAt, mono, this.#hold), frame.at);
  }

  health(): DriverHealth {
    const detail = { searched: this.#searched };
    return this.#lost ? degraded(this.#lost, detail) : { status: 'ok', detail };
  }

  #tell(present: boolean, at: VideoFrame['at']): void {
    if (present === this.#present) return;
    this.#present = present;
    this.#emit?.({ kind: 'presence', present, at });
  }

  #wait(): void {
    this.#watch?.cancel();
    this.#watch = this.#clock.after(this.name, this.#silence, () => this.#lose());
  }

  #lose(): void {
    const at = this.#clock.now();
    const seconds = this.#silence / 1_000;
    this.#lost =
      at.mono - this.#pictureAt < this.#silence
        ? new CaError('CA_INPUT_LOST', `${this.name}: no picture could be searched for ${seconds} s`, {
            remedy: 'The search for faces is started again by itself; see `face scorer`.',
          })
        : new CaError('CA_INPUT_LOST', `${this.name}: no pictures for ${seconds} s`, {
            remedy:
              'Check the camera. While recording is paused, vetoed or without its lamp the camera is closed, and nobody is seen.',
          });
    this.#present = null;
    this.#seenAt = null;
    // It may come back turned, or be another one.
    this.#area = new PictureArea();
    this.#emit?.({ kind: 'lost', at });
  }
}

/** Where the whole picture lies, in shares of the part of it that is searched. */
function pictureIn({ left, right, top, bottom }: Zone): Area {
  const [width, height] = [1 / (right - left), 1 / (bottom - top)];
  return { x: -left * width, y: -top * height, width, height };
}
