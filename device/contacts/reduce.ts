import type { Contact, DeskEvent, Effect, EndReason, Instant, Settings } from './model.ts';
import {
  later,
  type Presence,
  presenceCut,
  presenceDeadline,
  presenceDue,
  presenceEdge,
  presenceLost,
  type Stay,
} from './presence.ts';
import { attribute, counts, type RawPress, type RecentPresses, remember } from './presses.ts';
import { ratedBy } from './tagging.ts';

/** All that is known of one desk. Plain JSON: the store keeps it, so that a restart goes on where the power was cut. */
export interface DeskState {
  readonly presence: Presence;
  /** The confirmed contact whose patient is at the desk. */
  readonly open: Contact | null;
  /** The contact that ended last, while a press may still belong to it. */
  readonly ended: Contact | null;
  /** Presses and vetoes made during an arrival that is not confirmed yet: whose they are is not known before. */
  readonly undecided: readonly (RawPress | RawVeto)[];
  readonly recent: RecentPresses;
  /** Pseudonym of the receptionist at the desk; null: nobody has said so. */
  readonly receptionist: string | null;
  /** Monotonic time of the latest event: events that come late are taken as happening then. */
  readonly last: number;
}

/** A veto before it is known whose it is. It has no `button`: that tells it from a press. */
interface RawVeto {
  readonly id: string;
  readonly at: Instant;
}

/** `wake` stands for time passing alone. */
export type DeskInput = DeskEvent | { readonly kind: 'wake'; readonly at: Instant };

type Step = readonly [DeskState, readonly Effect[]];

export const EMPTY_DESK: DeskState = {
  presence: { phase: 'absent' },
  open: null,
  ended: null,
  undecided: [],
  recent: [],
  receptionist: null,
  last: 0,
};

/** A state out of its JSON, which an earlier release may have written: fields that it did not have get their defaults. */
export function restoreDesk(saved: DeskState): DeskState {
  const whole = (contact: Contact | null) =>
    contact && { ...newContact(contact.id, contact.startedAt, null), ...contact };
  const state = { ...EMPTY_DESK, ...saved };
  return { ...state, open: whole(state.open), ended: whole(state.ended) };
}

/** The state without what it remembers of a settled contact: nobody's press repeats one of its any more. */
export function forgetContact(state: DeskState, contactId: string): DeskState {
  return { ...state, recent: state.recent.filter((press) => press.contactId !== contactId) };
}

/**
 * One desk's whole business. First everything that fell due before the event happens, each at its own moment; so
 * the result does not depend on how punctually the desk was woken, and a recorded day replays to the same contacts.
 */
export function reduce(settings: Settings, state: DeskState, input: DeskInput): Step {
  if (input.kind === 'start') return start(settings, state, input.at, input.lastAlive);
  const at = input.at.mono >= state.last ? input.at : { mono: state.last, wall: input.at.wall };
  const steps = new Steps(settings, state);
  steps.passTo(at);
  steps.take(input, at);
  steps.passTo(at);
  return steps.result(at);
}

/** The moment at which `reduce` wants a `wake` if nothing happens before: monotonic milliseconds, null: none. */
export function wakeAt(settings: Settings, state: DeskState): number | null {
  return nextDeadline(settings, state)?.at.mono ?? null;
}

/** A new session: what the one before left open ended with it, at its last sign of life. Its clock may be of another boot. */
function start(settings: Settings, before: DeskState, at: Instant, lastAlive: Instant | null): Step {
  const steps = new Steps(settings, before);
  const end = lastAlive && lastAlive.mono >= before.last ? lastAlive : lastKnown(before, at);
  steps.passTo(end);
  steps.cut(end, 'power-loss');
  const [state, effects] = steps.result(end);
  return [{ ...state, recent: [], last: at.mono }, effects];
}

/** The last moment a state speaks of, where no sign of life is on record. */
function lastKnown(state: DeskState, fallback: Instant): Instant {
  const { presence } = state;
  if (!('since' in presence)) return fallback;
  return later(presence.since, Math.max(0, state.last - presence.since.mono));
}

type Deadline = { readonly of: 'presence' | 'grace'; readonly at: Instant };

function nextDeadline(settings: Settings, state: DeskState): Deadline | null {
  const change = presenceDeadline(state.presence, settings);
  // While somebody arrives it is open whose the presses are, so the contact before cannot be final yet.
  const grace =
    state.ended?.endedAt && state.presence.phase !== 'arriving'
      ? later(state.ended.endedAt, settings.pressGrace)
      : null;
  if (grace && (!change || grace.mono < change.mono)) return { of: 'grace', at: grace };
  return change && { of: 'presence', at: change };
}

/** The state on its way through one event, and the effects gathered. */
class Steps {
  readonly #settings: Settings;
  #state: DeskState;
  readonly #effects: Effect[] = [];

  constructor(settings: Settings, state: DeskState) {
    this.#settings = settings;
    this.#state = state;
  }

  result(at: Instant): Step {
    return [{ ...this.#state, last: Math.max(this.#state.last, at.mono) }, this.#effects];
  }

  passTo(now: Instant): void {
    for (;;) {
      const due = nextDeadline(this.#settings, this.#state);
      if (!due || due.at.mono > now.mono) return;
      if (due.of === 'grace') this.#settle();
      else this.#moved(presenceDue(this.#state.presence, this.#settings, due.at));
    }
  }

  take(input: Exclude<DeskInput, { kind: 'start' }>, at: Instant): void {
    switch (input.kind) {
      case 'presence':
        return this.#moved(presenceEdge(this.#state.presence, input.present, input.id, at));
      case 'sensor-lost':
        return this.#moved(presenceLost(this.#state.presence, at));
      case 'shutdown':
        return this.cut(at, 'shutdown');
      case 'press':
        return this.#pressed({ id: input.id, button: input.button, at });
      case 'veto':
        return this.#pressed({ id: input.id, at });
      case 'shift':
        return this.#shift(input.receptionist);
      case 'wake':
        return;
    }
  }

  cut(at: Instant, reason: 'shutdown' | 'power-loss'): void {
    this.#moved(presenceCut(this.#state.presence, at, reason));
    this.#settle();
  }

  #moved([presence, stays]: readonly [Presence, readonly Stay[]]): void {
    this.#state = { ...this.#state, presence };
    for (const stay of stays) this.#stay(stay);
  }

  #stay(stay: Stay): void {
    switch (stay.kind) {
      case 'arrived':
        // Somebody new is confirmed: the contact before can get no more presses.
        this.#settle();
        this.#state = { ...this.#state, open: newContact(stay.id, stay.since, this.#state.receptionist) };
        if (this.#state.open) this.#effects.push({ kind: 'contact-started', contact: this.#state.open });
        return this.#decide();
      case 'passed-by':
        return this.#decide();
      case 'left':
        return this.#end(stay.until, stay.reason);
      case 'stuck':
        this.#effects.push({ kind: 'sensor-stuck', since: stay.since });
    }
  }

  #end(until: Instant, reason: EndReason): void {
    const { open } = this.#state;
    if (!open) return;
    const duration = Math.max(0, until.mono - open.startedAt.mono);
    const ended: Contact = {
      ...open,
      endedAt: until,
      endReason: reason,
      duration,
      served: duration >= this.#settings.servedMinimum,
    };
    this.#state = { ...this.#state, open: null, ended };
    this.#effects.push({ kind: 'contact-ended', contact: ended });
  }

  #settle(): void {
    const { ended } = this.#state;
    if (!ended) return;
    this.#state = { ...this.#state, ended: null };
    this.#effects.push({ kind: 'contact-settled', contact: ended });
  }

  /** The same receptionist once more goes; another one takes over. A contact belongs to whom it began with, or to the first to come. */
  #shift(who: string): void {
    const receptionist = who === this.#state.receptionist ? null : who;
    const { open } = this.#state;
    const taken = open && { ...open, receptionist: open.receptionist ?? receptionist };
    this.#state = { ...this.#state, receptionist, open: taken };
  }

  #pressed(raw: RawPress | RawVeto): void {
    if (this.#state.presence.phase !== 'arriving') return this.#give(raw);
    this.#state = { ...this.#state, undecided: [...this.#state.undecided, raw] };
  }

  #decide(): void {
    const { undecided } = this.#state;
    this.#state = { ...this.#state, undecided: [] };
    for (const raw of undecided) this.#give(raw);
  }

  /** To the open contact; else to the one just ended; else to none. */
  #give(raw: RawPress | RawVeto): void {
    const { open, ended } = this.#state;
    const inGrace = ended?.endedAt && raw.at.mono - ended.endedAt.mono <= this.#settings.pressGrace;
    const owner = open ?? (inGrace ? ended : null);
    if ('button' in raw) this.#rate(raw, owner);
    else if (owner && !owner.veto) this.#change('contact-vetoed', { ...owner, veto: true });
  }

  #rate(raw: RawPress, owner: Contact | null): void {
    const { recent } = this.#state;
    const press = attribute(raw, owner?.id ?? null, recent, this.#settings);
    this.#state = { ...this.#state, recent: remember(recent, press) };
    this.#effects.push({ kind: 'pressed', press });
    if (owner && counts(press)) this.#change('contact-tagged', ratedBy(owner, press));
  }

  #change(kind: 'contact-tagged' | 'contact-vetoed', contact: Contact): void {
    this.#state = this.#state.open ? { ...this.#state, open: contact } : { ...this.#state, ended: contact };
    this.#effects.push({ kind, contact });
  }
}

function newContact(id: string, startedAt: Instant, receptionist: string | null): Contact {
  return {
    id,
    startedAt,
    endedAt: null,
    endReason: null,
    duration: null,
    served: false,
    tag: 'unrated',
    tagSource: null,
    pressId: null,
    rating: null,
    top: false,
    veto: false,
    receptionist,
  };
}
