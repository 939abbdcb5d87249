import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { indicesOf } from './indices.ts';
import type { Contact, DeskEvent, Effect, Press, Settings } from './model.ts';
import { type DeskInput, type DeskState, EMPTY_DESK, reduce, restoreDesk } from './reduce.ts';

const settings: Settings = {
  arrivalConfirm: 1_500,
  departureConfirm: 4_000,
  contactMax: 60_000,
  servedMinimum: 10_000,
  pressGrace: 10_000,
  pressRepeat: 3_000,
  sensorLost: 20_000,
  buttons: {
    a: { rating: 5, tag: 'positive', top: true },
    b: { rating: 1, tag: 'negative', top: false },
  },
};

type Kind = 'here' | 'gone' | 'press-a' | 'press-b' | 'veto' | 'lost' | 'stop' | 'power' | 'reboot';
interface Act {
  kind: Kind;
  /** Milliseconds since the act before. */
  after: number;
  /** The wall clock steps by this much. */
  step: number;
}

const gap = fc.oneof(
  fc.integer({ min: 0, max: 3_000 }),
  fc.integer({ min: 0, max: 15_000 }),
  fc.integer({ min: 0, max: 90_000 }),
  // The edges of the rules themselves.
  fc.constantFrom(1_499, 1_500, 1_501, 3_999, 4_000, 4_001, 9_999, 10_000, 10_001, 60_000),
);
const kinds = (...of: Kind[]) => fc.constantFrom(...of);
const act = (kind: fc.Arbitrary<Kind>) =>
  fc.record({ kind, after: gap, step: fc.oneof(fc.constant(0), fc.integer({ min: -1e7, max: 1e7 })) });
const day = fc.array(
  act(
    kinds(
      'here',
      'here',
      'here',
      'gone',
      'gone',
      'gone',
      'press-a',
      'press-b',
      'veto',
      'veto',
      'lost',
      'stop',
      'power',
      'reboot',
    ),
  ),
  { maxLength: 60 },
);

/** A day of events; each carries its own id. `boot` counts reboots, since monotonic times of two boots cannot be compared. */
function eventsOf(acts: Act[]): { event: DeskEvent; boot: number }[] {
  let mono = 1_000;
  let wall = Date.UTC(2026, 0, 5);
  let boot = 0;
  return acts.map(({ kind, after, step }, i) => {
    mono += after;
    wall += after + step;
    const before = { mono, wall };
    const id = `e${i}`;
    if (kind === 'reboot') {
      mono = after % 1_000;
      boot++;
    }
    const at = { mono, wall };
    const event: DeskEvent =
      kind === 'here' || kind === 'gone'
        ? { id, kind: 'presence', present: kind === 'here', at }
        : kind === 'press-a' || kind === 'press-b'
          ? { id, kind: 'press', button: kind.slice(-1), at }
          : kind === 'veto'
            ? { id, kind: 'veto', at }
            : kind === 'lost'
              ? { id, kind: 'sensor-lost', at }
              : kind === 'stop'
                ? { id, kind: 'shutdown', at }
                : { id, kind: 'start', at, lastAlive: before };
    return { event, boot };
  });
}

function run(inputs: readonly DeskInput[], between: (state: DeskState) => DeskState = (s) => s) {
  let state = EMPTY_DESK;
  const effects: Effect[] = [];
  for (const input of inputs) {
    const [next, done] = reduce(settings, between(state), input);
    state = next;
    effects.push(...done);
  }
  return { state, effects };
}

const contactsIn = (
  effects: Effect[],
  kind: 'contact-started' | 'contact-ended' | 'contact-vetoed' | 'contact-settled',
) => effects.flatMap((e): Contact[] => (e.kind === kind ? [e.contact] : []));
const pressesIn = (effects: Effect[]) =>
  effects.flatMap((e): Press[] => (e.kind === 'pressed' ? [e.press] : []));

/** Closes the day so that everything is decided. */
function closed(events: { event: DeskEvent; boot: number }[]): DeskEvent[] {
  const last = events.at(-1)?.event.at ?? { mono: 0, wall: 0 };
  const at = { mono: last.mono + 1e6, wall: last.wall + 1e6 };
  return [...events.map((e) => e.event), { id: 'end', kind: 'shutdown', at }];
}

const check = (property: fc.IProperty<[Act[]]>) => fc.assert(property, { numRuns: 1_500 });

describe('whatever happens at a desk', () => {
  test('its contacts never overlap and are never shorter than nothing', () => {
    check(
      fc.property(day, (acts) => {
        const events = eventsOf(acts);
        const bootOf = new Map(events.map((e) => [e.event.id, e.boot]));
        const ended = contactsIn(run(closed(events)).effects, 'contact-ended');
        for (const [i, contact] of ended.entries()) {
          expect(contact.duration).toBe((contact.endedAt?.mono ?? 0) - contact.startedAt.mono);
          expect(contact.duration).toBeGreaterThanOrEqual(0);
          expect(contact.duration).toBeLessThanOrEqual(settings.contactMax);
          const before = ended[i - 1];
          if (before && bootOf.get(before.id) === bootOf.get(contact.id))
            expect(before.endedAt?.mono).toBeLessThanOrEqual(contact.startedAt.mono);
        }
      }),
    );
  });

  test('each contact starts once, ends once and settles once, in that order', () => {
    check(
      fc.property(day, (acts) => {
        const { effects } = run(closed(eventsOf(acts)));
        const ids = (kind: Parameters<typeof contactsIn>[1]) => contactsIn(effects, kind).map((c) => c.id);
        expect(new Set(ids('contact-started')).size).toBe(ids('contact-started').length);
        expect(ids('contact-ended')).toEqual(ids('contact-started'));
        expect(ids('contact-settled')).toEqual(ids('contact-started'));
      }),
    );
  });

  test('every press is kept once, and belongs to one contact that had started, or to none', () => {
    check(
      fc.property(day, (acts) => {
        const events = closed(eventsOf(acts));
        const { effects } = run(events);
        const presses = pressesIn(effects);
        expect(presses.map((p) => p.id)).toEqual(events.filter((e) => e.kind === 'press').map((e) => e.id));
        const known = new Set(contactsIn(effects, 'contact-started').map((c) => c.id));
        for (const press of presses)
          expect(
            press.contactId === null ? press.flags.includes('nobody-there') : known.has(press.contactId),
          ).toBe(true);
        for (const contact of contactsIn(effects, 'contact-settled')) {
          const own = presses.filter((p) => p.contactId === contact.id && !p.flags.includes('repeat'));
          expect(contact.pressId).toBe(own.at(-1)?.id ?? null);
        }
      }),
    );
  });

  test('waking the desk often, seldom, or keeping it as JSON in between changes nothing', () => {
    check(
      fc.property(day, (acts) => {
        const events = closed(eventsOf(acts));
        const plain = run(events);
        const woken = events.flatMap((event, i): DeskInput[] => {
          const before = events[i - 1];
          if (!before || event.kind === 'start' || event.at.mono <= before.at.mono) return [event];
          const middle = (before.at.mono + event.at.mono) / 2;
          return [{ kind: 'wake', at: { mono: middle, wall: event.at.wall } }, event];
        });
        expect(run(woken).effects).toEqual(plain.effects);
        const kept = (state: DeskState) => restoreDesk(JSON.parse(JSON.stringify(state)));
        expect(run(events, kept).effects).toEqual(plain.effects);
      }),
    );
  });

  test('a veto goes where a press made then goes, and only once; nothing else is vetoed', () => {
    check(
      fc.property(day, (acts) => {
        const events = closed(eventsOf(acts));
        const { effects } = run(events);
        const vetoed = contactsIn(effects, 'contact-vetoed').map((c) => c.id);
        // Told another way: the contacts that presses of a button would have belonged to.
        const pressed = events.map(
          (e): DeskEvent => (e.kind === 'veto' ? { ...e, kind: 'press', button: 'veto' } : e),
        );
        const owners = pressesIn(run(pressed).effects).filter((p) => p.button === 'veto');
        expect(new Set(vetoed)).toEqual(new Set(owners.flatMap((p) => p.contactId ?? [])));
        expect(new Set(vetoed).size).toBe(vetoed.length);
        for (const contact of contactsIn(effects, 'contact-settled'))
          expect(contact.veto).toBe(vetoed.includes(contact.id));
      }),
    );
  });

  test('vetoes change nothing of what is counted', () => {
    check(
      fc.property(day, (acts) => {
        const events = closed(eventsOf(acts));
        const counted = (inputs: DeskEvent[]) =>
          run(inputs).effects.flatMap((effect): Effect[] => {
            if (effect.kind === 'contact-vetoed') return [];
            return 'contact' in effect
              ? [{ ...effect, contact: { ...effect.contact, veto: false } }]
              : [effect];
          });
        expect(counted(events)).toEqual(counted(events.filter((e) => e.kind !== 'veto')));
      }),
    );
  });

  test('steps of the wall clock change no duration', () => {
    check(
      fc.property(day, (acts) => {
        const durations = (list: Act[]) =>
          contactsIn(run(closed(eventsOf(list))).effects, 'contact-settled').map((c) => [
            c.id,
            c.duration,
            c.tag,
          ]);
        expect(durations(acts)).toEqual(durations(acts.map((a) => ({ ...a, step: 0 }))));
      }),
    );
  });

  test('every confirmed presence is exactly one contact', () => {
    const edges = fc.array(act(kinds('here', 'gone')), { maxLength: 60 });
    check(
      fc.property(edges, (acts) => {
        const events = eventsOf(acts).map((e) => e.event);
        const end = (events.at(-1)?.at.mono ?? 0) + 1e6;
        const wake: DeskInput = { kind: 'wake', at: { mono: end, wall: 0 } };
        const contacts = contactsIn(run([...events, wake]).effects, 'contact-ended').map((c) => [
          c.startedAt.mono,
          c.endedAt?.mono,
        ]);
        expect(contacts).toEqual(stays(events, end));
      }),
    );
  });

  test('the indices stay within [0, 1], and their intervals around them', () => {
    check(
      fc.property(day, (acts) => {
        const settled = contactsIn(run(closed(eventsOf(acts))).effects, 'contact-settled');
        const { support, dissatisfaction, responseRate, ...n } = indicesOf(
          settled.map((c) => ({ ...c, negative: c.rating === 1 })),
        );
        expect(n.top + n.negative).toBeLessThanOrEqual(n.rated);
        expect(n.rated).toBeLessThanOrEqual(n.served);
        for (const p of [support, dissatisfaction]) {
          expect(p === null).toBe(n.served === 0);
          if (!p) continue;
          expect(0 <= p.low && p.low <= p.value && p.value <= p.high && p.high <= 1).toBe(true);
        }
        if (responseRate !== null) expect(responseRate >= 0 && responseRate <= 1).toBe(true);
      }),
    );
  });
});

/** The rule told another way: levels over time, gaps shorter than the confirmation closed, short stays dropped, long ones cut. */
function stays(events: DeskEvent[], end: number): [number, number][] {
  const raw: [number, number][] = [];
  let from: number | null = null;
  for (const event of events) {
    if (event.kind !== 'presence') continue;
    if (event.present) from ??= event.at.mono;
    else if (from !== null) {
      raw.push([from, event.at.mono]);
      from = null;
    }
  }
  if (from !== null) raw.push([from, end]);
  const merged: [number, number][] = [];
  for (const [start, stop] of raw) {
    const before = merged.at(-1);
    if (before && start - before[1] < settings.departureConfirm) before[1] = stop;
    else if (stop - start >= settings.arrivalConfirm) merged.push([start, stop]);
  }
  return merged.map(([start, stop]) => [start, Math.min(stop, start + settings.contactMax)]);
}
