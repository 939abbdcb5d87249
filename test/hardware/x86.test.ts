import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseDeviceKey } from '../../device/recording/device-key.ts';
import { ClipVault } from '../../device/recording/vault.ts';
import { type GpioSim, makeGpioSim } from './gpio-sim.ts';
import { type Hub, startHub } from './hub.ts';
import type { Machine } from './machine.ts';
import { APP, startX86 } from './x86.ts';

/**
 * The service on a computer with Debian's own kernel and one of everything: two sensors at a GPIO chip (gpio-sim), a
 * lamp, a keypad on USB, a camera (vivid) and a sound card (snd-aloop).
 */

const CHIP = 'pinctrl-sim';
const LINES = { 17: 'SENSOR', 18: 'RADAR', 22: 'ANSWER', 27: 'RECORDING' };
/** As udev would name it. */
const KEYPAD = '/dev/input/by-id/usb-keypad-event-kbd';
const KEY = randomBytes(32).toString('hex');
const WARM_UP =
  'ffmpeg -nostdin -f v4l2 -video_size 320x180 -framerate 5 -i /dev/video0 -f lavfi -i sine=r=16000 -t 1 -c:v libx264 -c:a aac -f mpegts -y /dev/null; v4l2-ctl -d /dev/video0 --list-formats-ext; arecord --version';
/** How far a time may be off (ms). */
const UNSURE = 1_000;

const config = (mqtt: Hub['mqtt']) => ({
  ...{ device: 'pc', data: '/tmp/ca/data', mqtt, page: { port: 0 }, clock: { trusted: true } },
  ...{ arrival: { confirm: '1s' }, departure: { confirm: '1s' }, contact: { served: '2s' } },
  ...{ press: { grace: '3s' }, vault: { key: { file: '/tmp/ca/key' }, free: '0MB' } },
  recording: {
    ...{ capture: 'audio+video', soundBasis: 'a test', keep: 'all', ring: '/dev/shm/ca' },
    ...{ preRoll: '2s', postRoll: '1s' },
  },
  desks: {
    front: {
      presence: 'all',
      inputs: [
        // To ground, with the resistor inside the chip.
        {
          driver: 'gpio-presence',
          line: 'SENSOR',
          chip: CHIP,
          backend: 'gpiod',
          activeLow: true,
          pull: 'up',
        },
        { driver: 'gpio-presence', line: 18, chip: CHIP, backend: 'onoff' },
        { driver: 'keypad', device: KEYPAD, keys: { KEY_1: 'happy', KEY_2: 'unhappy', KEY_3: 'privacy' } },
      ],
      buttons: {
        happy: { rating: 5, tag: 'positive' },
        unhappy: { rating: 1, tag: 'negative' },
        privacy: { does: 'pause' },
      },
      camera: { driver: 'v4l2', device: '/dev/video0', size: '320x180', rate: 5 },
      microphone: { driver: 'alsa', device: 'plughw:CARD=Loopback,DEV=1' },
      lamp: { driver: 'gpio', line: 'RECORDING', chip: CHIP, backend: 'gpiod' },
      acknowledge: { driver: 'gpio', line: 22, chip: CHIP, backend: 'onoff' },
    },
  },
});

let hub: Hub;
let machine: Machine;
let pins: GpioSim;
beforeAll(async () => {
  hub = await startHub();
  machine = await startX86();
  const { guest } = machine;
  pins = await makeGpioSim(guest, CHIP, LINES);
  await plug();
  // What is played at one end of the loop is heard at the other.
  await guest.run(
    'speaker-test -D plughw:CARD=Loopback,DEV=0 -r 16000 -c 1 -t sine -f 1000 >/dev/null 2>&1 &',
  );
  // Read once and unpacked by the processor's emulation, ffmpeg begins within the time that the service gives it.
  await guest.run(`${WARM_UP} >/dev/null 2>&1`);
  await guest.run('mkdir -p /tmp/ca');
  await guest.run('umask 077; : > /tmp/ca/key');
  await guest.write('/tmp/ca/key', KEY);
  await hub.run(machine, APP, config(hub.mqtt));
});
afterAll(async () => {
  await machine?.stop();
  await hub?.stop();
});

/** The keypad into its socket. */
async function plug(): Promise<void> {
  await machine.qmp.order('device_add', { driver: 'usb-kbd', id: 'keypad', bus: 'usb.0' });
  // What udev does on a real one.
  const find = 'grep -l "USB Keyboard" /sys/class/input/event*/device/name';
  const link = `ln -sfn ../$(echo $found | cut -d / -f 5) ${KEYPAD}`;
  await machine.guest.run(`mkdir -p ${dirname(KEYPAD)}; until found=$(${find}); do sleep 0.2; done; ${link}`);
}

/** A key of the keypad goes down and up. */
async function type(key: '1' | '2' | '3'): Promise<void> {
  await machine.qmp.order('send-key', { keys: [{ type: 'qcode', data: key }], 'hold-time': 200 });
}

/** By the clock of the machine, which is slower than ours while it computes (ms). */
const now = async () => Number(await machine.guest.run('cut -d " " -f 1 /proc/uptime')) * 1_000;

const lit = (on: boolean) =>
  expect.poll(() => pins.level('RECORDING'), { timeout: 60_000, interval: 200 }).toBe(on);

test('the sensors and the keypad are there, and the keypad is ours alone', async () => {
  const { guest } = machine;
  expect(await guest.run('uname -r')).toMatch(/^6\.12\./);
  expect(await guest.run('gpiomon --version')).toContain('v1.6');
  // The service has its inputs by then.
  await lit(true);
  expect(await guest.run(`timeout 20 evtest --grab ${KEYPAD} | grep -m 1 grabbed`)).toContain(
    'grabbed by another process',
  );
});

test('one contact, with a clip of it that has picture and sound', async () => {
  await lit(true);
  await hub.health('front', (reason) => reason === undefined);
  await machine.guest.run('sleep 3');
  const from = hub.count();
  await pins.pull('SENSOR', 'down');
  await machine.guest.run('sleep 2');
  await pins.pull('RADAR', 'up');
  const arrived = await now();
  await hub.started('front', from);
  await type('2');
  expect(await hub.pressed('front', from)).toMatchObject({ button: 'unhappy', tag: 'negative' });
  await machine.guest.run('sleep 3');
  await pins.pull('SENSOR', 'up');
  const left = await now();
  await machine.guest.run('sleep 0.5');
  await pins.pull('RADAR', 'down');

  const contact = await hub.closed('front', from);
  expect(contact).toMatchObject({ endReason: 'departed', served: true, tag: 'negative', tagSource: 'press' });
  expect(Math.abs((contact.duration ?? 0) - (left - arrived))).toBeLessThan(UNSURE);
  const clip = await hub.clip(contact.id);
  expect(clip.state).toBe('ready');
  expect(clip.manifest?.tracks.toSorted()).toEqual(['audio', 'video']);
  expect(clip.manifest?.preRoll).toBeGreaterThan(0);
  expect(clip.manifest?.postRoll).toBeGreaterThan(0);

  const film = await fetch(clip.file ?? '');
  const { streams, format } = probe(film);
  expect(streams.map(({ codec_name: name }) => name).toSorted()).toEqual(['aac', 'h264']);
  expect(streams.find(({ codec_name: name }) => name === 'h264')).toMatchObject({ width: 320, height: 180 });
  expect(Math.abs(Number(format.duration) * 1_000 - (clip.duration ?? 0))).toBeLessThan(UNSURE);
  expect(Number(format.duration) * 1_000).toBeGreaterThan(contact.duration ?? 0);
  expect(loudness(film)).toBeGreaterThan(-40);
});

test('the lamp is dark while recording is paused by a key', async () => {
  await type('3');
  await lit(false);
  // Sooner it would be a repeat.
  await machine.guest.run('sleep 4');
  await type('3');
  await lit(true);
});

test('the keypad is pulled out and plugged in again', async () => {
  const { qmp } = machine;
  await qmp.order('device_del', { id: 'keypad' });
  await hub.health('front', (reason) => reason?.includes(KEYPAD) === true);
  await plug();
  await hub.health('front', (reason) => reason === undefined);
  const from = hub.count();
  await type('1');
  expect(await hub.pressed('front', from)).toMatchObject({ button: 'happy', contactId: null });
});

/** A clip out of the machine, deciphered, as a file here. */
async function fetch(file: string): Promise<string> {
  const folder = join(machine.folder, 'clips');
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), await machine.guest.read(`/tmp/ca/data/clips/${file}`));
  const vault = new ClipVault({ folder, key: () => parseDeviceKey(KEY) });
  const film = join(machine.folder, 'clip.mp4');
  await pipeline(vault.open(file), createWriteStream(film));
  return film;
}

function probe(film: string): { streams: Record<string, unknown>[]; format: { duration: string } } {
  const args = ['-v', 'error', '-show_streams', '-show_format', '-of', 'json', film];
  return JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' }));
}

/** Mean of what is left of the sound around 1 kHz, dB of full scale. */
function loudness(film: string): number {
  const command = `ffmpeg -nostdin -i "$1" -af bandpass=f=1000:w=50,volumedetect -f null - 2>&1`;
  const said = execFileSync('sh', ['-c', command, 'sh', film], { encoding: 'utf8' });
  return Number(/mean_volume: (\S+) dB/.exec(said)?.[1]);
}
