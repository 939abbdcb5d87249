import type { FaceScorer } from '../models/face-scorer.ts';
import { ScoreSummary } from '../models/summary.ts';
import type { Clock } from './clock.ts';
import type { Contact, Instant } from './contacts/model.ts';
import { messageOf } from './errors.ts';
import type { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import type { Clip, Recorder } from './recording/recorder.ts';
import type { ClipVault } from './recording/vault.ts';
import type { Health } from './service.ts';
import type { ClipRecord } from './store/records.ts';
import type { Store } from './store/store.ts';

/** What camera and microphone add to the contacts of one desk: the clip, and the scores of the patient's face. */
export class ContactMedia {
  readonly #desk: string;
  readonly #recorder: Recorder;
  readonly #vault: ClipVault;
  readonly #scorer: FaceScorer | null;
  readonly #notice: number;
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** The contact whose patient stands there, and what was seen of the face. Outside a contact no picture is looked at. */
  #scoring: { contactId: string; summary: ScoreSummary } | null = null;
  readonly #cutting = new Set<Promise<void>>();

  constructor(options: {
    desk: string;
    recorder: Recorder;
    vault: ClipVault;
    /** null: faces are not scored. */
    scorer: FaceScorer | null;
    /** First moment (Unix ms) since which a notice tells the patients: no picture is scored before it. */
    notice: number | null;
    store: Store;
    journal: Journal;
    clock: Clock;
    log: Logger;
  }) {
    this.#desk = options.desk;
    this.#recorder = options.recorder;
    this.#vault = options.vault;
    this.#scorer = options.scorer;
    this.#notice = options.notice ?? Number.POSITIVE_INFINITY;
    this.#store = options.store;
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Saves the clips of contacts that the process before could not cut, out of what it left in RAM; then begins to capture. */
  async start(signal: AbortSignal): Promise<void> {
    for (const { id, startedAt, endedAt } of this.#store.clipless(this.#desk))
      await this.#keep(id, startedAt, this.#recorder.recover(id, startedAt, endedAt));
    const scorer = this.#scorer;
    if (scorer)
      this.#recorder.onFrame(async (frame) => {
        const scoring = this.#scoring;
        if (scoring) scoring.summary.add(await scorer.score(frame));
      });
    await this.#recorder.start(signal);
  }

  /** Waits for the clips under way, then ends the capture. */
  async stop(): Promise<void> {
    await Promise.all(this.#cutting);
    await this.#recorder.stop();
  }

  begin(contact: Contact): void {
    this.#recorder.begin(contact.id, contact.startedAt);
    if (this.#scorer && this.#clock.now().wall >= this.#notice)
      this.#scoring = { contactId: contact.id, summary: new ScoreSummary() };
  }

  end(contact: Contact, endedAt: Instant): void {
    this.#saveScore(contact.id);
    const clip = this.#recorder.end(contact.id, endedAt, { now: contact.endReason === 'shutdown' });
    const cutting = this.#keep(contact.id, contact.startedAt, clip).finally(() =>
      this.#cutting.delete(cutting),
    );
    this.#cutting.add(cutting);
  }

  health(): Health {
    return this.#recorder.health();
  }

  /** Into the vault and the store; a clip that could not be made leaves its reason there. */
  async #keep(contactId: string, startedAt: Instant, cut: Promise<Clip>): Promise<void> {
    let record: ClipRecord;
    try {
      const clip = await cut;
      const { mediaType } = clip;
      const [duration, preRoll] = [Math.round(clip.duration), Math.round(clip.preRoll)];
      const stored = await this.#vault.put(contactId, startedAt, clip);
      record = { contactId, state: 'ready', reason: null, mediaType, duration, preRoll, ...stored };
    } catch (error) {
      this.#log.warn({ desk: this.#desk, contact: contactId, err: error }, 'no clip');
      record = { contactId, state: 'failed', reason: messageOf(error), ...NO_FILE };
    }
    this.#journal.write(() => this.#store.addClip(this.#desk, record, this.#clock.now().wall));
  }

  #saveScore(contactId: string): void {
    const scoring = this.#scoring;
    this.#scoring = null;
    if (!this.#scorer || scoring?.contactId !== contactId) return;
    const { id: model, version } = this.#scorer.models.expression;
    const score = { contactId, kind: 'face-expression', model, version, ...scoring.summary.summary() };
    this.#journal.write(() => this.#store.addScore(score));
  }
}

const NO_FILE = { file: null, mediaType: null, bytes: null, sha256: null, duration: null, preRoll: null };
