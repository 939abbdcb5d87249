import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../device/clock.ts';
import { buttonsOf, type Desk, launch, openTablet, serve } from './tablet-rig.ts';

/** The real page in a real browser, touched and typed at. */

/** Where the pictures go; kept for whoever wants to look. */
const PICTURES = process.env.PAGE_PICTURES ?? join(tmpdir(), 'contact-analyzer-tablet');

let browser: Browser;
let desk: Desk;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  await page.context().close();
  await desk.stop();
  expect(complaints).toEqual([]);
});

async function open(buttons: number, options: BrowserContextOptions = {}): Promise<void> {
  desk = await serve({ buttons });
  ({ page, complaints } = await openTablet(browser, desk.url, options));
}

const face = (name: string) => page.getByRole('button', { name, exact: true });
const thanks = () => page.locator('#thanks');
const pressed = () => desk.events.map((event) => (event.kind === 'press' ? event.button : event.kind));

/** A finger at the middle of a face, moved by `dx` and lifted after `ms`. */
async function finger(name: string, { ms = 0, dx = 0 } = {}): Promise<void> {
  const box = await face(name).boundingBox();
  if (!box) throw new Error(`${name} is not there`);
  const x = box.x + box.width / 2;
  const y = box.y + box.height / 2;
  const session: CDPSession = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', at: { x: number; y: number }[]) =>
    session.send('Input.dispatchTouchEvent', { type, touchPoints: at });
  await touch('touchStart', [{ x, y }]);
  if (ms > 0) await page.waitForTimeout(ms);
  if (dx !== 0) await touch('touchMove', [{ x: x + dx, y }]);
  await touch('touchEnd', []);
}

test('a touch is a press, made when the finger was lifted; the patient is thanked, and it is the next one’s turn', async () => {
  await open(3);
  const before = systemClock.now();
  await finger('Хорошо');
  await thanks().waitFor();
  expect(await thanks().innerText()).toBe('Спасибо!');
  await expect.poll(pressed).toEqual(['rate-3']);
  const at = desk.events[0]?.at;
  expect(at?.mono).toBeGreaterThan(before.mono - 50);
  expect(at?.mono).toBeLessThan(systemClock.now().mono);
  await thanks().waitFor({ state: 'hidden' });
  await finger('Плохо');
  await expect.poll(pressed).toEqual(['rate-3', 'rate-1']);
});

test('two fast touches are one press', async () => {
  await open(3);
  const boxes = await Promise.all(['Плохо', 'Хорошо'].map((name) => face(name).boundingBox()));
  for (const box of [...boxes, ...boxes]) if (box) await page.touchscreen.tap(box.x + 50, box.y + 50);
  await expect.poll(pressed).toEqual(['rate-1']);
  await thanks().waitFor({ state: 'hidden' });
  // Both hands at once.
  const session = await page.context().newCDPSession(page);
  const touchPoints = boxes.flatMap((box, id) => (box ? [{ x: box.x + 50, y: box.y + 50, id }] : []));
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await thanks().waitFor();
  await thanks().waitFor({ state: 'hidden' });
  expect(pressed()).toHaveLength(2);
});

test('a finger that rests is a press, one that slides off is not', async () => {
  await open(3);
  await finger('Плохо', { dx: 330 });
  expect(await thanks().isVisible()).toBe(false);
  // Longer than it takes Chromium to call it a long press, after which it makes no click of it.
  await finger('Нормально', { ms: 1_000 });
  await expect.poll(pressed).toEqual(['rate-2']);
});

test('works by keyboard: the focus is seen, and is where it was after the thanks', async () => {
  await open(3);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  const outline = await page.locator('button:focus').evaluate((node) => {
    const style = Reflect.get(globalThis, 'getComputedStyle')(node);
    return `${style.outlineStyle} ${style.outlineWidth}`;
  });
  expect(outline).toBe('solid 5px');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect.poll(pressed).toEqual(['rate-2']);
  await thanks().waitFor({ state: 'hidden' });
  expect(pressed()).toEqual(['rate-2']);
  expect(await page.locator('button:focus').innerText()).toBe('Нормально');
  await page.keyboard.press('Space');
  await expect.poll(pressed).toEqual(['rate-2', 'rate-2']);
});

test('screen readers hear the question, the faces by their words, and the thanks', async () => {
  await open(5);
  expect(await page.locator('body').ariaSnapshot()).toBe(
    [
      '- main "Как вас обслужили?":',
      '  - heading "Как вас обслужили?" [level=1]',
      ...['Отлично', 'Хорошо', 'Нормально', 'Плохо', 'Очень плохо'].map((name) => `  - button "${name}"`),
      '- status',
    ].join('\n'),
  );
  await face('Очень плохо').click();
  await expect.poll(() => page.getByRole('status').textContent()).toBe('Спасибо!');
  // Behind the thanks there is nothing to press.
  expect(await page.getByRole('button', { disabled: false }).count()).toBe(0);
  await expect.poll(pressed).toEqual(['rate-1']);
});

test.each([
  ['en-GB', 'en', 'How did we serve you?', 'Good'],
  ['de-DE', 'ru', 'Как вас обслужили?', 'Хорошо'],
])('a browser in %s is spoken to in %s', async (locale, lang, question, good) => {
  await open(2, { locale });
  expect(await page.locator('html').getAttribute('lang')).toBe(lang);
  expect(await page.title()).toBe(question);
  expect(await face(good).count()).toBe(1);
});

test.each([2, 3, 4, 5])('%i faces fit, large and apart', async (count) => {
  await open(count);
  for (const [width, height] of [
    [1024, 600],
    [360, 640],
  ] as const) {
    await page.setViewportSize({ width, height });
    const boxes = await page.getByRole('button').evaluateAll((buttons) =>
      buttons.map((button) => {
        const { left, top, right, bottom } = button.getBoundingClientRect();
        const clipped = button.scrollWidth > button.clientWidth || button.scrollHeight > button.clientHeight;
        return { left, top, right, bottom, clipped };
      }),
    );
    expect(boxes).toHaveLength(count);
    for (const [i, { left, top, right, bottom, clipped }] of boxes.entries()) {
      expect(clipped).toBe(false);
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(width);
      expect(bottom).toBeLessThanOrEqual(height);
      // All together they are most of the screen; 44 px are the least that a finger hits.
      expect((right - left) * (bottom - top)).toBeGreaterThan((0.6 * width * height) / count);
      expect(Math.min(right - left, bottom - top)).toBeGreaterThan(80);
      const next = boxes[i + 1];
      if (next) expect(next.left >= right + 8 || next.top >= bottom + 8).toBe(true);
    }
    const whole = await page.locator('html').evaluate((html) => [html.scrollWidth, html.scrollHeight]);
    expect(whole).toEqual([width, height]);
    await page.screenshot({ path: join(PICTURES, `${count}-${width}x${height}.png`) });
  }
});

test('nothing moves where people do not want it to', async () => {
  await open(2, { reducedMotion: 'reduce' });
  await face('Хорошо').tap();
  await thanks().waitFor();
  expect(await page.evaluate('document.getAnimations().length')).toBe(0);
});

test('what is written stands out from its ground, at least 4.5 to 1, and what is drawn 3 to 1', async () => {
  await open(5);
  const seen = await page.evaluate(`(() => {
    const rgb = (text) => text.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const style = (node) => getComputedStyle(node);
    const light = (color) => {
      const [r, g, b] = rgb(color).map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    };
    const contrast = (a, b) => Math.max(light(a), light(b)) / Math.min(light(a), light(b));
    const ground = style(document.body).backgroundColor;
    const hex = (button, name) => {
      const probe = document.createElement('i');
      probe.style.color = style(button).getPropertyValue(name);
      document.body.append(probe);
      return style(probe).color;
    };
    const buttons = [...document.querySelectorAll('button')];
    const text = buttons.map((b) => contrast(style(b).color, style(b).backgroundColor));
    for (const part of ['h1', '#notice']) text.push(contrast(style(document.querySelector(part)).color, ground));
    text.push(...buttons.map((b) => contrast(style(b).color, hex(b, '--soft'))));
    return { text, drawn: buttons.map((b) => contrast(hex(b, '--skin'), hex(b, '--line'))) };
  })()`);
  const { text, drawn } = seen as { text: number[]; drawn: number[] };
  expect(text).toHaveLength(12);
  expect(Math.min(...text)).toBeGreaterThanOrEqual(4.5);
  expect(Math.min(...drawn)).toBeGreaterThanOrEqual(3);
  expect(buttonsOf(5)).toHaveLength(drawn.length);
});
