import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { CODE, type Desk, ELSEWHERE, launch, NAME, openTablet, serve } from './tablet-rig.ts';

/** The device goes and comes back, and others than patients press. */

let browser: Browser;
const cleanUp: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());
afterEach(async () => {
  for (const end of cleanUp.splice(0).reverse()) await end();
});

async function started(...options: Parameters<typeof serve>): Promise<Desk> {
  const desk = await serve(...options);
  cleanUp.push(desk.stop);
  return desk;
}

async function tablet(url: string): Promise<Page> {
  const { page } = await openTablet(browser, url);
  cleanUp.push(() => page.context().close());
  return page;
}

const face = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const presses = (desk: Desk) =>
  desk.events.map((event) => (event.kind === 'press' ? event.button : event.kind));
/** What the page keeps for the device. */
const kept = (page: Page) => page.evaluate(`Object.values(localStorage).flatMap(JSON.parse).length`);
/** The page asks at once what it would ask within 10 s. */
const wake = (page: Page) => page.evaluate(`window.dispatchEvent(new Event('online'))`);

test('a press while the device is away is thanked, and counts once when it is back, at its true time', async () => {
  const before = await started();
  const page = await tablet(before.url);
  await before.stop();
  const at = performance.now();
  await face(page, 'Хорошо').tap();
  await page.getByText('Спасибо!').first().waitFor();
  const made = process.hrtime.bigint();
  await page.getByText('Связь восстанавливается, оценки сохраняются').waitFor();
  expect(await kept(page)).toBe(1);
  expect(presses(before)).toEqual([]);

  const desk = await started({ port: before.port });
  await expect.poll(() => presses(desk), { timeout: 8_000 }).toEqual(['rate-3']);
  const error = (desk.events[0]?.at.mono ?? 0) - Number(made) / 1e6;
  expect(error).toBeLessThan(50);
  expect(error).toBeGreaterThan(at - performance.now());
  await page.locator('#notice').waitFor({ state: 'hidden' });
  expect(await kept(page)).toBe(0);
  // Another round, and nothing comes twice.
  const asked = page.waitForResponse((answer) => answer.url().endsWith('/state'));
  await wake(page);
  await asked;
  expect(presses(desk)).toEqual(['rate-3']);
});

test('a press whose answer was lost is sent again and counted once', async () => {
  const desk = await started();
  const page = await tablet(desk.url);
  let lost = 0;
  await page.route('**/presses', async (route) => {
    if (lost++ > 0) return route.continue();
    const { pathname } = new URL(route.request().url());
    await fetch(`http://127.0.0.1:${desk.port}${pathname}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: route.request().postData(),
    });
    return route.abort();
  });
  await face(page, 'Плохо').tap();
  await expect.poll(() => lost, { timeout: 8_000 }).toBe(2);
  await expect.poll(() => kept(page)).toBe(0);
  expect(presses(desk)).toEqual(['rate-1']);
});

test('a press that the network held up for 20 s is late, though it says that it is fresh', async () => {
  const clock = new ManualClock();
  const desk = await started({ clock });
  const page = await tablet(desk.url);
  await page.route('**/presses', async (route) => {
    expect(route.request().postDataJSON().ago).toBeLessThan(5_000);
    clock.advance(20_000);
    await route.continue();
  });
  await face(page, 'Плохо').tap();
  await expect.poll(() => desk.input.health().detail?.late).toBe(1);
  expect(presses(desk)).toEqual([]);
});

test('a press that outlived its page comes late: it is counted as such and told to nobody', async () => {
  const before = await started();
  const page = await tablet(before.url);
  await before.stop();
  await face(page, 'Плохо').tap();
  await expect.poll(() => kept(page)).toBe(1);
  await page.goto('about:blank');
  const desk = await started({ port: before.port });
  await page.goto(desk.url);
  await expect.poll(() => desk.input.health().detail?.late).toBe(1);
  expect(presses(desk)).toEqual([]);
  await expect.poll(() => kept(page)).toBe(0);
});

test('other buttons come to the tablet by themselves', async () => {
  const before = await started({ buttons: 2 });
  const page = await tablet(before.url);
  expect(await page.getByRole('button').count()).toBe(2);
  await before.stop();
  await wake(page);
  await page.locator('#notice').waitFor();
  const desk = await started({ port: before.port, buttons: 5 });
  await expect.poll(() => page.getByRole('button').count(), { timeout: 8_000 }).toBe(5);
  await face(page, 'Отлично').tap();
  await expect.poll(() => presses(desk)).toEqual(['rate-5']);
});

test('a code that is wrong opens nothing; a page whose code was changed says so to staff', async () => {
  const before = await started();
  const page = await tablet(before.url);
  const answer = await page.context().request.get(`http://127.0.0.1:${before.port}/front/wrong-code`);
  expect(answer.status()).toBe(404);
  await before.stop();
  const desk = await started({ port: before.port, code: 'another-code' });
  await face(page, 'Хорошо').tap();
  await page.getByText('Этот адрес больше не действует').waitFor();
  expect(presses(desk)).toEqual([]);
});

/** Lets a page of another site send a press, in each of the ways that a browser offers. */
const ATTACK = `async ({ url, press }) => {
  const attempt = (headers, mode) =>
    fetch(url, { method: 'POST', body: JSON.stringify(press), headers, mode }).then(
      (answer) => answer.type + ' ' + answer.status,
      () => 'refused',
    );
  return [
    await attempt({ 'content-type': 'application/json' }, 'cors'),
    await attempt({ 'content-type': 'text/plain' }, 'no-cors'),
    await attempt({}, 'no-cors'),
    await fetch(url.replace('presses', 'state')).then((a) => a.text(), () => 'refused'),
  ];
}`;

test('a page of another site cannot press, even with the code', async () => {
  const desk = await started();
  const elsewhere = await started();
  const page = await tablet(elsewhere.url.replace(NAME, ELSEWHERE));
  // The other site's own policy must not be what stops it.
  await page.route('**/blank', (route) => route.fulfill({ contentType: 'text/html', body: '<p>Hello' }));
  await page.goto(`http://${ELSEWHERE}:${elsewhere.port}/blank`);
  const state = await page.context().request.get(`http://127.0.0.1:${desk.port}/front/${CODE}/state`);
  const { session, stamp } = await state.json();
  const press = { id: '0b9d6f0e-7d6c-4b6e-9d0c-0123456789ab', button: 'rate-3', ago: 0, session, stamp };
  const statuses: number[] = [];
  page.on('response', (answer) => statuses.push(answer.status()));
  const told = { url: `${desk.url}/presses`, press: { ...press, elapsed: 0 } };
  const said = await page.evaluate(`(${ATTACK})(${JSON.stringify(told)})`);
  expect(said).toEqual(['refused', expect.any(String), expect.any(String), 'refused']);
  expect(statuses.filter((status) => status < 400 && status !== 0)).toEqual([]);
  expect(presses(desk)).toEqual([]);
  // The same press from nowhere counts: it was the origin that was refused.
  const answer = await page.context().request.post(`http://127.0.0.1:${desk.port}/front/${CODE}/presses`, {
    data: told.press,
  });
  expect(answer.status()).toBe(200);
});

test('of a flood of presses no two are within half a second', async () => {
  const desk = await started();
  const base = `http://127.0.0.1:${desk.port}/front/${CODE}`;
  const { session, stamp } = (await (await fetch(`${base}/state`)).json()) as Record<string, unknown>;
  const from = performance.now();
  const flood = Array.from({ length: 300 }, async () => {
    const press = { id: crypto.randomUUID(), button: 'rate-1', ago: 0, session, stamp, elapsed: 0 };
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${base}/presses`, { method: 'POST', headers, body: JSON.stringify(press) });
    return answer.status;
  });
  // A refused connection is as good as a 429.
  const statuses = (await Promise.allSettled(flood)).map((one) =>
    one.status === 'fulfilled' ? one.value : 429,
  );
  const counted = statuses.filter((status) => status === 200).length;
  expect(counted).toBeGreaterThanOrEqual(1);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(presses(desk)).toHaveLength(counted);
  expect(counted).toBeLessThanOrEqual(1 + (performance.now() - from) / 500);
  expect((await fetch(base)).status).toBe(200);
});

test('a port that is taken is waited for', async () => {
  const port = await freePort();
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  expect((other.address() as AddressInfo).port).toBe(port);
  const clock = new ManualClock();
  const desk = await started({ port, clock });
  expect(desk.server.health()).toMatchObject({
    status: 'degraded',
    reason: expect.stringContaining(`port ${port} of 127.0.0.1 is taken`),
    detail: { code: 'CA_PORT_IN_USE' },
  });
  expect(desk.input.health().status).toBe('degraded');
  other.close();
  await once(other, 'close');
  await expect
    .poll(() => {
      clock.advance(1_000);
      return desk.server.health().status;
    })
    .toBe('ok');
  expect((await fetch(`http://127.0.0.1:${port}/front/${CODE}`)).status).toBe(200);
});
