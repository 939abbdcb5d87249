import type { VideoFrame } from '../drivers/types.ts';
import { hintOf } from '../models/hint.ts';
import type { Scores } from '../models/readings.ts';
import type { FaceJudge, FaceSession, SoundMeter, SoundSession, Zone } from '../models/session.ts';
import type { Clock } from './clock.ts';
import type { Contact, Instant } from './contacts/model.ts';
import type { Journal } from './journal.ts';
import { PictureArea, withoutBars } from './picture-area.ts';
import type { Store } from './store/store.ts';

/** The contact whose patient stands there, and who looks and listens. */
interface Scoring {
  readonly contactId: string;
  readonly since: Instant;
  readonly face: FaceSession | null;
  readonly sound: SoundSession | null;
}

/**
 * What models have to say about the contacts of one desk. Outside a contact no picture is looked at and no sound is
 * listened to. Nothing is scored before the day on which people were told of it (EU AI Act Art. 50(3)), and of the
 * picture only the patient's side (Art. 5(1)(f)).
 */
export class ContactScores {
  readonly #faces: { judge: FaceJudge; zone: Zone } | null;
  readonly #sounds: { meter: SoundMeter; channel: string; patient: 'left' | 'right' | null } | null;
  readonly #notice: number;
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #area = new PictureArea();
  #scoring: Scoring | null = null;

  constructor(options: {
    /** null: not scored. */
    faces: { judge: FaceJudge; zone: Zone } | null;
    sounds: { meter: SoundMeter; channel: string; patient: 'left' | 'right' | null } | null;
    /** First moment (Unix ms) since which a notice tells the patients; null: never, and nothing is scored. */
    notice: number | null;
    store: Store;
    journal: Journal;
    clock: Clock;
  }) {
    this.#faces = options.faces;
    this.#sounds = options.sounds;
    this.#notice = options.notice ?? Number.POSITIVE_INFINITY;
    this.#store = options.store;
    this.#journal = options.journal;
    this.#clock = options.clock;
  }

  see(frame: VideoFrame): void {
    // The zone is of the camera's picture; the frame may have bars beside it.
    this.#scoring?.face?.see(withoutBars(frame, this.#area.of(frame)));
  }

  /** S16LE at 16 kHz, all channels of the microphone. */
  hear(pcm: Buffer): void {
    this.#scoring?.sound?.hear(pcm);
  }

  begin(contact: Contact): void {
    this.#drop();
    const since = this.#clock.now();
    if (since.wall < this.#notice) return;
    this.#scoring = {
      contactId: contact.id,
      since,
      face: this.#faces?.judge.begin(this.#faces.zone) ?? null,
      sound: this.#sounds?.meter.begin(this.#sounds.channel, this.#sounds.patient) ?? null,
    };
  }

  /** The patient left at `endedAt`, some seconds ago: what came later says nothing about the contact. */
  end(contact: Contact, endedAt: Instant): void {
    const scoring = this.#scoring;
    if (scoring?.contactId !== contact.id) return;
    const until = Math.max(0, (endedAt.mono - scoring.since.mono) / 1_000);
    const face = scoring.face?.scores(until) ?? null;
    const sound = scoring.sound?.scores(until) ?? null;
    this.#drop();
    if (contact.veto) return;
    const from = Math.round(scoring.since.mono - contact.startedAt.mono);
    const scores = [face, sound].filter((one): one is Scores & object => one !== null);
    const hint = hintOf(face?.summary ?? null, sound?.summary ?? null);
    if (scores.length === 0) return;
    this.#journal.write(() =>
      this.#store.addScores(
        contact.id,
        scores.map((one) => ({ ...one, from })),
        hint,
      ),
    );
  }

  veto(contact: Contact): void {
    if (this.#scoring?.contactId === contact.id) this.#drop();
  }

  #drop(): void {
    this.#scoring?.face?.end();
    this.#scoring?.sound?.end();
    this.#scoring = null;
  }
}
