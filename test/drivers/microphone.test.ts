import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { AlsaMicrophone } from '../../drivers/microphone/alsa-microphone.ts';
import { FileMicrophone } from '../../drivers/microphone/file-microphone.ts';
import type { MicrophoneDriver } from '../../drivers/types.ts';
import { type Pulse, startPulse } from '../stand-ins/pulse.ts';

/** The real arecord, through the real node-record-lpcm16, on a live ALSA device; the real ffmpeg on a file. */

const RATE = 16_000;
let card: Pulse;
let folder: string;
const cleanUp: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  card = await startPulse();
  folder = await mkdtemp(join(tmpdir(), 'microphone-'));
});
afterAll(async () => {
  await card.stop();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
  vi.unstubAllEnvs();
});

/** A started microphone and all it has said. */
function listen(driver: MicrophoneDriver) {
  const chunks: Buffer[] = [];
  driver.start((pcm) => chunks.push(pcm));
  cleanUp.push(() => driver.stop());
  return { driver, chunks, seconds: () => Buffer.concat(chunks).length / 2 / RATE };
}

function alsa(device = card.device) {
  for (const [name, value] of Object.entries(card.env)) vi.stubEnv(name, value);
  return listen(new AlsaMicrophone(device, systemClock));
}

function tone(hertz: number, seconds: number): Buffer {
  const pcm = Buffer.alloc(seconds * RATE * 2);
  for (let i = 0; i < seconds * RATE; i++) {
    pcm.writeInt16LE(Math.round(12_000 * Math.sin((2 * Math.PI * hertz * i) / RATE)), i * 2);
  }
  return pcm;
}

/** Pitch and length of the loud part: its zero crossings tell whether samples were lost, doubled or cut in two. */
function loudPart(chunks: Buffer[]): { hertz: number; seconds: number } {
  const pcm = Buffer.concat(chunks);
  const samples = Array.from({ length: pcm.length / 2 }, (_, i) => pcm.readInt16LE(i * 2));
  const loud = (sample: number) => Math.abs(sample) > 2_000;
  const part = samples.slice(samples.findIndex(loud), samples.findLastIndex(loud) + 1);
  const rising = part.filter((sample, i) => i > 0 && sample >= 0 && (part[i - 1] ?? 0) < 0).length;
  return { hertz: rising / (part.length / RATE), seconds: part.length / RATE };
}

// PulseAudio, which plays the card, drops out now and then on a busy machine; a fault of the driver fails each time.
test('what is said at the desk arrives whole, and in real time', { retry: 2 }, async () => {
  const { driver, chunks, seconds } = alsa();
  await expect.poll(seconds).toBeGreaterThan(0.2);
  const [from, before] = [performance.now(), seconds()];
  await card.play(tone(440, 2));
  await expect.poll(() => seconds() - before).toBeGreaterThan(2.5);
  const elapsed = (performance.now() - from) / 1_000;
  expect(seconds() - before).toBeGreaterThan(elapsed - 0.4);
  expect(seconds() - before).toBeLessThan(elapsed + 0.4);
  const heard = loudPart(chunks);
  expect(Math.abs(heard.hertz - 440)).toBeLessThan(2);
  expect(Math.abs(heard.seconds - 2)).toBeLessThan(0.01);
  expect(chunks.every((chunk) => chunk.length % 2 === 0)).toBe(true);
  expect(driver.health()).toMatchObject({ status: 'ok', detail: { restarts: 0 } });
});

test('a card that vanishes is degraded, and heard again when it is back', async () => {
  const { driver, seconds } = alsa();
  await expect.poll(seconds).toBeGreaterThan(0.2);
  await card.unplug();
  await expect.poll(() => driver.health().status, { timeout: 5_000 }).toBe('degraded');
  expect(driver.health().detail?.code).toBe('CA_MICROPHONE_LOST');
  expect(driver.health().reason).toMatch(/^alsa desk: .*arecord.*is plugged in/);
  await card.plug();
  const before = seconds();
  await expect.poll(seconds, { timeout: 10_000 }).toBeGreaterThan(before + 0.2);
  expect(driver.health().status).toBe('ok');
});

test('a card that hangs is noticed after 3 s, its recorder killed and started again', async () => {
  const { driver, seconds } = alsa();
  await expect.poll(seconds).toBeGreaterThan(0.2);
  const from = performance.now();
  card.freeze();
  cleanUp.push(() => card.thaw());
  await expect.poll(() => driver.health().status, { timeout: 10_000 }).toBe('degraded');
  expect(performance.now() - from).toBeGreaterThan(2_500);
  expect(performance.now() - from).toBeLessThan(4_500);
  expect(driver.health().reason).toContain('no samples for 3 s');
  card.thaw();
  const before = seconds();
  await expect.poll(seconds, { timeout: 10_000 }).toBeGreaterThan(before + 0.2);
  expect(driver.health().status).toBe('ok');
});

test('a device that does not exist is degraded with what arecord said', async () => {
  const { driver } = alsa('no-such-card');
  await expect.poll(() => driver.health().status, { timeout: 5_000 }).toBe('degraded');
  expect(driver.health().reason).toMatch(/no-such-card.*No such file or directory.*arecord -L/);
});

test('missing programs are named, and do not bring the process down', async () => {
  // Vitest fails a run on an unhandled error, which the library makes of a missing binary when left alone.
  vi.stubEnv('PATH', folder);
  const without = listen(new AlsaMicrophone(card.device, systemClock));
  await expect.poll(() => without.driver.health().detail?.code).toBe('CA_TOOL_MISSING');
  expect(without.driver.health().reason).toMatch(/setpriv: not found.*Install/);
  await without.driver.stop();

  await symlink('/usr/bin/setpriv', join(folder, 'setpriv'));
  const { driver } = listen(new AlsaMicrophone(card.device, systemClock));
  await expect.poll(() => driver.health().detail?.code).toBe('CA_TOOL_MISSING');
  expect(driver.health().reason).toMatch(/arecord.*alsa-utils/);
});

test('stop ends the recorder, nothing arrives after it, and it can be called while the card hangs', async () => {
  const { driver, chunks, seconds } = alsa();
  await expect.poll(seconds).toBeGreaterThan(0.2);
  card.freeze();
  cleanUp.push(() => card.thaw());
  expect(children(process.pid, 'arecord')).toHaveLength(1);
  await driver.stop();
  expect(children(process.pid, 'arecord')).toEqual([]);
  const before = chunks.length;
  card.thaw();
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(chunks).toHaveLength(before);
  expect(driver.health().status).toBe('ok');
});

test('the recorder dies with a killed service, also while the card hangs', async () => {
  const script = `
    import { AlsaMicrophone } from '${join(import.meta.dirname, '../../drivers/microphone/alsa-microphone.ts')}';
    import { systemClock } from '${join(import.meta.dirname, '../../device/clock.ts')}';
    new AlsaMicrophone('${card.device}', systemClock).start(() => process.stdout.write('.'));`;
  const service = spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, ...card.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanUp.push(() => void service.kill('SIGKILL'));
  await once(service.stdout, 'data');
  const [recorder] = children(service.pid ?? 0, 'arecord');
  expect(recorder).toBeDefined();
  // Now it will never meet the broken pipe.
  card.freeze();
  cleanUp.push(() => card.thaw());
  service.kill('SIGKILL');
  await expect.poll(() => commandOf(recorder ?? 0), { timeout: 2_000 }).toBe('');
});

test('a file plays for ever, in real time', async () => {
  const path = join(folder, 'tone.wav');
  await writeFile(path, wav(tone(440, 1)));
  const { driver, chunks, seconds } = listen(new FileMicrophone(path, systemClock));
  await expect.poll(seconds).toBeGreaterThan(0.1);
  const [from, before] = [performance.now(), seconds()];
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const elapsed = (performance.now() - from) / 1_000;
  expect(seconds() - before).toBeGreaterThan(elapsed - 0.3);
  expect(seconds() - before).toBeLessThan(elapsed + 0.3);
  expect(Math.abs(loudPart(chunks).hertz - 440)).toBeLessThan(2);
  expect(driver.health()).toMatchObject({ status: 'ok', detail: { restarts: 0 } });
});

test('a file that is not there is degraded, and played when it comes', async () => {
  const path = join(folder, 'later.wav');
  const { driver, seconds } = listen(new FileMicrophone(path, systemClock));
  await expect.poll(() => driver.health().status, { timeout: 5_000 }).toBe('degraded');
  expect(driver.health().reason).toMatch(/later\.wav: No such file.*Check the path/);
  await writeFile(path, wav(tone(440, 1)));
  await expect.poll(seconds, { timeout: 10_000 }).toBeGreaterThan(0.2);
  expect(driver.health().status).toBe('ok');
});

/** Process ids of the children of `pid` whose command contains `name`. */
function children(pid: number, name: string): number[] {
  const ids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return ids.map(Number).filter((id) => commandOf(id).includes(name));
}

/** The command line of a process; '' when it is gone. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** RIFF WAVE, PCM 16 bits mono. */
function wav(pcm: Buffer): Buffer {
  const header = Buffer.alloc(44);
  header.write('RIFF');
  header.writeUInt32LE(36 + pcm.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(pcm.length, 40);
  return Buffer.concat([header, pcm]);
}
