import { parseDuration } from '../config/durations.ts';
import { dataFolder } from '../config/load.ts';
import type { Clock } from './clock.ts';
import { askAccountCode, order } from './control.ts';
import { dayBounds } from './days.ts';
import { CaError } from './errors.ts';
import { readActions } from './store/actions.ts';
import { openForReading } from './store/open.ts';

/** What the command line asks of the service that runs with a config. Each throws CA_NOT_RUNNING and what the service answers. */
interface Asked {
  /** Path of the config. */
  config: string;
  print: (line: string) => void;
}

/** Vetoes, pauses or resumes a desk. @throws CaError CA_NOT_RUNNING, CA_USAGE, CA_COMMAND_INVALID */
export async function orderDesk(
  options: Asked & {
    order: 'veto' | 'pause' | 'resume';
    desk: string;
    /** Such as `10min`; as long as the config says without. */
    lasting: string | undefined;
  },
): Promise<void> {
  const { config, order: what, desk, lasting, print } = options;
  const data = dataFolder(config);
  const ms = lasting === undefined ? null : parseDuration(lasting);
  if (lasting !== undefined && (ms === null || what !== 'pause'))
    throw new CaError('CA_USAGE', `--for ${lasting} ${ms === null ? 'is no duration' : 'is for pause'}`, {
      remedy: 'Write it as 10min or 1h, with pause.',
    });
  if (what === 'pause') await order(data, 'pause', ms === null ? { desk } : { desk, ms });
  else await order(data, what, { desk });
  print(`${desk}: ${{ veto: 'the recording is destroyed', pause: 'paused', resume: 'resumed' }[what]}`);
}

/** Says who is at a desk. @throws CaError CA_NOT_RUNNING, CA_COMMAND_INVALID */
export async function shiftDesk({
  config,
  desk,
  receptionist,
  print,
}: Asked & { desk: string; receptionist: string }): Promise<void> {
  await order(dataFolder(config), 'shift', { desk, receptionist });
  print(`${desk}: ${receptionist} is at the desk`);
}

/** Erases a contact. @throws CaError CA_NOT_RUNNING, CA_CONTACT_UNKNOWN, CA_CONTACT_OPEN, CA_CONTACT_HELD */
export async function eraseContact({
  config,
  contact: contactId,
  print,
}: Asked & { contact: string }): Promise<void> {
  const { erasedAt } = await order(dataFolder(config), 'erase', { contactId });
  print(`${contactId}: erased at ${erasedAt}`);
}

/** Prints a code for the page. @throws CaError CA_NOT_RUNNING, CA_ACCOUNT_UNKNOWN */
export async function accountCode({
  config,
  account,
  print,
}: Asked & {
  /** Whose password is to be chosen anew; undefined: an administrator is to be made. */
  account: string | undefined;
}): Promise<void> {
  const { code, name, url } = await askAccountCode(dataFolder(config), account ?? null);
  const what = name === null ? 'makes an administrator, within an hour' : `chooses a password for ${name}`;
  print(`code ${code} at ${url ?? 'the page'}/ ${what}`);
}

/** Has the service run with the config as it is now. @throws CaError CA_NOT_RUNNING, CA_CONFIG_INVALID */
export async function reloadConfig({ config, print }: Asked): Promise<void> {
  const { when } = await order(dataFolder(config), 'reload', {});
  print(
    when === 'now' ? 'the service starts anew' : 'the service starts anew as soon as nobody is at any desk',
  );
}

/** Prints the log of actions, of one local day or whole. @throws CaError CA_USAGE, CA_STORE_UNUSABLE */
export function printActions({
  config,
  clock,
  day,
  print,
}: Asked & { clock: Clock; day: string | undefined }): void {
  const data = dataFolder(config);
  const { from, to } =
    day === undefined ? { from: 0, to: Number.MAX_SAFE_INTEGER } : dayBounds(day, clock.now().wall);
  const db = openForReading(data);
  try {
    for (const action of readActions(db, from, to)) print(JSON.stringify(action));
  } finally {
    db.close();
  }
}
