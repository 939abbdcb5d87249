import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseDuration } from '../config/durations.ts';
import { loadConfig } from '../config/load.ts';
import type { Clock } from './clock.ts';
import type { Settings } from './contacts/model.ts';
import { order } from './control.ts';
import { CaError, messageOf } from './errors.ts';
import { watchHardware } from './hardware/hardware.ts';
import type { Terminal } from './hardware/screen.ts';
import { createLog } from './log.ts';
import { startDevice } from './main.ts';
import { replay } from './replay.ts';
import { localDay } from './review/local-day.ts';
import type { scoreFiles } from './score/score.ts';
import { scoreSettings } from './score/settings.ts';
import { settingsOf } from './settings.ts';
import { formatEvent, parseEvent, type RecordedEvent } from './store/event-line.ts';
import { openForReading } from './store/open.ts';
import { readEvents } from './store/store.ts';

interface Command {
  /** Path of the config. */
  config: string;
  clock: Clock;
  print: (line: string) => void;
}

const DAY = 86_400_000;

/** Runs the service until SIGINT or SIGTERM. @throws CaError */
export async function run({ config: file, clock, print }: Command): Promise<void> {
  const { config } = loadConfig(file, { today: null });
  // A stale clock must not keep a device from counting: the day of the notice is judged by one that is right.
  if (config.clock.trusted) loadConfig(file, { today: today(clock) });
  const log = createLog(config.log.level);
  const ending = new AbortController();
  const asked = new Promise<NodeJS.Signals>((resolve) => {
    // Asked again while it stops: the open contact and its clip are being saved, which takes a few seconds at most.
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        ending.abort();
        resolve(signal);
      });
  });
  const device = await startDevice({ config, clock, log, print, signal: ending.signal }).catch((error) => {
    if (ending.signal.aborted) return null;
    throw error;
  });
  if (!device) return print('stopped before it had started');
  print(`contact-analyzer is running; Ctrl-C ends it`);
  const signal = await asked;
  print(`${signal}: closing open contacts …`);
  await device.stop();
  print('stopped');
}

/** Says that a config is right, or throws with all that is wrong in it. @throws CaError CA_CONFIG_INVALID, CA_CONFIG_UNREADABLE */
export function checkConfig({ config: file, clock, print }: Command): void {
  const { config } = loadConfig(file, { today: today(clock) });
  const desks = Object.keys(config.desks);
  print(`${file} is right: device ${config.device}, desks ${desks.join(', ')}`);
}

/** Prints the contacts that recorded events give under a config. @throws CaError CA_EVENTS_INVALID */
export async function replayEvents({
  config: file,
  clock,
  print,
  events,
}: Command & { events: string }): Promise<void> {
  const { config } = loadConfig(file, { today: today(clock) });
  const known = new Map<string, Settings>(
    Object.keys(config.desks).map((desk) => [desk, settingsOf(config, desk)]),
  );
  const settings = (desk: string): Settings => {
    const found = known.get(desk);
    if (found) return found;
    throw new CaError(
      'CA_EVENTS_INVALID',
      `the events name the desk "${desk}", which ${file} does not have`,
      {
        remedy: `Give the config of the device that recorded them with --config; it must have the desk "${desk}".`,
      },
    );
  };
  for (const contact of replay(await recordedEvents(events), settings)) print(JSON.stringify(contact));
}

/** Prints the raw events of one local day. @throws CaError CA_USAGE, CA_STORE_UNUSABLE */
export function exportEvents({ config: file, clock, print, day }: Command & { day: string }): void {
  const { config } = loadConfig(file, { today: today(clock) });
  const { from, to } = dayBounds(day, clock.now().wall);
  const db = openForReading(config.data);
  try {
    for (const event of readEvents(db, from, to)) print(formatEvent(event));
  } finally {
    db.close();
  }
}

/** Vetoes, pauses or resumes a desk of the service that runs with this config. @throws CaError CA_NOT_RUNNING, CA_USAGE */
export async function orderDesk(options: {
  config: string;
  order: 'veto' | 'pause' | 'resume';
  desk: string;
  /** Such as `10min`; as long as the config says without. */
  lasting: string | undefined;
  print: (line: string) => void;
}): Promise<void> {
  const { config: file, order: what, desk, lasting, print } = options;
  const { config } = loadConfig(file, { today: null });
  const ms = lasting === undefined ? null : parseDuration(lasting);
  if (lasting !== undefined && (ms === null || what !== 'pause'))
    throw new CaError('CA_USAGE', `--for ${lasting} ${ms === null ? 'is no duration' : 'is for pause'}`, {
      remedy: 'Write it as 10min or 1h, with pause.',
    });
  await order(config.data, what === 'pause' && ms !== null ? { do: what, desk, ms } : { do: what, desk });
  print(`${desk}: ${{ veto: 'the recording is destroyed', pause: 'paused', resume: 'resumed' }[what]}`);
}

/**
 * Lists what is plugged in and reads what the config names. Resolves with whether all of it is well.
 * @throws CaError CA_USAGE, CA_CONFIG_INVALID, CA_NOT_RUNNING
 */
export async function hardware({
  config: file,
  clock,
  print,
  lasting,
  terminal,
}: Command & {
  /** Such as `60s`. */
  lasting: string | undefined;
  /** null: a program reads what is printed. */
  terminal: Terminal | null;
}): Promise<boolean> {
  const { config } = loadConfig(file, { today: null });
  const ms = lasting === undefined ? null : parseDuration(lasting);
  if (lasting !== undefined && ms === null)
    throw new CaError('CA_USAGE', `--for ${lasting} is no duration`, { remedy: 'Write it as 60s or 5min.' });
  return watchHardware({ config, clock, print, lasting: ms, terminal });
}

/**
 * Scores recordings offline. What the options leave open, the first desk of the config says, where one is given.
 * Resolves with whether all files could be scored. @throws CaError CA_USAGE, CA_CONFIG_INVALID, CA_LABELS_INVALID
 */
export async function score({
  config: file,
  patient,
  zone,
  ...options
}: Omit<Parameters<typeof scoreFiles>[0], 'settings'> & {
  config: string | null;
  patient: string | undefined;
  zone: string | undefined;
}): Promise<boolean> {
  const settings = scoreSettings(file === null ? null : loadConfig(file, { today: null }), { patient, zone });
  // Not for the service: there the nets live in threads of their own, and this one is spared their 100 MB.
  const { scoreFiles } = await import('./score/score.ts');
  return scoreFiles({ ...options, settings });
}

async function recordedEvents(path: string): Promise<RecordedEvent[]> {
  const input = path === '-' ? process.stdin : createReadStream(path);
  const events: RecordedEvent[] = [];
  let number = 0;
  try {
    for await (const line of createInterface({ input })) {
      number++;
      if (line.trim() !== '') events.push(parseEvent(line, number));
    }
  } catch (error) {
    if (error instanceof CaError) throw error;
    throw new CaError('CA_EVENTS_INVALID', `cannot read ${path}: ${messageOf(error)}`, {
      cause: error,
      remedy: 'Check the path.',
    });
  }
  return events;
}

function dayBounds(day: string, now: number): { from: number; to: number } {
  if (day === 'today') return localDay(now);
  if (day === 'yesterday') return localDay(localDay(now).from - 1);
  const start = /^\d{4}-\d\d-\d\d$/.test(day) ? new Date(`${day}T00:00:00`).getTime() : Number.NaN;
  if (Number.isNaN(start))
    throw new CaError('CA_USAGE', `--day ${day} is no day`, {
      remedy: 'Write it as 2026-01-31, or today, or yesterday.',
    });
  return localDay(start + DAY / 2);
}

/** The local day as 2026-01-31. */
function today(clock: Clock): string {
  return new Date(clock.now().wall).toLocaleDateString('sv-SE');
}
