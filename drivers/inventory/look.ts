import { readdir, readFile, readlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SerialPort } from 'serialport';
import { outputOf } from '../tool-output.ts';
import { type CameraFound, camerasOf, parseRpicamList } from './cameras.ts';
import { chipsOfSysfs, type GpioChip, parseGpiodetect, parseGpioinfo } from './gpio.ts';
import { type InputDevice, parseInputDevices } from './input-devices.ts';
import { type MicrophoneFound, parseArecordCards, parseArecordNames } from './microphones.ts';
import { type ListedPort, type SerialPortFound, serialPorts } from './serial-ports.ts';

/** What is plugged into this machine. */
export interface Inventory {
  readonly gpio: readonly GpioChip[];
  readonly serial: readonly SerialPortFound[];
  /** Keypads and card readers. */
  readonly keys: readonly InputDevice[];
  readonly cameras: readonly CameraFound[];
  readonly microphones: readonly MicrophoneFound[];
  /** What could not be looked at, and what to install. */
  readonly unseen: readonly string[];
}

/** Where it is looked. */
export interface Surroundings {
  /** `/`, but for tests. */
  readonly root: string;
  /** Aborted: nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Looks at everything. Opens no device; never rejects: what is not there is not listed. */
export async function look(where: Surroundings): Promise<Inventory> {
  const unseen: string[] = [];
  const [gpio, serial, keys, cameras, microphones] = await Promise.all([
    gpioChips(where, unseen),
    serialPortsOf(where),
    inputDevices(where),
    camerasAt(where),
    microphonesOf(where, unseen),
  ]);
  return { gpio, serial, keys, cameras, microphones, unseen };
}

async function gpioChips(where: Surroundings, unseen: string[]): Promise<GpioChip[]> {
  const [chips, info] = await Promise.all([said(where, 'gpiodetect'), said(where, 'gpioinfo')]);
  if (chips !== null && info !== null) {
    const used = parseGpioinfo(info);
    return parseGpiodetect(chips).map((chip) => ({ ...chip, used: used.get(chip.name) ?? [] }));
  }
  const folder = join(where.root, 'sys/class/gpio');
  const names = await namesIn(folder);
  const found = await Promise.all(
    names
      .filter((name) => /^gpiochip\d+$/.test(name))
      .map(async (name) => {
        const [label, base, lines] = await Promise.all(
          ['label', 'base', 'ngpio'].map((file) => text(join(folder, name, file))),
        );
        return { name, label: label ?? '', base: Number(base), lines: Number(lines) };
      }),
  );
  if (found.length > 0) unseen.push('which GPIO lines the kernel itself uses: install gpiod');
  const exported = names.flatMap((name) => /^gpio(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  return chipsOfSysfs(found, exported);
}

async function serialPortsOf({ root }: Surroundings): Promise<SerialPortFound[]> {
  // It asks udevadm and rejects where there is none.
  const listed: ListedPort[] = await SerialPort.list().catch(() => []);
  const inDev = await namesIn(join(root, 'dev'));
  const links = new Map([
    ...(await linksIn(root, '/dev', (name) => /^serial\d$/.test(name))),
    ...(await linksIn(root, '/dev/serial/by-id')),
  ]);
  return serialPorts(
    listed,
    inDev.map((name) => `/dev/${name}`),
    links,
  );
}

async function inputDevices({ root }: Surroundings): Promise<InputDevice[]> {
  const devices = await text(join(root, 'proc/bus/input/devices'));
  return parseInputDevices(devices ?? '', await linksIn(root, '/dev/input/by-id'));
}

async function camerasAt(where: Surroundings): Promise<CameraFound[]> {
  const folder = join(where.root, 'sys/class/video4linux');
  const nodes = (await namesIn(folder)).filter((name) => /^video\d+$/.test(name));
  const [list, ...described] = await Promise.all([
    said(where, 'rpicam-hello', '--list-cameras').then(
      (listed) => listed ?? said(where, 'libcamera-hello', '--list-cameras'),
    ),
    ...nodes.map(async (node) => ({
      node,
      name: (await text(join(folder, node, 'name'))) ?? '',
      index: Number((await text(join(folder, node, 'index'))) ?? 0),
      info: await said(where, 'v4l2-ctl', '-d', `/dev/${node}`, '-D'),
    })),
  ]);
  return [...camerasOf(described), ...parseRpicamList(list ?? '')];
}

async function microphonesOf(where: Surroundings, unseen: string[]): Promise<MicrophoneFound[]> {
  const [cards, names] = await Promise.all([said(where, 'arecord', '-l'), said(where, 'arecord', '-L')]);
  if (cards === null && names === null) unseen.push('microphones: install alsa-utils');
  return [...parseArecordCards(cards ?? ''), ...parseArecordNames(names ?? '')];
}

/** What a program prints, in English; null where it is not installed, fails or hangs. */
async function said({ signal }: Surroundings, program: string, ...args: string[]): Promise<string | null> {
  const { stdout, ended } = await outputOf('env', ['LC_ALL=C', program, ...args], signal);
  return ended === null ? stdout : null;
}

/** Names in a folder; none where it is not there. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).then(
    (names) => names.sort(new Intl.Collator('en', { numeric: true }).compare),
    () => [],
  );
}

/** A small file without its line end; null where it cannot be read. */
async function text(file: string): Promise<string | null> {
  return readFile(file, 'utf8').then(
    (content) => content.trimEnd(),
    () => null,
  );
}

/** The links in a folder, each with the path it leads to. Both as they are on the machine itself, not below `root`. */
async function linksIn(root: string, folder: string, wanted = (_name: string) => true) {
  const links = new Map<string, string>();
  for (const name of (await namesIn(join(root, folder))).filter(wanted)) {
    const target = await readlink(join(root, folder, name)).catch(() => null);
    if (target !== null) links.set(`${folder}/${name}`, resolve(folder, target));
  }
  return links;
}
