import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type Clock, systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import type { RatingButton } from '../../drivers/tablet/faces.ts';
import { TabletServer } from '../../drivers/tablet/tablet-server.ts';
import type { InputDriver, InputEvent } from '../../drivers/types.ts';
import { launchChromium } from '../stand-ins/chromium.ts';

/**
 * By these names a page has no secure context, as in a clinic's network: by http://127.0.0.1 Chromium would give it all
 * that only https has.
 */
export const NAME = 'tablet.test';
export const ELSEWHERE = 'elsewhere.test';
/** A browser that finds all names below `.test` on this machine. */
export const launch = (): Promise<Browser> => launchChromium(['--host-resolver-rules=MAP *.test 127.0.0.1']);

export const CODE = 'front-desk-code';

const SCALES: Record<number, RatingButton['tag'][]> = {
  2: ['negative', 'positive'],
  3: ['negative', 'neutral', 'positive'],
  4: ['negative', 'negative', 'positive', 'positive'],
  5: ['negative', 'negative', 'neutral', 'positive', 'positive'],
};

/** The buttons of a desk, `rate-1` being the worst. */
export function buttonsOf(count: number): RatingButton[] {
  return (SCALES[count] ?? []).map((tag, i) => ({ name: `rate-${i + 1}`, rating: i + 1, tag }));
}

export interface Desk {
  server: TabletServer;
  input: InputDriver;
  /** What the driver has told. */
  events: InputEvent[];
  port: number;
  /** Of the page. */
  url: string;
  stop(): Promise<void>;
}

/** The desk `front` with its tablet page, at 127.0.0.1. */
export async function serve(
  options: { buttons?: number; code?: string; port?: number; clock?: Clock } = {},
): Promise<Desk> {
  const { buttons = 3, code = CODE, port = 0, clock = systemClock } = options;
  const server = new TabletServer({ host: '127.0.0.1', port, clock, log: createLog('error') });
  const input = server.input({ desk: 'front', code, buttons: buttonsOf(buttons) });
  const events: InputEvent[] = [];
  await server.start(new AbortController().signal);
  input.start((event) => events.push(event));
  const bound = Number(new URL(server.address).port);
  return {
    ...{ server, input, events, port: bound, url: `http://${NAME}:${bound}/front/${code}` },
    async stop() {
      await input.stop();
      await server.stop();
    },
  };
}

/** A tablet that shows the page. `complaints`: errors of its scripts and breaches of its policy. */
export async function openTablet(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({
    ...{ viewport: { width: 1024, height: 600 }, hasTouch: true, locale: 'ru-RU', ...options },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (/policy|Trusted/i.test(message.text())) complaints.push(message.text());
  });
  await page.goto(url);
  await page.getByRole('button').first().waitFor();
  return { page, complaints };
}
