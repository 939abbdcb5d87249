import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type RunningService, startService } from './end-to-end/service.ts';
import { openPty, type Pty } from './stand-ins/pty.ts';
import { inTerminal, type PlayedTerminal } from './stand-ins/terminal.ts';

/** The command itself, with a sensor, buttons and a lamp on a real pseudo-terminal. */

const CLI = resolve(import.meta.dirname, '../device/cli.ts');
const WAIT = { timeout: 20_000, interval: 50 };

let folder: string;
let device: Pty;
const cleanUp: (() => unknown)[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-hardware-'));
  device = await openPty();
});
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
  await device.stop();
  rmSync(folder, { recursive: true });
});

/** Writes the config of a desk `front`; returns its path. */
function configOf(desk: string, rest = '', name = 'config'): string {
  const file = join(folder, `${name}.yaml`);
  const buttons = '{ happy: { rating: 5, tag: positive }, unhappy: { rating: 1, tag: negative } }';
  const page = 'page: { port: 0 }';
  writeFileSync(
    file,
    `device: test\ndata: data\n${page}\n${rest}\ndesks:\n  front:\n    buttons: ${buttons}\n${desk}`,
  );
  return file;
}

const sensor = () => `    inputs: [{ driver: line-protocol, port: ${device.port} }]\n`;

/** The lamp does as it is told. */
function answerAsLamp(): void {
  let lit = 0;
  device.onLine((line) => {
    lit = line === 'L?' ? lit : Number(line === 'L1');
    device.write(`L${lit}\n`).catch(() => {});
  });
}

/** Says what the device says, again and again, until the test is over: who opens a port throws away what was said before. */
function chatter(says: () => string): void {
  const timer = setInterval(() => void device.write(says()).catch(() => {}), 200);
  cleanUp.push(() => clearInterval(timer));
}

interface Document {
  found: Record<string, unknown[]>;
  service: { name: string; verdict: string; lastFault: string | null }[] | null;
  desks: {
    front: {
      inputs: { presses?: Record<string, number> }[];
      camera: { rate: number } | null;
      microphone: { loudest: number[] } | null;
    };
  };
}

async function json(...args: string[]): Promise<{ code: number; told: Document; out: string }> {
  const ran = promisify(execFile)(process.execPath, [CLI, 'hardware', ...args]);
  const { stdout, code } = await ran.then(
    ({ stdout }) => ({ stdout, code: 0 }),
    (failed: { stdout: string; code: number }) => failed,
  );
  return { code, told: JSON.parse(stdout), out: stdout };
}

function terminal(columns: number, ...args: string[]): PlayedTerminal {
  const played = inTerminal([process.execPath, CLI, 'hardware', ...args], columns, 40);
  cleanUp.push(() => played.stop());
  return played;
}

const live = (played: PlayedTerminal) => played.screen().filter((line) => /line-protocol/.test(line));

test('for a program: one document, and 0 when all is well', async () => {
  answerAsLamp();
  let said = 0;
  chatter(() => (said++ % 5 === 0 ? 'Bhappy\n' : 'P1\n'));
  const lamp = `    lamp: { driver: line-protocol, port: ${device.port} }\n`;
  const { code, told } = await json(configOf(sensor() + lamp), '--for', '4s');
  expect(told).toMatchObject({
    found: { gpio: expect.any(Array), serial: expect.any(Array), microphones: expect.any(Array) },
    service: null,
    desks: {
      front: {
        inputs: [{ driver: 'line-protocol', state: 'PRESENT', verdict: 'OK', lastFault: null, remedy: null }],
        lamp: { state: 'off', readBack: true, verdict: 'OK' },
        camera: null,
      },
    },
  });
  expect(told.desks.front.inputs[0]?.presses).toEqual({ happy: expect.any(Number), unhappy: 0 });
  expect(told.desks.front.inputs[0]?.presses?.happy).toBeGreaterThan(0);
  expect(code).toBe(0);
});

test('for a program: a silent device, one that is not there, and what cannot be tried', async () => {
  const gone = join(folder, 'ttyUSB7');
  const desk = `    inputs:
      - { driver: line-protocol, port: ${device.port} }
      - { driver: line-protocol, port: ${gone} }
      - { driver: tablet, code: abcdefgh }
    microphone: { driver: alsa, device: nowhere }
`;
  const { code, told } = await json(configOf(desk), '--for', '2s');
  expect(told.desks.front.inputs).toMatchObject([
    { verdict: 'NOTHING HEARD', remedy: expect.stringContaining('wires') },
    { verdict: 'FAULT', lastFault: expect.stringContaining(gone), remedy: expect.stringContaining('cable') },
    { driver: 'tablet', state: 'page', verdict: 'NOT TRIED' },
  ]);
  // The config says that nothing is captured: then it is not opened here either.
  expect(told.desks.front.microphone).toMatchObject({ state: 'off', verdict: 'NOT TRIED' });
  expect(code).toBe(1);
});

test('camera and microphone: size, rate and level; one that is not there, with its remedy', async () => {
  const ffmpeg = (...args: string[]) => promisify(execFile)('ffmpeg', ['-v', 'error', ...args]);
  const [video, sound, key] = ['v.mp4', 's.wav', 'key'].map((name) => join(folder, name));
  const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency'];
  await ffmpeg('-f', 'lavfi', '-i', 'testsrc=s=320x240:r=10:d=3', ...x264, video ?? '');
  await ffmpeg('-f', 'lavfi', '-i', 'sine=440:d=3', sound ?? '');
  writeFileSync(key ?? '', 'a'.repeat(64), { mode: 0o600 });
  const recording = `recording: { capture: audio+video, soundBasis: a test }\nvault: { key: { file: ${key} } }\n`;
  const desk = (name: string, camera: string, microphone: string) =>
    configOf(
      `    inputs: [{ driver: tablet, code: abcdefgh }]\n    camera: ${camera}\n    microphone: ${microphone}\n`,
      recording,
      name,
    );

  const configs = [
    desk('well', `{ driver: file, path: ${video} }`, `{ driver: file, path: ${sound} }`),
    desk(
      'ill',
      '{ driver: rtsp, url: "rtsp://127.0.0.1:1/x" }',
      `{ driver: file, path: ${folder}/none.wav }`,
    ),
  ];
  const [well, ill] = await Promise.all(configs.map((file) => json(file, '--for', '6s')));
  expect(well?.told.desks.front).toMatchObject({
    camera: { state: 'SEEN', size: '320x240', verdict: 'OK' },
    microphone: { state: 'HEARD', verdict: 'OK' },
  });
  const { camera, microphone } = well?.told.desks.front ?? {};
  expect(camera?.rate).toBeGreaterThan(7);
  expect(camera?.rate).toBeLessThan(13);
  // ffmpeg's sine has an eighth of the full amplitude: 18 dB, and 3 of a sine.
  expect(microphone?.loudest?.[0]).toBeCloseTo(-21, 0);
  expect(well?.code).toBe(0);
  expect(ill?.told.desks.front).toMatchObject({
    camera: {
      state: '?',
      verdict: 'FAULT',
      lastFault: expect.stringContaining('refused'),
      remedy: expect.stringContaining('network address'),
    },
    microphone: { verdict: 'FAULT', lastFault: expect.stringContaining('none.wav') },
  });
  expect(ill?.code).toBe(1);
});

test('in a terminal: it follows the device in place, also unplugged, blinks the lamp again, and ends on q', async () => {
  answerAsLamp();
  let level = 'P1\n';
  chatter(() => level);
  const lamp = `    lamp: { driver: line-protocol, port: ${device.port} }\n`;
  const played = terminal(100, configOf(sensor() + lamp));
  await expect.poll(() => live(played)[0], WAIT).toMatch(/^PRESENT /);
  await expect.poll(() => played.screen().join('\n'), WAIT).toContain('blinked 1, read back');
  await device.write('Bhappy\nBhappy\nBunhappy\n');
  await expect.poll(() => played.screen().join('\n'), WAIT).toMatch(/happy 2.*unhappy 1/);
  level = 'P0\n';
  await expect.poll(() => live(played)[0], WAIT).toMatch(/^absent /);
  played.type('l');
  await expect.poll(() => played.screen().join('\n'), WAIT).toContain('blinked 2, read back');

  await device.unplug();
  await expect.poll(() => played.screen().join('\n'), WAIT).toMatch(/^ {2}FAULT: Check the cable/m);
  expect(live(played)[0]).toMatch(/^\? /);
  await device.plug();
  await expect.poll(() => live(played)[0], WAIT).toMatch(/^absent /);
  // Drawn a dozen times and more, each device stands there once: the sensor and the lamp.
  expect(live(played)).toHaveLength(2);

  played.type('q');
  expect(await played.ended).toBe(0);
  expect(live(played)).toEqual([
    `OK       line-protocol ${device.port}`,
    `OK       lamp line-protocol ${device.port}`,
  ]);
  expect(played.screen().join('\n')).toContain('last fault: ');
  // The cursor is shown again, and after nothing else was it hidden.
  expect(played.written().lastIndexOf('\x1b[?25h')).toBeGreaterThan(
    played.written().lastIndexOf('\x1b[?25l'),
  );
});

test('in a terminal of a phone: nothing is wider; ends on Ctrl-C and after --for', async () => {
  // Two at once, which could not share a port.
  const file = configOf('    inputs: [{ driver: scripted, steps: [{ wait: 1h, present: true }] }]\n');
  const ends: [string[], (played: PlayedTerminal) => void][] = [
    [[], (played) => played.type('\x03')],
    [['--for', '2s'], () => {}],
  ];
  const over = ends.map(async ([args, end]) => {
    const played = terminal(40, file, ...args);
    await expect.poll(() => played.screen().join('\n'), WAIT).toContain('q: end');
    end(played);
    expect(await played.ended).toBe(1);
    const screen = played.screen();
    expect(screen.some((line) => line.startsWith('NOTHING HEARD scripted'))).toBe(true);
    expect(Math.max(...screen.map((line) => line.length))).toBeLessThan(40);
  });
  await Promise.all(over);
});

test('when ssh hangs up, it ends by itself and puts the lamp out first', async () => {
  answerAsLamp();
  const said: string[] = [];
  device.onLine((line) => said.push(line));
  const played = terminal(
    80,
    configOf(`${sensor()}    lamp: { driver: line-protocol, port: ${device.port} }\n`),
  );
  await expect.poll(() => played.screen().join('\n'), WAIT).toMatch(/^LIT /m);
  await played.hangUp();
  // Read back as well: it did not die on the way.
  expect(said.slice(-2)).toEqual(['L0', 'L?']);
});

test('while the service runs: it is not disturbed, and asked how it is', async () => {
  const file = configOf(sensor());
  chatter(() => 'P1\n');
  const service: RunningService = await startService(file);
  cleanUp.push(() => service.stop());
  const well = await json(file, '--for', '1s');
  expect(well.told.desks.front.inputs).toMatchObject([
    { driver: 'line-protocol', state: 'busy', verdict: 'NOT TRIED' },
  ]);
  expect(well.told.service).toContainEqual(expect.objectContaining({ name: 'desk front', verdict: 'OK' }));
  expect(well.code).toBe(0);

  await device.unplug();
  const played = terminal(80, file);
  await expect.poll(() => played.screen().join('\n'), WAIT).toMatch(/^degraded desk front$/m);
  expect(played.screen()).toContain('To read them here, stop it first: systemctl stop contact-analyzer');
  expect(played.screen().join('\n')).toContain('FAULT: Check the cable');
  await service.stop();
  await expect.poll(() => played.screen().join('\n'), WAIT).toContain('Start this command again');
  played.type('q');
  expect(await played.ended).toBe(1);
});

test('a duration that is none is a usage error', async () => {
  const ran = promisify(execFile)(process.execPath, [CLI, 'hardware', configOf(sensor()), '--for', 'ever']);
  await expect(ran).rejects.toMatchObject({ code: 64 });
});
