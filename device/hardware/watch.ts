import type { DriverHealth, InputEvent } from '../../drivers/types.ts';
import { type Fault, faultOf } from './fault.ts';
import type { InputKind } from './input-kinds.ts';
import { ago, type Row, type Verdict } from './rows.ts';

/** All that was heard of one input. A card is counted; what it says is forgotten at once. */
export interface Heard {
  /** The presence told last; null while it is not known. */
  readonly level: boolean | null;
  readonly changes: number;
  readonly presses: ReadonlyMap<string, number>;
  readonly cards: number;
  /** The last button that the desk does not have; null: none. */
  readonly stranger: string | null;
  readonly losses: number;
  /** When it last said anything but that it is lost, monotonic ms; and what was pressed then, where it was a press. */
  readonly last: { readonly at: number; readonly pressed: string | null } | null;
  readonly fault: (Fault & { readonly at: number }) | null;
}

export const NOTHING: Heard = {
  level: null,
  changes: 0,
  presses: new Map(),
  cards: 0,
  stranger: null,
  losses: 0,
  last: null,
  fault: null,
};

/** A press is shown for this long. Milliseconds. */
const SHOWN = 1_500;

/** Pure. `buttons`: those of the desk. */
export function hear(heard: Heard, event: InputEvent, buttons: readonly string[]): Heard {
  const { mono: at } = event.at;
  switch (event.kind) {
    case 'presence': {
      const changes = heard.changes + (heard.level === !event.present ? 1 : 0);
      return { ...heard, level: event.present, changes, last: { at, pressed: null } };
    }
    case 'press': {
      const last = { at, pressed: event.button };
      // Not counted by its name: who knows how many names a broken device makes up.
      if (!buttons.includes(event.button)) return { ...heard, stranger: event.button, last };
      const presses = new Map(heard.presses);
      presses.set(event.button, (presses.get(event.button) ?? 0) + 1);
      return { ...heard, presses, last };
    }
    case 'card':
      return { ...heard, cards: heard.cards + 1, last: { at, pressed: 'cards' } };
    case 'lost':
      return { ...heard, level: null, losses: heard.losses + 1 };
  }
}

/** Notes what is wrong with it now. Pure. `now`: monotonic ms. */
export function note(heard: Heard, health: DriverHealth, now: number): Heard {
  const fault = faultOf(health);
  return fault ? { ...heard, fault: { ...fault, at: now } } : heard;
}

/** How an input stands. Pure. `now`: monotonic ms. */
export function inputRow(
  kind: InputKind,
  name: string,
  heard: Heard,
  health: DriverHealth,
  now: number,
): Row {
  const { verdict, remedy } = judge(kind, heard, health);
  const presses = Object.fromEntries(
    [...new Set([...kind.buttons, ...heard.presses.keys()])].map((button) => [
      button,
      heard.presses.get(button) ?? 0,
    ]),
  );
  const { code: _, ...detail } = health.detail ?? {};
  return {
    kind: 'input',
    driver: kind.driver,
    name,
    state: stateOf(kind, heard, now),
    facts: factsOf(presses, heard, detail, now),
    lastFault: heard.fault?.what ?? null,
    verdict,
    remedy,
    figures: {
      presses,
      changes: heard.changes,
      losses: heard.losses,
      cards: heard.cards,
      secondsSinceHeard: heard.last && Math.round((now - heard.last.at) / 100) / 10,
      detail,
    },
  };
}

function judge(
  kind: InputKind,
  heard: Heard,
  health: DriverHealth,
): { verdict: Verdict; remedy: string | null } {
  const fault = faultOf(health);
  if (fault) return { verdict: 'FAULT', remedy: fault.remedy };
  if (heard.stranger !== null) {
    return {
      verdict: 'FAULT',
      remedy: `It sends the button \`${heard.stranger}\`, which this desk does not have: name it under \`buttons\`, or correct it in the device.`,
    };
  }
  // Valid lines are a sign of life of a device that has only buttons, which nobody pressed.
  const alive = heard.last !== null || Number(health.detail?.lines ?? 0) > 0;
  return alive ? { verdict: 'OK', remedy: null } : { verdict: 'NOTHING HEARD', remedy: kind.silent };
}

/** What was pressed a moment ago. */
function justPressed({ last }: Heard, now: number): string | null {
  return last && now - last.at < SHOWN ? last.pressed : null;
}

function stateOf({ senses }: InputKind, heard: Heard, now: number): string {
  if (heard.level !== null) return heard.level ? 'PRESENT' : 'absent';
  if (justPressed(heard, now) !== null) return 'PRESSED';
  return senses ? '?' : 'idle';
}

function factsOf(
  presses: Record<string, number>,
  heard: Heard,
  detail: NonNullable<DriverHealth['detail']>,
  now: number,
): string[] {
  const pressed = justPressed(heard, now);
  const counts = Object.entries({ ...presses, ...(heard.cards > 0 ? { cards: heard.cards } : {}) }).map(
    ([button, count]) => (button === pressed ? `> ${button} ${count} <` : `${button} ${count}`),
  );
  if (heard.changes > 0) counts.push(`changes ${heard.changes}`);
  if (heard.losses > 0) counts.push(`lost ${heard.losses}`);
  const told = Object.entries(detail).filter(([, value]) => value !== null && value !== 0 && value !== '');
  return [
    counts.join(', '),
    heard.last ? `heard ${ago(now - heard.last.at)}` : '',
    told.map(([key, value]) => `${key} ${value}`).join(', '),
    heard.fault ? `last fault ${ago(now - heard.fault.at)}: ${heard.fault.what}` : '',
  ].filter((fact) => fact !== '');
}
