import type { Config } from '../../config/schema.ts';
import { look } from '../../drivers/inventory/look.ts';
import type { Clock } from '../clock.ts';
import { healthOf } from '../control.ts';
import { DeskWatch } from './desk-watch.ts';
import { documentOf } from './document.ts';
import { inventoryLines, liveLines, paint, verdictLines } from './lines.ts';
import { allWell, notTried, type Rows } from './rows.ts';
import { columnsOf, Screen, type Terminal } from './screen.ts';
import { ServiceWatch } from './service-watch.ts';

export interface HardwareOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly print: (line: string) => void;
  /** How long to watch, ms; null: until it is ended by a key in a terminal, for some seconds without one. */
  readonly lasting: number | null;
  /** null: a program reads what is printed. */
  readonly terminal: Terminal | null;
}

/** How often the terminal is drawn anew. Milliseconds. */
const REDRAWN = 500;
/** Without a terminal, and not told for how long. Milliseconds. */
const SHORTLY = 5_000;
const CTRL_C = '\x03';

/** What is watched, and how to look at it. */
interface Watch {
  readonly intro: readonly string[];
  rows(): Rows;
  /** Of a running service, only its desks are judged: the others are no hardware. */
  well(): boolean;
  document(): { desks: Rows; service: Rows[string] | null };
  blink(): void;
  stop(): Promise<void>;
}

/**
 * Lists what is plugged in and reads what is configured. Resolves with whether all devices are well, when they are let
 * go of. @throws CaError CA_CONFIG_INVALID for what can never be opened, CA_NOT_RUNNING when the service cannot be asked.
 */
export async function watchHardware({
  config,
  clock,
  print,
  lasting,
  terminal,
}: HardwareOptions): Promise<boolean> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, end);
  try {
    const [found, healths] = await Promise.all([
      look({ root: '/', signal: ending.signal }),
      healthOf(config.data),
    ]);
    const watch = healths
      ? serviceWatch(config, new ServiceWatch(config.data, healths, clock))
      : deskWatch(config, clock);
    const time = lasting ?? (terminal ? null : SHORTLY);
    const over = time === null ? untilAborted(ending.signal) : clock.sleep('watch', time, ending.signal);
    const ended = over.catch(() => {});
    try {
      if (!terminal) {
        await ended;
        const { desks, service } = watch.document();
        print(JSON.stringify(documentOf(found, desks, service), null, 2));
        return watch.well();
      }
      const columns = columnsOf(terminal);
      for (const line of inventoryLines(found, columns)) print(line);
      for (const line of watch.intro) print(line);
      await showLive(terminal, watch, clock, ended, end);
      for (const line of verdictLines(watch.rows(), columns)) print(paint(line));
      return watch.well();
    } finally {
      await watch.stop();
    }
  } finally {
    for (const signal of signals) process.off(signal, end);
  }
}

async function showLive(
  terminal: Terminal,
  watch: Watch,
  clock: Clock,
  ended: Promise<void>,
  end: () => void,
): Promise<void> {
  const screen = new Screen(terminal, (key) => {
    if (key === 'q' || key === CTRL_C) end();
    if (key === 'l') watch.blink();
  });
  const draw = () => {
    screen.draw([...liveLines(watch.rows(), columnsOf(terminal)).map(paint), 'q: end   l: blink the lamps']);
  };
  draw();
  const redraw = clock.every('redraw', REDRAWN, draw);
  try {
    await ended;
  } finally {
    redraw.cancel();
    screen.close();
  }
}

function deskWatch({ desks, recording }: Config, clock: Clock): Watch {
  const watches = Object.entries(desks).map(
    ([name, desk]) => [name, new DeskWatch(desk, recording.capture, clock)] as const,
  );
  const rows = () => Object.fromEntries(watches.map(([name, watch]) => [name, watch.rows()]));
  return {
    intro: [],
    rows,
    well: () => allWell(rows()),
    document: () => ({ desks: rows(), service: null }),
    blink() {
      for (const [, watch] of watches) watch.blink();
    },
    stop: async () => void (await Promise.all(watches.map(([, watch]) => watch.stop()))),
  };
}

/** Two programs cannot open one device: what the service has is not touched. */
function serviceWatch({ desks }: Config, service: ServiceWatch): Watch {
  const busy = Object.entries(desks).map(([name, desk]) => [
    name,
    desk.inputs.map(({ driver }) => notTried({ kind: 'input', driver, name: driver }, 'busy')),
  ]);
  return {
    intro: [
      'THE SERVICE IS RUNNING and has the devices: it says itself how they are.',
      'To read them here, stop it first: systemctl stop contact-analyzer',
      '',
    ],
    rows: () => ({ 'the service': service.rows() }),
    well: () => allWell({ desks: service.desks() }),
    document: () => ({ desks: Object.fromEntries(busy), service: service.rows() }),
    blink: () => {},
    stop: () => service.stop(),
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
