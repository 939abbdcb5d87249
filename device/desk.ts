import type { InputDriver, InputEvent } from '../drivers/types.ts';
import type { Acknowledgement } from './acknowledgement.ts';
import type { Clock, Timer } from './clock.ts';
import type { ContactMedia } from './contact-media.ts';
import type { DeskEvent, Effect, Instant, Settings } from './contacts/model.ts';
import { later } from './contacts/presence.ts';
import {
  type DeskInput,
  type DeskState,
  EMPTY_DESK,
  forgetContact,
  reduce,
  wakeAt,
} from './contacts/reduce.ts';
import { combinedLevel, type Level, type SourceRule } from './contacts/sources.ts';
import type { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import type { DeskPresence } from './review/parts.ts';
import type { Health, Service } from './service.ts';
import type { ButtonDeed } from './settings.ts';
import type { ClockTrust, ScoredContact } from './store/records.ts';
import type { Store } from './store/store.ts';

export interface DeskOptions {
  desk: string;
  settings: Settings;
  inputs: readonly InputDriver[];
  /** How several sensors become one. */
  rule: SourceRule;
  /** Buttons that do something instead of rating. */
  does: ReadonlyMap<string, ButtonDeed>;
  /** What a card reader types, and the pseudonym of the receptionist whose card it is. */
  cards: ReadonlyMap<string, string>;
  /** Answers each press; null: nothing does. */
  acknowledgement: Acknowledgement | null;
  /** How long a pause lasts when nobody ends it, ms. */
  pause: number;
  /** null: contacts are counted only. */
  media: ContactMedia | null;
  store: Store;
  journal: Journal;
  boot: string;
  trust: () => ClockTrust;
  /** Somebody came or went. */
  onPresence: () => void;
  newId: () => string;
  clock: Clock;
  log: Logger;
}

/** What a sensor has said, and since when. */
interface Source {
  readonly level: Level;
  readonly since: Instant;
}

/** One desk: what its drivers say goes through the domain; what the domain says is written down and carried out. */
export class Desk implements Service {
  readonly name: string;
  readonly #options: DeskOptions;
  readonly #sources = new Map<InputDriver, Source>();
  #level: Level = null;
  #state: DeskState = EMPTY_DESK;
  #presence: Pick<DeskPresence, 'desk' | 'present' | 'since' | 'contactId'>;
  #wake: Timer | null = null;
  #stuck = false;
  #paused: Instant | null = null;
  #did = { what: '', at: Number.NEGATIVE_INFINITY };
  #strangeCards = 0;
  #pauseEnd: Timer | null = null;

  constructor(options: DeskOptions) {
    this.#options = options;
    this.name = `desk ${options.desk}`;
    this.#presence = { desk: options.desk, present: null, since: null, contactId: null };
  }

  async start(signal: AbortSignal): Promise<void> {
    const { desk, inputs, media, store, clock } = this.#options;
    this.#state = store.deskState(desk) ?? EMPTY_DESK;
    this.#presence = { ...this.#presence, since: new Date(clock.now().wall).toISOString() };
    this.#handle({ ...this.#stamp(), kind: 'start', lastAlive: store.lastAlive(desk) });
    const paused = store.pausedUntil(desk);
    if (paused) this.#pauseUntil(paused);
    await media?.start(signal);
    for (const input of inputs) {
      this.#sources.set(input, { level: null, since: clock.now() });
      input.start((event) => this.#hear(input, event));
    }
    this.#options.onPresence();
  }

  /** Closes the open contact, cuts its clip, and lets go of the hardware. */
  async stop(): Promise<void> {
    for (const input of this.#options.inputs) await input.stop();
    this.#handle({ ...this.#stamp(), kind: 'shutdown' });
    this.#wake?.cancel();
    this.#pauseEnd?.cancel();
    await this.#options.acknowledgement?.stop();
    await this.#options.media?.stop();
  }

  /** Nothing of the contact that is open, or has just ended, is to be kept but the count. */
  veto(): void {
    this.#handle({ ...this.#stamp(), kind: 'veto' });
  }

  /** Captures nothing for so many milliseconds, or until `resume`; contacts are counted. Also over a restart. */
  pause(ms: number = this.#options.pause): void {
    const { store, journal, desk, boot, clock, log } = this.#options;
    const until = later(clock.now(), ms);
    log.info({ desk, until: new Date(until.wall).toISOString() }, 'recording paused');
    journal.write(() => store.setPause(desk, until, boot));
    this.#pauseUntil(until);
  }

  resume(): void {
    const { store, journal, desk, media, boot, log } = this.#options;
    if (!this.#paused) return;
    this.#pauseEnd?.cancel();
    this.#paused = null;
    log.info({ desk }, 'recording resumed');
    journal.write(() => store.setPause(desk, null, boot));
    media?.resume();
    this.#options.onPresence();
  }

  /** A receptionist, by pseudonym, is at the desk from now on. Nothing changes where that is so already. */
  shift(receptionist: string): void {
    if (this.#state.receptionist !== receptionist) this.#shift(receptionist, this.#options.clock.now());
  }

  /** A settled contact has been erased: the desk remembers no press of it. */
  forget(contactId: string): void {
    this.#state = forgetContact(this.#state, contactId);
  }

  /** Whether nobody is there or arrives, and no contact is waiting for its last presses: a stop would cut nothing off. */
  get free(): boolean {
    const { open, ended, presence } = this.#state;
    return open === null && ended === null && (presence.phase === 'absent' || presence.phase === 'stuck');
  }

  /** Whether somebody stands there now: the confirmed contact, not the raw level of the sensor. */
  presence(): DeskPresence {
    const paused = this.#paused && new Date(this.#paused.wall).toISOString();
    return { ...this.#presence, paused, receptionist: this.#state.receptionist };
  }

  health(): Health {
    const { inputs, media, acknowledgement } = this.#options;
    const parts = [...inputs, media, acknowledgement].filter((part) => part !== null);
    const healths: Health[] = parts.map((part) => part.health());
    healths.push(...this.#stuckSources());
    if (this.#stuck)
      healths.push({
        status: 'degraded',
        reason:
          'the presence sensor says "present" without end: look at what stands before it and at its sensitivity',
      });
    if (this.#paused)
      healths.push({
        status: 'degraded',
        reason: `recording is paused until ${new Date(this.#paused.wall).toISOString()}`,
      });
    const worst = healths.find((h) => h.status === 'failed') ?? healths.find((h) => h.status === 'degraded');
    const reasons = healths.flatMap((h) => (h.reason === undefined ? [] : [h.reason]));
    return {
      // One broken part does not keep a desk from counting or recording with the others.
      status: worst ? 'degraded' : 'ok',
      ...(reasons.length > 0
        ? { reason: reasons.map((reason) => reason.replace(/\.$/, '')).join('; ') }
        : {}),
      detail: Object.assign(
        this.#strangeCards > 0 ? { strangeCards: this.#strangeCards } : {},
        ...healths.map((h) => h.detail ?? {}),
      ),
    };
  }

  #pauseUntil(until: Instant): void {
    const { media, clock } = this.#options;
    this.#pauseEnd?.cancel();
    this.#paused = until;
    this.#pauseEnd = clock.after(`pause ${this.name}`, until.mono - clock.now().mono, () => this.resume());
    media?.pause();
    this.#options.onPresence();
  }

  #stamp() {
    return { id: this.#options.newId(), at: this.#options.clock.now() };
  }

  #hear(input: InputDriver, event: InputEvent): void {
    const { newId: id } = this.#options;
    if (event.kind === 'press') return this.#press(event);
    if (event.kind === 'card') return this.#card(event);
    this.#sources.set(input, { level: event.kind === 'presence' ? event.present : null, since: event.at });
    const levels = [...this.#sources.values()].map(({ level }) => level);
    const level = combinedLevel(levels, this.#options.rule);
    if (level === this.#level) return;
    this.#level = level;
    if (level === null) return this.#handle({ id: id(), kind: 'sensor-lost', at: event.at });
    this.#handle({ id: id(), kind: 'presence', present: level, at: event.at });
  }

  #press(event: InputEvent & { kind: 'press' }): void {
    this.#options.acknowledgement?.blink();
    const deed = this.#options.does.get(event.button);
    if (!deed) return this.#handle({ id: this.#options.newId(), ...event });
    if (this.#repeats(event.button, event.at)) return;
    if (deed.does === 'veto') return this.veto();
    if (deed.does === 'shift') return this.#shift(deed.receptionist, event.at);
    if (this.#paused) this.resume();
    else this.pause();
  }

  #card({ id, at }: InputEvent & { kind: 'card' }): void {
    const receptionist = this.#options.cards.get(id);
    if (receptionist === undefined) {
      this.#strangeCards++;
      return;
    }
    this.#options.acknowledgement?.blink();
    if (!this.#repeats(`card ${id}`, at)) this.#shift(receptionist, at);
  }

  #shift(receptionist: string, at: Instant): void {
    this.#handle({ id: this.#options.newId(), kind: 'shift', receptionist, at });
    this.#options.log.info({ desk: this.#options.desk }, 'shift changed');
    this.#options.onPresence();
  }

  /** Two presses of an impatient finger are one: the second would end the pause that the first began. */
  #repeats(what: string, { mono }: Instant): boolean {
    const repeated = what === this.#did.what && mono - this.#did.at < this.#options.settings.pressRepeat;
    this.#did = { what, at: mono };
    return repeated;
  }

  /** The sensors that say "present" for longer than any contact may last, though the others do not agree. */
  #stuckSources(): Health[] {
    const { clock, settings } = this.#options;
    const now = clock.now().mono;
    return [...this.#sources].flatMap(([{ name }, { level, since }]) => {
      if (!level || this.#stuck || now - since.mono < settings.contactMax) return [];
      const reason = `${name} has said "present" since ${new Date(since.wall).toISOString()}: look at what stands before it and at its sensitivity`;
      return [{ status: 'degraded', reason }];
    });
  }

  #handle(input: DeskInput): void {
    const { desk, settings, media, store, journal, trust } = this.#options;
    const [state, effects] = reduce(settings, this.#state, input);
    this.#state = state;
    const event: DeskEvent | null = input.kind === 'wake' ? null : input;
    const about = { desk, event, state, effects, at: input.at, clock: trust(), captured: media !== null };
    // In the same commit: a contact that is settled at once is told with its scores.
    const change = { ...about, scored: effects.flatMap((effect) => this.#scored(effect, input)) };
    // Time that passed and changed nothing is not worth a write: the next change brings the state along.
    if (event || effects.length > 0) journal.write(() => store.record(change));
    for (const effect of effects) this.#carryOut(effect, input);
    this.#stuck = state.presence.phase === 'stuck';
    this.#tellPresence();
    this.#schedule();
  }

  #scored(effect: Effect, cause: DeskInput): ScoredContact[] {
    if (effect.kind !== 'contact-ended' || !effect.contact.endedAt || cause.kind === 'start') return [];
    const scored = this.#options.media?.scored(effect.contact, effect.contact.endedAt) ?? null;
    return scored ? [scored] : [];
  }

  #carryOut(effect: Effect, cause: DeskInput): void {
    const { desk, media, log } = this.#options;
    switch (effect.kind) {
      case 'contact-started':
        return media?.begin(effect.contact);
      case 'contact-ended':
        // Who asked not to be recorded may still stand there, and nobody can see it: not even when the sensor is back.
        if (effect.contact.veto && effect.contact.endReason === 'sensor-lost') this.pause();
        // What a start finds open was recorded by a process that is gone: `media.start` saves its clip.
        if (effect.contact.endedAt && cause.kind !== 'start')
          media?.end(effect.contact, effect.contact.endedAt);
        return log.info(
          { desk, contact: effect.contact.id, reason: effect.contact.endReason },
          'contact ended',
        );
      case 'contact-vetoed':
        log.info({ desk, contact: effect.contact.id }, 'recording vetoed');
        return media?.veto(effect.contact);
      case 'contact-settled':
        return media?.settled(effect.contact);
      case 'sensor-stuck':
        return log.warn({ desk, code: 'CA_SENSOR_STUCK' }, 'the presence sensor seems to be stuck');
      case 'contact-tagged':
      case 'pressed':
        return;
    }
  }

  #tellPresence(): void {
    const { open, ended } = this.#state;
    const before = this.#presence;
    const present = open !== null || (this.#level === null ? null : false);
    const contactId = open?.id ?? null;
    if (before.present === present && before.contactId === contactId) return;
    const since = open?.startedAt ?? (before.contactId ? ended?.endedAt : null) ?? this.#options.clock.now();
    this.#presence = { desk: before.desk, present, since: new Date(since.wall).toISOString(), contactId };
    this.#options.onPresence();
  }

  #schedule(): void {
    const { clock, settings } = this.#options;
    this.#wake?.cancel();
    const due = wakeAt(settings, this.#state);
    if (due === null) {
      this.#wake = null;
      return;
    }
    this.#wake = clock.after(this.name, due - clock.now().mono, () =>
      this.#handle({ kind: 'wake', at: clock.now() }),
    );
  }
}
