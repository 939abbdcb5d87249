import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ContactRecord } from '../../device/store/records.ts';
import { launchChromium } from '../stand-ins/chromium.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';
import { contactAnalyzer, type RunningService, startService } from './service.ts';

const ROOT = resolve(import.meta.dirname, '../..');

let folder: string;
let service: RunningService;
let far: Subscriber;
let pageUrl: string;

// The demo as `npm start` runs it, on free ports and with a folder of its own.
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-demo-'));
  const [broker, page] = [await freePort(), await freePort()];
  const demo = readFileSync(join(ROOT, 'config/demo.yaml'), 'utf8')
    .replace('device: demo', 'device: demo-test')
    .replace('../.data/demo', join(folder, 'data'))
    .replaceAll('../.cache', join(ROOT, '.cache'))
    .replace('port: 1883', `port: ${broker}`)
    .replace('port: 8080', `port: ${page}`);
  writeFileSync(join(folder, 'demo.yaml'), demo);
  service = await startService(join(folder, 'demo.yaml'));
  far = await startSubscriber({ url: `mqtt://127.0.0.1:${broker}`, version: '3.1.1' });
  pageUrl = `http://127.0.0.1:${page}`;
});

afterEach(async () => {
  await service?.kill();
  await far?.stop();
  rmSync(folder, { recursive: true });
});

const closed = () =>
  far.messages
    .filter((m) => m.topic.endsWith('/contact.closed'))
    .map((m) => (m.payload as { data: ContactRecord }).data);

test('three kinds of contact within two minutes, each with its clip and scores; the first is reviewed at the page; Ctrl-C closes the open one', async () => {
  await expect.poll(() => closed().length, { timeout: 120_000, interval: 200 }).toBe(3);
  expect(closed().map((c) => [c.tag, c.top, c.served])).toEqual([
    ['positive', true, true],
    ['negative', false, true],
    ['unrated', false, true],
  ]);
  for (const contact of closed()) {
    expect(contact.clip).toMatchObject({ state: 'ready', mediaType: 'video/mp4' });
    expect(existsSync(join(folder, 'data/clips', contact.clip?.file ?? ''))).toBe(true);
    // The demo's patient is a smiling face.
    const [face, sound] = contact.scores;
    expect(face).toMatchObject({ kind: 'face', summary: { verdict: 'positive' } });
    if (face?.kind !== 'face' || sound?.kind !== 'sound') throw new Error('face and sound are scored');
    expect(face.summary.scored).toBeGreaterThan(10);
    expect(face.summary.positive).toBeGreaterThan(0.8);
    // And the sound is a dialogue.
    expect(sound.summary.speech).toBeGreaterThan(0.4);
    expect(sound.summary.conversation).toBe('not available');
    expect(contact.hint).toMatchObject({ kind: null });
    expect(
      service.lines.filter((l) => l.startsWith('contact closed') && l.includes(contact.clip?.file ?? '?')),
    ).toHaveLength(1);
  }
  await reviewInBrowser();

  // The next patient comes; the service is ended while somebody is there.
  const started = () => far.messages.filter((m) => m.topic.endsWith('/contact.started')).length;
  const before = started();
  await expect.poll(started, { timeout: 60_000, interval: 50 }).toBeGreaterThan(before);
  expect(await service.stop()).toBe(0);
  expect(closed()).toHaveLength(started());
  expect(closed().at(-1)).toMatchObject({
    ...{ endReason: 'shutdown', state: 'settled' },
    scores: [{ kind: 'face' }, { kind: 'sound' }],
  });
  expect(far.messages.filter((m) => m.topic.endsWith('/clip.ready'))).toHaveLength(started());
  expect(service.processes()).toEqual([]);
  expect(readdirSync('/dev/shm/contact-analyzer/demo-test/front')).toEqual([]);
}, 240_000);

/** From the code in the terminal to the first reviewed contact, as somebody does who has just started the demo. */
async function reviewInBrowser(): Promise<void> {
  const code = /code (\S+) at/.exec(service.lines.find((line) => line.startsWith('set-up')) ?? '')?.[1];
  expect(code).toBeDefined();
  const browser = await launchChromium(['--autoplay-policy=no-user-gesture-required']);
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const hosts = new Set<string>();
    page.on('request', (request) => hosts.add(new URL(request.url()).host));
    await page.goto(pageUrl);
    await page.getByLabel('Code').fill(code ?? '');
    await page.keyboard.press('Enter');
    await page.getByLabel('Name').fill('quality');
    await page.getByLabel(/^Password/).fill('a long night at the desk');
    await page.getByRole('button', { name: 'Start' }).click();
    await page.locator('.inbox-row').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    const video = page.locator('video');
    const at = () => video.evaluate((node): number => Reflect.get(node, 'currentTime'));
    // It plays by itself, from the arrival on.
    await expect.poll(at, { timeout: 10_000 }).toBeGreaterThan(6);
    if (process.env.PAGE_PICTURES)
      await page.screenshot({ path: join(process.env.PAGE_PICTURES, 'demo-contact.png') });
    await page.keyboard.press('2');
    await page.keyboard.press('d');
    const reviewed = () => far.messages.filter((m) => m.topic.endsWith('/contact.reviewed')).length;
    await expect.poll(reviewed, { timeout: 10_000 }).toBe(1);
    expect([...hosts]).toEqual([new URL(pageUrl).host]);
  } finally {
    await browser.close();
  }
  expect(await contactAnalyzer('verify-log', '--config', join(folder, 'demo.yaml'))).toMatch(/\bOK\b/);
}
