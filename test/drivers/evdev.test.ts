import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type Clock, ManualClock, systemClock } from '../../device/clock.ts';
import { CardReader } from '../../drivers/evdev/card-reader.ts';
import { Keypad } from '../../drivers/evdev/keypad.ts';
import type { InputDriver, InputEvent } from '../../drivers/types.ts';

/**
 * The life of the child that grabs a keyboard. Its part is played by a script that says what evtest 1.35 says, of a pipe
 * instead of a device: no machine that runs the tests has a keyboard to spare. The two tests without `plug` run the real one.
 */

const EVTEST = `#!/bin/sh
[ "$1" = --grab ] || exit 1
echo $$ >>"$2.pids"
if [ -e "$2.forbidden" ]; then
  printf 'evtest: Permission denied\\nYou do not have access to %s. Try running as root instead.\\n' "$2" >&2
  exit 1
fi
[ -e "$2" ] || { echo 'evtest: No such file or directory' >&2; exit 1; }
printf 'Input driver version is 1.0.1\\nInput device name: "HID 04d9:1203"\\nTesting ... (interrupt to exit)\\n'
if [ -e "$2.taken" ]; then
  printf '****\\n  This device is grabbed by another process.\\n  No events are available to evtest while the\\n'
  exec sleep 1000
fi
while IFS= read -r line; do printf '%s\\n' "$line"; done <"$2"
echo 'expected 24 bytes, got -1'
printf '\\nevtest: error reading: No such device\\n' >&2
exit 1
`;
const PATIENT = { timeout: 10_000, interval: 10 };
const PATH = process.env.PATH;

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
  process.env.PATH = PATH;
});

async function temporary(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ca-evdev-'));
  cleanUp.push(() => rm(folder, { recursive: true }));
  return folder;
}

/** A keyboard, plugged in, and a script for evtest that hears it. */
async function keyboard() {
  const folder = await temporary();
  await writeFile(join(folder, 'evtest'), EVTEST);
  await chmod(join(folder, 'evtest'), 0o755);
  process.env.PATH = `${folder}${delimiter}${PATH}`;
  const device = join(folder, 'event-kbd');
  const opened: FileHandle[] = [];
  const unplug = async () => {
    await rm(device, { force: true });
    for (const handle of opened.splice(0)) await handle.close();
  };
  cleanUp.push(unplug);
  execFileSync('mkfifo', [device]);
  const say = async (text: string) => void (await opened[0]?.write(text));
  const event = (name: string, value: number) =>
    `Event: time 1586524983.094859, type 4 (EV_MSC), code 4 (MSC_SCAN), value 7001e\nEvent: time 1586524983.094859, type 1 (EV_KEY), code 2 (${name}), value ${value}\nEvent: time 1586524983.094859, -------------- SYN_REPORT ------------\n`;
  return {
    device,
    unplug,
    say,
    /** Puts it back when it was unplugged; resolves when somebody has opened it. */
    async plug() {
      if (!existsSync(device)) execFileSync('mkfifo', [device]);
      opened.push(await open(device, 'w'));
    },
    type: (...keys: string[]) => say(keys.map((key) => event(key, 1) + event(key, 0)).join('')),
    event,
    mark: (kind: 'forbidden' | 'taken') => writeFile(`${device}.${kind}`, ''),
    unmark: (kind: 'forbidden' | 'taken') => rm(`${device}.${kind}`),
    pids: () => readFileSync(`${device}.pids`, 'utf8').trim().split('\n').map(Number),
  };
}

const keypad = (device: string, clock: Clock = systemClock) =>
  listen(new Keypad({ driver: 'keypad', device, keys: { KEY_KP1: 'happy', BTN_0: 'unhappy' } }, clock));
const cards = (device: string) => listen(new CardReader({ driver: 'card-reader', device }, systemClock));

function listen(driver: InputDriver) {
  const events: InputEvent[] = [];
  driver.start((event) => events.push(event));
  cleanUp.push(() => driver.stop());
  const said = () =>
    events.map((event) =>
      event.kind === 'press' ? event.button : event.kind === 'card' ? event.id : event.kind,
    );
  return { driver, events, said, code: () => driver.health().detail?.code ?? driver.health().status };
}

test('keys are presses: down, not held and not up; keys without a button are counted', async () => {
  const { device, plug, type, say, event } = await keyboard();
  const { driver, events, said } = keypad(device);
  await plug();
  const before = systemClock.now().mono;
  await type('KEY_KP1', 'KEY_KP2', 'BTN_0');
  await say(event('KEY_KP1', 1) + event('KEY_KP1', 2) + event('KEY_KP1', 2));
  await say(event('KEY_KP1', 0).slice(0, 100));
  await say(`${event('KEY_KP1', 0).slice(100)}garbage\n`);
  await type('BTN_0');
  await expect.poll(said, PATIENT).toEqual(['happy', 'unhappy', 'happy', 'unhappy']);
  for (const { at } of events) expect(at.mono).toBeGreaterThanOrEqual(before);
  expect(driver.health()).toEqual({ status: 'ok', detail: { presses: 4, unmapped: 1 } });
});

test('cards are read; their ids are nowhere but in the events', async () => {
  const { device, plug, unplug, type } = await keyboard();
  const { driver, events, code } = cards(device);
  await plug();
  await type('KEY_4', 'KEY_7', 'KEY_1', 'KEY_1', 'KEY_ENTER', 'KEY_B', 'KEY_0', 'KEY_KPENTER');
  await expect.poll(() => events.length, PATIENT).toBe(2);
  expect(events).toMatchObject([
    { kind: 'card', id: '4711' },
    { kind: 'card', id: 'b0' },
  ]);
  expect(driver.health()).toEqual({ status: 'ok', detail: { cards: 2 } });
  // Half a card, then the reader is pulled out.
  await type('KEY_4', 'KEY_7');
  await unplug();
  await expect.poll(code, PATIENT).toBe('CA_INPUT_LOST');
  expect(JSON.stringify(driver.health())).not.toMatch(/47|KEY_|Event/);
  await plug();
  await type('KEY_1', 'KEY_1', 'KEY_ENTER');
  await expect.poll(() => events.at(-1), PATIENT).toMatchObject({ kind: 'card', id: '11' });
});

test('unplugged: lost, once, with the reason; plugged in again: it is heard', async () => {
  const { device, plug, unplug, type } = await keyboard();
  const { driver, said, code } = keypad(device);
  await plug();
  await type('KEY_KP1');
  await expect.poll(said, PATIENT).toEqual(['happy']);
  await unplug();
  await expect.poll(said, PATIENT).toEqual(['happy', 'lost']);
  expect(driver.health().reason).toMatch(/event-kbd: evtest: error reading: No such device.*plugged in/);
  // An attempt in vain, which says nothing new.
  await expect.poll(() => driver.health().reason, PATIENT).toMatch(/No such file/);
  await plug();
  await type('BTN_0');
  await expect.poll(said, PATIENT).toEqual(['happy', 'lost', 'unhappy']);
  expect(code()).toBe('ok');
});

test('health is good again when the device is, though nobody presses anything', async () => {
  const { device, plug, unplug } = await keyboard();
  await unplug();
  const { said, code } = keypad(device);
  await expect.poll(said, PATIENT).toEqual(['lost']);
  await plug();
  await expect.poll(code, PATIENT).toBe('ok');
});

test('forbidden: says which group', async () => {
  const { device, mark, unmark, plug, type } = await keyboard();
  await mark('forbidden');
  const { driver, said, code } = keypad(device);
  await expect.poll(said, PATIENT).toEqual(['lost']);
  expect(code()).toBe('CA_INPUT_LOST');
  expect(driver.health().reason).toMatch(/Permission denied.*group `input`/);
  await unmark('forbidden');
  await plug();
  await type('KEY_KP1');
  await expect.poll(said, PATIENT).toEqual(['lost', 'happy']);
});

test('grabbed by somebody else: lost once, until it is free', async () => {
  const { device, mark, unmark, plug, type, pids } = await keyboard();
  await mark('taken');
  const { driver, said, code } = keypad(device);
  await expect.poll(() => pids().length, PATIENT).toBeGreaterThan(2);
  expect(said()).toEqual(['lost']);
  expect(code()).toBe('CA_INPUT_LOST');
  expect(driver.health().reason).toMatch(/another program has grabbed it.*fuser -v/);
  await unmark('taken');
  await plug();
  await type('KEY_KP1');
  await expect.poll(said, PATIENT).toEqual(['lost', 'happy']);
});

test('stop ends the child and leaves no timer, open, lost or hardly begun', async () => {
  const { device, plug, unplug, pids } = await keyboard();
  const clock = new ManualClock();
  const first = keypad(device, clock);
  await first.driver.stop();
  const open = keypad(device, clock);
  await plug();
  await open.driver.stop();
  await unplug();
  const lost = keypad(device, clock);
  await expect.poll(lost.said, PATIENT).toEqual(['lost']);
  await lost.driver.stop();
  expect(clock.waiting()).toEqual([]);
  expect([...first.said(), ...open.said()]).toEqual([]);
  for (const pid of pids()) expect(existsSync(`/proc/${pid}`)).toBe(false);
});

test('no evtest: says what to install', async () => {
  const folder = await temporary();
  const setpriv = execFileSync('sh', ['-c', 'command -v setpriv'], { encoding: 'utf8' }).trim();
  execFileSync('ln', ['-s', setpriv, join(folder, 'setpriv')]);
  process.env.PATH = folder;
  const { driver, said, code } = keypad('/dev/input/by-id/usb-keypad');
  await expect.poll(said, PATIENT).toEqual(['lost']);
  expect(code()).toBe('CA_TOOL_MISSING');
  expect(driver.health().reason).toMatch(/evtest.*Debian packages evtest/);
  process.env.PATH = join(folder, 'empty');
  const none = keypad('/dev/input/by-id/usb-keypad');
  await expect.poll(none.said, PATIENT).toEqual(['lost']);
  expect(none.code()).toBe('CA_TOOL_MISSING');
});

test('the real evtest: no such device', async () => {
  const { driver, said, code } = keypad(join(await temporary(), 'usb-keypad'));
  await expect.poll(said, PATIENT).toEqual(['lost']);
  expect(code()).toBe('CA_INPUT_LOST');
  expect(driver.health().reason).toMatch(/usb-keypad: evtest: No such file or directory.*by-id/);
});

test('the real evtest: not an input device', async () => {
  const file = join(await temporary(), 'file');
  await writeFile(file, 'Testing ... (interrupt to exit)\n');
  const { driver, said, code } = keypad(file);
  await expect.poll(said, PATIENT).toEqual(['lost']);
  expect(code()).toBe('CA_INPUT_LOST');
  expect(driver.health().reason).toMatch(/Inappropriate ioctl/);
});
