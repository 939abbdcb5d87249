import type { Draft, DraftDesk, Finding } from './rules.ts';
import type { Config } from './schema.ts';
import { type Path, showPath } from './source.ts';

/** What the wires of a desk say about each other, and those of different desks. */

type Desks = [name: string, desk: DraftDesk][];
type DraftInput = NonNullable<NonNullable<DraftDesk['inputs']>[number]>;

export function wireRules(config: Draft<Config>, desks: Desks): Finding[] {
  return [
    ...desks.flatMap(([name, desk]) => [
      ...eachInput(desk, (input, index) => {
        const at: Path = ['desks', name, 'inputs', index];
        return [...pressRules(at, input, desk), ...windowRules(at, input), ...pullRules(at, input)];
      }),
      ...onlyOnce(name, desk),
      ...tabletRules(name, desk),
      ...cardRules(config, name, desk),
      ...baudRules(name, desk, 'lamp'),
      ...baudRules(name, desk, 'acknowledge'),
    ]),
    ...sharedDevices(desks),
  ];
}

function eachInput<T>({ inputs }: DraftDesk, rule: (input: DraftInput, index: number) => T[]): T[] {
  return (inputs ?? []).flatMap((input, index) => (input ? rule(input, index) : []));
}

/** Every button that an input can press, and where it says so. */
function pressesOf(input: DraftInput): [name: string | undefined, path: Path][] {
  const named = (key: string, names: Record<string, string | undefined> | undefined) =>
    Object.entries(names ?? {}).map(([from, to]): [string | undefined, Path] => [to, [key, from]]);
  switch (input.driver) {
    case 'gpio-button':
      return [[input.button, ['button']]];
    case 'mqtt-button':
      return named('actions', input.actions);
    case 'keypad':
      return named('keys', input.keys);
    case 'scripted':
      return (input.steps ?? []).map((step, place) => [step?.press, ['steps', place, 'press']]);
    default:
      return [];
  }
}

function pressRules(at: Path, input: DraftInput, { buttons }: DraftDesk): Finding[] {
  if (!buttons) return [];
  const known = Object.keys(buttons);
  return pressesOf(input).flatMap(([name, path]) => {
    if (name === undefined || known.includes(name)) return [];
    return {
      path: [...at, ...path],
      message: 'is no button of this desk',
      remedy: known.length > 0 ? `Its buttons are ${known.join(', ')}.` : 'This desk has no buttons.',
    };
  });
}

/** What would let nothing through. */
function windowRules(at: Path, input: DraftInput): Finding[] {
  const sides: [low: string, high: string, from: Record<string, unknown> | undefined, path: Path][] = [];
  if (input.driver === 'tf-luna' || input.driver === 'maxbotix') sides.push(['near', 'far', input, at]);
  if (input.driver === 'ld2450' || input.driver === 'rd03d')
    sides.push(['near', 'far', input.zone, [...at, 'zone']], ['left', 'right', input.zone, [...at, 'zone']]);
  if (input.driver === 'camera') sides.push(['left', 'right', input, at], ['top', 'bottom', input, at]);
  return sides.flatMap(([low, high, from, path]) => {
    const [a, b] = [from?.[low], from?.[high]];
    if (typeof a !== 'number' || typeof b !== 'number' || a < b) return [];
    return {
      path: [...path, high],
      message: `must be more than \`${low}\`, or nobody is ever there`,
      remedy: `Make \`${high}\` larger, or \`${low}\` smaller.`,
    };
  });
}

function pullRules(at: Path, input: DraftInput): Finding[] {
  if (input.driver !== 'gpio-presence' && input.driver !== 'gpio-button') return [];
  if (input.pull === undefined || input.backend !== 'onoff') return [];
  const config = { up: 'pu', down: 'pd', off: 'pn' }[input.pull];
  return [
    {
      path: [...at, 'pull'],
      message: 'cannot be set through /sys/class/gpio, which the backend `onoff` uses',
      remedy: `Put \`gpio=${input.line}=ip,${config}\` into /boot/firmware/config.txt and leave \`pull\` away, or set backend: gpiod.`,
    },
  ];
}

/** A desk has one page for a tablet and one camera. */
function onlyOnce(name: string, desk: DraftDesk): Finding[] {
  const seen = new Set<string>();
  return eachInput(desk, ({ driver }, index) => {
    if (driver !== 'tablet' && driver !== 'camera') return [];
    if (!seen.has(driver)) {
      seen.add(driver);
      return [];
    }
    return [
      {
        path: ['desks', name, 'inputs', index, 'driver'],
        message: `is there already: a desk has one ${driver}`,
        remedy: 'Remove one of the two.',
      },
    ];
  });
}

/** More faces than five cannot be told apart, and one alone asks nothing. */
function tabletRules(name: string, desk: DraftDesk): Finding[] {
  if (!desk.buttons) return [];
  const faces = Object.values(desk.buttons).filter((button) => button && 'rating' in button).length;
  if (faces >= 2 && faces <= 5) return [];
  return eachInput(desk, ({ driver }, index) =>
    driver !== 'tablet'
      ? []
      : [
          {
            path: ['desks', name, 'inputs', index, 'driver'],
            message: `shows the buttons with a rating, 2 to 5 of them, but this desk has ${faces}`,
            remedy: 'Give the desk 2 to 5 `buttons` with a rating.',
          },
        ],
  );
}

function cardRules({ cards }: Draft<Config>, name: string, desk: DraftDesk): Finding[] {
  if (!cards || Object.keys(cards).length > 0) return [];
  return eachInput(desk, ({ driver }, index) =>
    driver !== 'card-reader'
      ? []
      : [
          {
            path: ['desks', name, 'inputs', index, 'driver'],
            message: 'reads cards, but `cards` has none',
            remedy: 'Write what the reader types for each card, and a pseudonym: cards: { "0004711": r-1 }.',
          },
        ],
  );
}

/** One microcontroller may serve sensor, buttons and lamp of a desk: then they share its port, and so its speed. */
function baudRules(name: string, desk: DraftDesk, which: 'lamp' | 'acknowledge'): Finding[] {
  const lamp = desk[which];
  if (lamp?.driver !== 'line-protocol' || lamp.port === undefined) return [];
  return eachInput(desk, (input, index) => {
    if (input.driver !== 'line-protocol' || input.port !== lamp.port) return [];
    if (input.baud === undefined || lamp.baud === undefined || input.baud === lamp.baud) return [];
    return [
      {
        path: ['desks', name, which, 'baud'],
        message: `is not the ${input.baud} of ${showPath(['desks', name, 'inputs', index])}, which is at the same port`,
        remedy: 'Give both the speed of the microcontroller.',
      },
    ];
  });
}

type Use = [device: string | undefined, path: Path];

const lineOf = ({ line, chip }: { line?: string | number | undefined; chip?: string | undefined }) =>
  line === undefined
    ? undefined
    : `line ${typeof line === 'number' ? `GPIO${line}` : line} of ${chip ?? 'the Pi'}`;

/** The devices that an input has to itself. ALSA names, names of LEDs and file names may read alike. */
function usesOfInput(input: DraftInput, at: Path): Use[] {
  if ('port' in input) return [[input.port && `file ${input.port}`, [...at, 'port']]];
  if ('line' in input) return [[lineOf(input), [...at, 'line']]];
  if ('device' in input) return [[input.device && `file ${input.device}`, [...at, 'device']]];
  return [];
}

function usesOfLamp(lamp: DraftDesk['lamp'], at: Path, shared: (port: string) => boolean): Use[] {
  switch (lamp?.driver) {
    case 'led':
      return [[lamp.name && `led ${lamp.name}`, [...at, 'name']]];
    case 'gpio':
      return [[lineOf(lamp), [...at, 'line']]];
    case 'line-protocol': {
      // The device may have sensor and buttons as well, but one lamp only.
      const what = lamp.port && (shared(lamp.port) ? `lamp at ${lamp.port}` : `file ${lamp.port}`);
      return [[what, [...at, 'port']]];
    }
    default:
      return [];
  }
}

/**
 * Two programs cannot open one serial port, GPIO line, keypad, V4L2 camera or sound card, nor can two desks tell with
 * one lamp which of them is recorded; an RTSP camera may serve two desks.
 */
function sharedDevices(desks: Desks): Finding[] {
  const uses: Use[] = desks.flatMap(([name, desk]) => {
    const { camera, microphone, lamp, acknowledge } = desk;
    const at = (...rest: Path): Path => ['desks', name, ...rest];
    const shared = (port: string) =>
      (desk.inputs ?? []).some((input) => input?.driver === 'line-protocol' && input.port === port);
    const alsa = microphone?.driver === 'alsa' ? microphone.device : undefined;
    return [
      ...eachInput(desk, (input, index) => usesOfInput(input, at('inputs', index))),
      ...usesOfLamp(lamp, at('lamp'), shared),
      ...usesOfLamp(acknowledge, at('acknowledge'), shared),
      [
        camera?.driver === 'v4l2' && camera.device ? `file ${camera.device}` : undefined,
        at('camera', 'device'),
      ],
      [camera?.driver === 'rpicam' ? `rpicam ${camera.camera}` : undefined, at('camera', 'camera')],
      [alsa && `alsa ${alsa}`, at('microphone', 'device')],
    ];
  });
  const first = new Map<string, Path>();
  return uses.flatMap(([device, path]) => {
    if (device === undefined || device === '') return [];
    const other = first.get(device);
    if (!other) {
      first.set(device, path);
      return [];
    }
    return {
      path,
      message: `is already used by ${showPath(other)}`,
      remedy: 'Give each its own device.',
    };
  });
}
