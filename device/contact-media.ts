import type { ClipKeeper } from './clip-keeper.ts';
import type { Clock } from './clock.ts';
import type { ContactScores } from './contact-scores.ts';
import { type KeepPolicy, keeps } from './contacts/keeping.ts';
import type { Contact, Instant } from './contacts/model.ts';
import { CaError, type ErrorCode, messageOf } from './errors.ts';
import type { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import type { FinishedClip } from './recording/manifest.ts';
import type { Recorder } from './recording/recorder.ts';
import type { Health } from './service.ts';
import { type NewClip, PAUSED, type ScoredContact } from './store/records.ts';
import type { Store } from './store/store.ts';

/** While a contact is open its end is written down this often (ms, `Housekeeping`): so much of it may be unknown after a crash. */
const SIGN_OF_LIFE = 5_000;

/** What camera and microphone add to the contacts of one desk: the clip and the scores. */
export class ContactMedia {
  readonly #desk: string;
  readonly #recorder: Recorder;
  readonly #keeper: ClipKeeper;
  readonly #policy: KeepPolicy;
  readonly #scores: ContactScores | null;
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** The contact whose patient stands there and does not want to be recorded. */
  #unrecorded: string | null = null;
  readonly #cutting = new Set<Promise<void>>();
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor(options: {
    desk: string;
    recorder: Recorder;
    keeper: ClipKeeper;
    policy: KeepPolicy;
    /** null: nothing is scored. */
    scores: ContactScores | null;
    store: Store;
    journal: Journal;
    clock: Clock;
    log: Logger;
  }) {
    this.#desk = options.desk;
    this.#recorder = options.recorder;
    this.#keeper = options.keeper;
    this.#policy = options.policy;
    this.#scores = options.scores;
    this.#store = options.store;
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /**
   * Saves the clips of contacts that the process before could not cut, out of what it left in RAM and in the spool; then
   * begins to capture.
   */
  async start(signal: AbortSignal): Promise<void> {
    for (const contact of this.#store.clipless(this.#desk)) {
      if (!keeps(this.#policy, contact)) continue;
      const { id, startedAt, endedAt, there, thisBoot } = contact;
      const until = endedAt.mono + (there ? SIGN_OF_LIFE : 0);
      await this.#keep(id, startedAt, this.#recorder.recover(id, startedAt, until, { ring: thisBoot }));
    }
    this.#recorder.onFrame((frame) => this.#scores?.see(frame));
    this.#recorder.onSound((pcm) => this.#scores?.hear(pcm));
    await this.#recorder.start(signal);
  }

  /** Waits for the clips under way, then ends the capture. */
  async stop(): Promise<void> {
    this.#recorder.giveUp();
    // What is done leads to more.
    while (this.#cutting.size > 0) await Promise.all(this.#cutting);
    await this.#recorder.stop();
  }

  begin(contact: Contact): void {
    if (this.#policy.keep !== 'none') this.#recorder.begin(contact.id, contact.startedAt);
    this.#scores?.begin(contact);
  }

  /** What models say of a contact that has ended; null: nothing. To be written down together with its end. */
  scored(contact: Contact, endedAt: Instant): ScoredContact | null {
    return this.#scores?.end(contact, endedAt) ?? null;
  }

  end(contact: Contact, endedAt: Instant): void {
    // Somebody else may be recorded.
    this.#unrecorded = null;
    this.#recorder.release('veto');
    if (contact.veto || this.#policy.keep === 'none') return;
    const clip = this.#recorder.end(contact.id, endedAt, { now: contact.endReason === 'shutdown' });
    this.#track(this.#keep(contact.id, contact.startedAt, clip));
  }

  /** Nothing can change the contact any more: what is not kept is destroyed. The store has decided alike. */
  settled(contact: Contact): void {
    if (!keeps(this.#policy, contact)) this.#track(this.#recorder.discard(contact.id));
  }

  /**
   * Destroys what there is of the contact. While its patient is still there nothing is captured; and nothing of it
   * stays in RAM to become the beginning of the next clip.
   */
  veto(contact: Contact): void {
    this.#scores?.veto(contact);
    if (!contact.endedAt) this.#unrecorded = contact.id;
    const dark = this.#recorder.hold('veto').then(() => {
      // Unless somebody stands there who has asked for it: this patient, or the next.
      if (this.#unrecorded === null) this.#recorder.release('veto');
    });
    this.#track(Promise.all([dark, this.#recorder.discard(contact.id)]));
  }

  /** Captures nothing until `resume`. */
  pause(): void {
    this.#pausedUntil = Number.POSITIVE_INFINITY;
    void this.#recorder.hold('pause');
  }

  resume(): void {
    this.#pausedUntil = this.#clock.now().mono;
    this.#recorder.release('pause');
  }

  health(): Health {
    const health = this.#recorder.health();
    const waits = this.#scores?.waits ?? null;
    return waits === null ? health : { ...health, detail: { ...health.detail, scoringWaits: waits } };
  }

  #track(work: Promise<unknown>): void {
    const tracked: Promise<void> = work
      .then(() => {})
      .catch((err) => this.#log.error({ desk: this.#desk, err }, 'a clip could not be destroyed'))
      .finally(() => this.#cutting.delete(tracked));
    this.#cutting.add(tracked);
  }

  /** Into the store; a clip that could not be made leaves its reason there. */
  async #keep(contactId: string, startedAt: Instant, cut: Promise<FinishedClip>): Promise<void> {
    let clip: NewClip;
    try {
      clip = { contactId, state: 'ready', reason: null, ...(await cut) };
    } catch (error) {
      const wanted = this.#pausedUntil >= startedAt.mono && isNotCovered(error);
      if (!wanted) this.#log.warn({ desk: this.#desk, contact: contactId, err: error }, 'no clip');
      // The spool has it: the next start tries again.
      if (error instanceof CaError && CURABLE.includes(error.code)) return;
      clip = { contactId, state: 'failed', reason: wanted ? PAUSED : messageOf(error), ...NO_FILE };
    }
    this.#journal.write(() => {
      const became = this.#store.addClip(this.#desk, clip, this.#clock.now().wall);
      this.#track(
        became === 'deleted'
          ? this.#recorder.discard(contactId)
          : this.#recorder.stored(contactId).then(() => this.#keeper.makeRoom()),
      );
    });
  }
}

function isNotCovered(error: unknown): boolean {
  return error instanceof CaError && error.code === 'CA_CLIP_NOT_COVERED';
}

/** A disk or a key that may be there again. */
const CURABLE: readonly ErrorCode[] = [
  'CA_VAULT_UNWRITABLE',
  'CA_VAULT_UNREADABLE',
  'CA_VAULT_WRONG_KEY',
  'CA_VAULT_KEY_INVALID',
  'CA_SECRET_UNREADABLE',
];

const NO_FILE = {
  file: null,
  mediaType: null,
  bytes: null,
  sha256: null,
  duration: null,
  preRoll: null,
  manifest: null,
};
