import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ContactRecord } from '../../device/store/records.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';
import { contactAnalyzer, type RunningService, startService } from './service.ts';

/** A desk without any sensor but its camera: whose face comes and goes is counted and recorded, and never scored. */

const MEDIA = resolve(import.meta.dirname, '../../.cache');
const [AWAY, THERE] = [6, 7];
const HOLD = 1.5;

let folder: string;
let service: RunningService;
let far: Subscriber;

/** Nobody for a while, then the face of the demo in a wide picture. H.264 as a camera sends it. */
function film(path: string): void {
  const empty = ['-f', 'lavfi', '-i', `color=c=0x707070:s=640x360:r=15:d=${AWAY}`];
  const face = ['-loop', '1', '-framerate', '15', '-t', `${THERE}`, '-i', join(MEDIA, 'media/astronaut.png')];
  const wide = '[1]scale=360:360,pad=640:360:140:0:color=0x707070,setsar=1[face];[0]setsar=1[empty]';
  const filter = ['-filter_complex', `${wide};[empty][face]concat=n=2,format=yuv420p`];
  const coded = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', '15', '-bf', '0'];
  execFileSync('ffmpeg', ['-v', 'error', '-nostdin', ...empty, ...face, ...filter, ...coded, path]);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-face-'));
  film(join(folder, 'camera.mp4'));
  writeFileSync(join(folder, 'key'), 'ab'.repeat(32), { mode: 0o600 });
  const [broker, page] = [await freePort(), await freePort()];
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      device: 'face-test',
      data: join(folder, 'data'),
      recording: { capture: 'audio+video', soundBasis: 'a test', keep: 'all', preRoll: '2s', postRoll: '1s' },
      vault: { key: { file: join(folder, 'key') } },
      arrival: { confirm: '1s' },
      departure: { confirm: '1s' },
      sensor: { lost: '2s' },
      mqtt: { broker: 'embedded', port: broker },
      page: { port: page },
      clock: { trusted: true },
      desks: {
        front: {
          camera: { driver: 'file', path: join(folder, 'camera.mp4') },
          microphone: { driver: 'file', path: join(MEDIA, 'demo/dialogue.wav') },
          inputs: [{ driver: 'camera', hold: `${HOLD}s` }],
        },
      },
    }),
  );
  service = await startService(config);
  far = await startSubscriber({ url: `mqtt://127.0.0.1:${broker}`, version: '3.1.1' });
});
afterAll(async () => {
  await service?.stop();
  await far?.stop();
  rmSync(folder, { recursive: true });
});

const closed = () =>
  far.messages
    .filter((m) => m.topic.endsWith('/contact.closed'))
    .map((m) => (m.payload as { data: ContactRecord }).data);

test('a face that comes and goes is a contact with its clip, without a score', async () => {
  await expect.poll(() => closed().length, { timeout: 60_000, interval: 200 }).toBeGreaterThan(0);
  const contact = closed()[0];
  expect(contact).toMatchObject({ endReason: 'departed', clip: { state: 'ready', mediaType: 'video/mp4' } });
  expect(contact?.scores).toEqual([]);
  const stay = (Date.parse(contact?.endedAt ?? '') - Date.parse(contact?.startedAt ?? '')) / 1_000;
  // Two pictures a second, and so long after the last face.
  expect(stay).toBeGreaterThan(THERE + HOLD - 1.5);
  expect(stay).toBeLessThan(THERE + HOLD + 1.5);
}, 90_000);

test('while recording is paused the sensor is lost; afterwards patients are seen again', async () => {
  const before = closed().length;
  await expect
    .poll(() => far.messages.filter((m) => m.topic.endsWith('/contact.started')).length, { timeout: 30_000 })
    .toBeGreaterThan(before);
  await contactAnalyzer('pause', 'front', '--config', join(folder, 'config.yaml'));
  await expect.poll(() => closed().length, { timeout: 20_000 }).toBeGreaterThan(before);
  expect(closed()[before]?.endReason).toBe('sensor-lost');
  await contactAnalyzer('resume', 'front', '--config', join(folder, 'config.yaml'));
  await expect
    .poll(() => far.messages.filter((m) => m.topic.endsWith('/contact.started')).length, { timeout: 40_000 })
    .toBeGreaterThan(before + 1);
}, 120_000);
