import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseDuration } from '../config/durations.ts';
import { dataFolder, loadConfig } from '../config/load.ts';
import type { Clock } from './clock.ts';
import type { Settings } from './contacts/model.ts';
import { dayBounds, today } from './days.ts';
import { CaError, messageOf } from './errors.ts';
import { watchHardware } from './hardware/hardware.ts';
import type { Terminal } from './hardware/screen.ts';
import { replay } from './replay.ts';
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
  const { from, to } = dayBounds(day, clock.now().wall);
  const db = openForReading(dataFolder(file));
  try {
    for (const event of readEvents(db, from, to)) print(formatEvent(event));
  } finally {
    db.close();
  }
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
