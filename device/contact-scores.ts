import type { VideoFrame } from '../drivers/types.ts';
import { HINT_THRESHOLDS, hintOf } from '../models/hint.ts';
import type { FaceJudge, FaceSession, SoundMeter, SoundSession, Zone } from '../models/session.ts';
import type { Clock } from './clock.ts';
import type { Contact, Instant } from './contacts/model.ts';
import { PictureArea, withoutBars } from './picture-area.ts';
import type { ClockTrust, ScoredContact } from './store/records.ts';

/** After so long (ms) without pictures the camera may be another one, or be turned. */
const CAMERA_GONE = 5_000;

/** The patient's face, or the sound, of a desk. `latency`: how late (ms) it comes. */
export interface ScoredCamera {
  readonly judge: FaceJudge;
  readonly zone: Zone;
  readonly latency: number;
}
export interface ScoredMicrophone {
  readonly meter: SoundMeter;
  /** Its name: what is usual on it is learnt over its contacts. */
  readonly channel: string;
  /** Of two, the patient's; null: one for both. */
  readonly patient: 'left' | 'right' | null;
  readonly latency: number;
}

/** The contact whose patient stands there, and who looks and listens. */
interface Scoring {
  readonly contactId: string;
  readonly since: Instant;
  readonly face: FaceSession | null;
  readonly sound: SoundSession | null;
}

/**
 * What models have to say about the contacts of one desk. Outside a contact no picture is looked at and no sound is
 * listened to. Nothing is scored before the day on which people were told of it (EU AI Act Art. 50(3)), nor while
 * nobody knows what day it is; and of the picture only the patient's side (Art. 5(1)(f)).
 */
export class ContactScores {
  readonly #faces: ScoredCamera | null;
  readonly #sounds: ScoredMicrophone | null;
  readonly #notice: number;
  readonly #trust: () => ClockTrust;
  readonly #clock: Clock;
  #area = new PictureArea();
  #seenAt = Number.NEGATIVE_INFINITY;
  #scoring: Scoring | null = null;

  constructor(options: {
    /** null: not scored. */
    faces: ScoredCamera | null;
    sounds: ScoredMicrophone | null;
    /** First moment (Unix ms) since which a notice tells the patients; null: never, and nothing is scored. */
    notice: number | null;
    trust: () => ClockTrust;
    clock: Clock;
  }) {
    this.#faces = options.faces;
    this.#sounds = options.sounds;
    this.#notice = options.notice ?? Number.POSITIVE_INFINITY;
    this.#trust = options.trust;
    this.#clock = options.clock;
  }

  see(frame: VideoFrame): void {
    const { mono, wall } = frame.at;
    if (mono - this.#seenAt > CAMERA_GONE) this.#area = new PictureArea();
    this.#seenAt = mono;
    const face = this.#scoring?.face;
    if (!face) return;
    const latency = this.#faces?.latency ?? 0;
    // The zone is of the camera's picture; the frame may have bars beside it.
    const picture = withoutBars(frame, this.#area.of(frame));
    face.see({ ...picture, at: { mono: mono - latency, wall: wall - latency } });
  }

  /** S16LE at 16 kHz, all channels of the microphone. */
  hear(pcm: Buffer): void {
    this.#scoring?.sound?.hear(pcm);
  }

  begin(contact: Contact): void {
    this.#drop();
    if (this.waits !== null) return;
    this.#scoring = {
      contactId: contact.id,
      since: this.#clock.now(),
      face: this.#faces?.judge.begin(this.#faces.zone) ?? null,
      sound: this.#sounds?.meter.begin(this.#sounds.channel, this.#sounds.patient) ?? null,
    };
  }

  /**
   * Ends the scoring of a contact, and says what came of it; null: nothing. The patient left at `endedAt`, some seconds
   * ago: what came later says nothing about the contact.
   */
  end(contact: Contact, endedAt: Instant): ScoredContact | null {
    const scoring = this.#scoring;
    if (scoring?.contactId !== contact.id) return null;
    const stayed = endedAt.mono - scoring.since.mono;
    const late = this.#sounds?.latency ?? 0;
    const face = scoring.face?.scores(Math.max(0, stayed / 1_000)) ?? null;
    // Of sound nothing says when it was but its place: the session begins so much before it was opened.
    const sound = scoring.sound?.scores(Math.max(0, (stayed + late) / 1_000)) ?? null;
    this.#drop();
    if (contact.veto || (!face && !sound)) return null;
    const from = Math.round(scoring.since.mono - contact.startedAt.mono);
    const thresholds = HINT_THRESHOLDS;
    return {
      contactId: contact.id,
      scores: [
        ...(face ? [{ ...face, from, thresholds: { ...face.thresholds, ...thresholds } }] : []),
        ...(sound
          ? [{ ...sound, from: from - late, thresholds: { ...sound.thresholds, ...thresholds } }]
          : []),
      ],
      hint: hintOf(face?.summary ?? null, sound?.summary ?? null),
    };
  }

  veto(contact: Contact): void {
    if (this.#scoring?.contactId === contact.id) this.#drop();
  }

  /** Why nobody is scored now, for the technician; null: nothing is in the way. */
  get waits(): string | null {
    if (this.#trust() === 'untrusted') return 'until the clock is known to be right: the notice has a day';
    return this.#clock.now().wall < this.#notice ? 'for the day of the notice' : null;
  }

  #drop(): void {
    this.#scoring?.face?.end();
    this.#scoring?.sound?.end();
    this.#scoring = null;
  }
}
