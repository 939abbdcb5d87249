import type { Step } from '../../drivers/scripted.ts';

/** How busy the clinic of the chaos is. Milliseconds. */
const DESKS = 8;
const STAY = [20, 220] as const;
const GAP = [20, 160] as const;
/** So many patients per desk before its script begins again. */
const PATIENTS = 60;

const BUTTONS = {
  happy: { rating: 5, tag: 'positive' },
  soso: { rating: 3, tag: 'neutral' },
  unhappy: { rating: 1, tag: 'negative' },
  forget: { does: 'veto' },
  shift: { does: 'shift', receptionist: 'r-7' },
};

/** What the config of the service says about its world. */
export interface Place {
  readonly device: string;
  readonly data: string;
  readonly mqtt: Record<string, unknown>;
}

/**
 * A config of a service that counts, with the shortest times there are: several patients a second at each desk, who
 * press once, twice, late, or not at all. `random` null: everybody has gone home.
 */
export function configOf(place: Place, random: (() => number) | null): object {
  const desks = Array.from({ length: DESKS }, (_, n) => {
    const input = random
      ? { driver: 'scripted', steps: scriptOf(random) }
      : { driver: 'scripted', repeat: false, steps: [{ wait: '0s', present: false }] };
    return [`desk-${n + 1}`, { inputs: [input], buttons: BUTTONS }];
  });
  return {
    device: place.device,
    data: place.data,
    arrival: { confirm: '5ms' },
    // Longer than the grace: one commit both ends and settles most contacts.
    departure: { confirm: '15ms' },
    contact: { served: '60ms' },
    press: { grace: '10ms', repeat: '30ms' },
    mqtt: place.mqtt,
    page: { port: 0 },
    clock: { trusted: true },
    log: { level: 'warn' },
    desks: Object.fromEntries(desks),
  };
}

function scriptOf(random: () => number): object[] {
  const between = ([from, to]: readonly [number, number]) => Math.round(from + random() * (to - from));
  const button = () => Object.keys(BUTTONS)[Math.floor(random() ** 2 * 5)] ?? 'happy';
  const steps: Step[] = [];
  for (let n = 0; n < PATIENTS; n++) {
    const stay = between(STAY);
    const presses = [0, 0, 1, 1, 1, 2, 4][Math.floor(random() * 7)] ?? 0;
    steps.push({ wait: between(GAP), present: true });
    for (let press = 0; press < presses; press++) steps.push({ wait: stay / (presses + 1), press: button() });
    steps.push({ wait: stay / (presses + 1), present: false });
    // Too late for the grace, or just in time.
    if (random() < 0.15) steps.push({ wait: between([2, 18]), press: button() });
  }
  return steps.map((step) => ({ ...step, wait: `${Math.max(1, Math.round(step.wait))}ms` }));
}
