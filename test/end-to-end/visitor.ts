import type { Browser, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** Somebody at a browser that knows nothing of the page yet, with a keyboard and no mouse. */
export interface Visitor {
  readonly page: Page;
  /** All that should not be: errors, refusals, requests to anywhere else, a mouse. */
  readonly complaints: readonly string[];
  /** What was answered to the player: status, first byte, bytes. */
  readonly played: readonly { readonly url: string; readonly status: number; readonly from: number }[];
  /** Keys, one after the other. */
  press(...keys: string[]): Promise<void>;
  type(text: string): Promise<void>;
  /** Types into a field, once it is shown. */
  write(field: Locator, text: string): Promise<void>;
  /** A link, a button or a box, once it is shown: by Enter, or `key`. */
  use(what: Locator, key?: string): Promise<void>;
  /** A property of the clip's element. */
  media(property: 'currentTime' | 'paused' | 'playbackRate'): Promise<unknown>;
  /** Seconds of the clip that go by in one second. */
  pace(): Promise<number>;
}

/** Opens `url` in a profile of its own. */
export async function visit(browser: Browser, url: string): Promise<Visitor> {
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const { host } = new URL(url);
  const complaints: string[] = [];
  const played: { url: string; status: number; from: number }[] = [];
  const complain = (what: string) => void complaints.push(what);
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complain(message.text());
  });
  page.on('pageerror', (error) => complain(String(error)));
  context.on('request', (request) => {
    if (new URL(request.url()).host !== host) complain(`asked ${request.url()}`);
  });
  context.on('response', (answer) => {
    const [status, asked] = [answer.status(), answer.url()];
    if (status >= 400) complain(`${status} ${asked}`);
    const [, from] = /^bytes (\d+)-/.exec(answer.headers()['content-range'] ?? '') ?? [];
    if (asked.endsWith('/clip')) played.push({ url: asked, status, from: Number(from ?? 0) });
  });
  await page.addInitScript(`
    addEventListener('pointerdown', () => console.error('a mouse'), true);
    addEventListener('securitypolicyviolation', (event) => console.error('policy:', event.violatedDirective));
  `);
  await page.goto(url);
  const video = page.locator('video');
  return {
    ...{ page, complaints, played },
    async press(...keys) {
      for (const key of keys) await page.keyboard.press(key);
    },
    type: (text) => page.keyboard.type(text),
    async write(field, text) {
      await field.waitFor();
      await field.focus();
      await page.keyboard.type(text);
    },
    async use(what, key = 'Enter') {
      await what.waitFor();
      await expect.poll(() => what.isEnabled(), { timeout: 10_000 }).toBe(true);
      await what.focus();
      await page.keyboard.press(key);
    },
    media: (property) => video.evaluate((node, key): unknown => Reflect.get(node, key), property),
    pace: () =>
      page.evaluate<number>(`new Promise((told) => {
        const video = document.querySelector('video');
        const [time, began] = [video.currentTime, performance.now()];
        setTimeout(() => told(((video.currentTime - time) * 1000) / (performance.now() - began)), 600);
      })`),
  };
}
