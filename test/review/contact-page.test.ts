import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../stand-ins/chromium.ts';
import { contact, putContacts } from './contacts.ts';
import { idsOf, type Looking, look, makeClip, PRE_ROLL, putReviewable } from './review-rig.ts';
import { type PageRig, somebody } from './rig.ts';

const MINUTE = 60_000;
const NEGATIVE = {
  pressed: [
    [12, 3],
    [15, 1],
  ] as [number, number][],
  scored: true,
};

/** A machine with much to do answers later. */
const soon = <T>(what: () => T) => expect.poll(what, { timeout: 10_000 });

let browser: Browser;
let clip: Buffer;
let looking: Looking;

beforeAll(async () => {
  browser = await launchChromium();
  clip = await makeClip();
});
afterAll(() => browser.close());
afterEach(() => looking.stop());

const negatives = (count: number) => async (rig: PageRig) => {
  const now = Date.now();
  for (let n = 1; n <= count; n++)
    await putReviewable(rig, clip, `neg-${n}`, now - n * 10 * MINUTE, NEGATIVE);
};
/** Without clips: what is neither heard nor seen is shown sooner. */
const silent = (count: number) => async (rig: PageRig) => {
  const now = Date.now();
  for (let n = 1; n <= count; n++) {
    putContacts(rig, contact(`neg-${n}`, now - n * 10 * MINUTE, { pressed: NEGATIVE.pressed }));
    rig.store.reviews.queue.put(`neg-${n}`);
  }
};
const path = () => new URL(looking.page.url()).pathname;
const media = (name: 'currentTime' | 'paused' | 'playbackRate' | 'error') =>
  looking.page.locator('video').evaluate((video, key): unknown => Reflect.get(video, key), name);
const time = async () => Number(await media('currentTime'));
const reviewOf = (id: string) => looking.rig.store.reviews.of(id);
const form = () => looking.page.locator('.contact-review');
const said = { tag: 'neutral', causes: [], comment: 'theirs', revision: 0 };

/** Out of the inbox into its first contact, by keyboard. */
async function openFirst(): Promise<void> {
  await looking.page.locator('.inbox-row').first().waitFor();
  await looking.page.keyboard.press('j');
  await looking.page.keyboard.press('Enter');
  await form().waitFor();
}

test('the clip plays at once from the arrival, and keys, clicks and the slider move in it', async () => {
  looking = await look(browser, '/inbox', negatives(1));
  const { page, complaints } = looking;
  const ranges: number[] = [];
  page.on('response', (answer) => {
    if (answer.url().endsWith('/clip')) ranges.push(answer.status());
  });
  // Where it began, however late that is asked for.
  await page.evaluate(
    `document.addEventListener('playing', ({ target }) => (globalThis.began ??= target.currentTime), true);`,
  );
  await openFirst();
  await soon(() => media('paused')).toBe(false);
  await soon(() => page.evaluate('globalThis.began')).toBeGreaterThanOrEqual(PRE_ROLL / 1000);
  expect(await page.evaluate('globalThis.began')).toBeLessThan(PRE_ROLL / 1000 + 1);
  await page.keyboard.press('Space');
  await soon(() => media('paused')).toBe(true);

  await page.keyboard.press('p');
  await soon(time).toBeCloseTo(15, 1);
  await page.keyboard.press('p');
  await soon(time).toBeCloseTo(18, 1);
  await page.keyboard.press('ArrowLeft');
  await soon(time).toBeCloseTo(13, 1);
  await page.keyboard.press('Shift+ArrowRight');
  await soon(time).toBeCloseTo(14, 1);
  // The face is negative and the voice raised: the three seconds from the tenth after the arrival say most.
  await page.keyboard.press('m');
  await soon(time).toBeCloseTo(PRE_ROLL / 1000 + 9, 1);

  await page.keyboard.press(']');
  await page.keyboard.press(']');
  expect(await media('playbackRate')).toBe(1.5);
  await page.keyboard.press('[');
  expect(await media('playbackRate')).toBe(1.25);
  await page.getByRole('button', { name: '2×' }).click();
  expect(await media('playbackRate')).toBe(2);

  const track = await page.locator('.contact-track').boundingBox();
  if (!track) throw new Error('there is no timeline');
  await page.mouse.click(track.x + track.width * 0.75, track.y + track.height / 2);
  await soon(time).toBeCloseTo(18, 0);
  await page.mouse.move(track.x + track.width * 0.75, track.y + track.height / 2);
  await page.mouse.down();
  await page.mouse.move(track.x + track.width * 0.25, track.y + track.height / 2, { steps: 4 });
  await page.mouse.up();
  await soon(time).toBeCloseTo(6, 0);
  const slider = page.getByRole('slider', { name: 'Position in the clip' });
  await slider.fill('20');
  await soon(time).toBeCloseTo(20, 1);
  expect(await slider.getAttribute('aria-valuetext')).toBe('0:17 of 0:21');

  expect(await media('error')).toBeNull();
  expect(ranges.every((status) => status === 206)).toBe(true);
  await page.getByText('estimates of models').first().waitFor();
  expect(complaints).toEqual([]);
});

test('what is drawn is said in a table, too', async () => {
  looking = await look(browser, '/contacts/neg-1', negatives(1));
  const { page } = looking;
  await page.locator('.contact-wave').first().waitFor();
  await expectFits(1280);
  await page.getByText('The same as a table').click();
  await page.locator('.contact-table tbody tr').first().waitFor();
  const lines = await page.locator('.contact-table tbody tr').allInnerTexts();
  const plain = lines.map((line) => line.replaceAll(/\s+/g, ' ').trim());
  for (const line of [
    '0:00 arrival',
    '0:12 press 3 (neutral)',
    '0:15 press 1 (negative)',
    '0:19 departure',
    '0:09 0:14 face negative (estimate)',
    '0:07 0:09 face could not be told',
    '0:10 0:12 raised voice (estimate)',
    '0:17 0:18 no sound was captured',
  ])
    expect(plain).toContain(line);
  await page.getByRole('button', { name: 'go to 0:10' }).first().click();
  await soon(time).toBeGreaterThanOrEqual(12.9);
});

test('a browser that will not play by itself shows a button, and no error', async () => {
  looking = await look(browser, '/contacts/neg-1', negatives(1));
  const { page } = looking;
  // A browser's own answer until somebody touches the page; one that is driven from outside counts as touched.
  await page.addInitScript(`
    const { play } = HTMLMediaElement.prototype;
    let touched = false;
    addEventListener('pointerdown', () => (touched = true), true);
    HTMLMediaElement.prototype.play = function () {
      return touched ? play.call(this) : Promise.reject(new DOMException('not yet', 'NotAllowedError'));
    };
  `);
  await page.reload();
  await page.getByRole('button', { name: 'Play from the arrival' }).click();
  await soon(() => media('paused')).toBe(false);
  expect(await page.getByRole('alert').count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Play from the arrival' }).count()).toBe(0);
});

test('ten contacts are reviewed by keyboard alone', { timeout: 90_000 }, async () => {
  looking = await look(browser, '/inbox', negatives(10));
  const { page, rig, complaints } = looking;
  await openFirst();
  await page.getByRole('option').first().waitFor();
  for (let n = 1; n <= 10; n++) {
    await soon(path).toBe(`/contacts/neg-${n}`);
    await page.locator(`video[src*="/neg-${n}/"]`).waitFor();
    await page.keyboard.press(n % 2 ? '3' : '2');
    await page.keyboard.press('c');
    await page.keyboard.type('queue');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await page.keyboard.press('t');
    await page.keyboard.type(`done ${n}`);
    await page.keyboard.press(n === 3 ? 'Escape' : 'Control+Enter');
    if (n === 3) await page.keyboard.press('d');
  }
  await page.getByText('Nothing left to review here.').waitFor();
  expect(path()).toBe('/inbox');
  for (let n = 1; n <= 10; n++) {
    const review = reviewOf(`neg-${n}`);
    expect([review?.tag, review?.comment, review?.causes.length]).toEqual([
      ...[n % 2 ? 'negative' : 'neutral', `done ${n}`, 1],
    ]);
    expect(rig.store.reviews.hasReviewed(`neg-${n}`, 'a-reviewer')).toBe(true);
  }
  expect(complaints).toEqual([]);
});

test('what was done can be undone for a while', async () => {
  looking = await look(browser, '/inbox', silent(2));
  const { page, rig } = looking;
  await openFirst();
  await page.keyboard.press('3');
  await page.keyboard.press('d');
  await soon(path).toBe('/contacts/neg-2');
  await page.getByRole('status').getByRole('button', { name: 'Undo' }).waitFor();
  expect(rig.store.reviews.hasReviewed('neg-1', 'a-reviewer')).toBe(true);
  await page.keyboard.press('u');
  await soon(path).toBe('/contacts/neg-1');
  expect(rig.store.reviews.hasReviewed('neg-1', 'a-reviewer')).toBe(false);
  await soon(() => page.title()).toMatch(/^2 left/);
});

test('out of the inbox the way goes along the inbox, from elsewhere along the desk', async () => {
  looking = await look(browser, '/inbox', async (rig) => {
    const now = Date.now();
    for (let n = 1; n <= 3; n++) {
      const about = { pressed: NEGATIVE.pressed, desk: n === 2 ? 'back' : 'front' };
      putContacts(rig, contact(`neg-${n}`, now - n * 10 * MINUTE, about));
      rig.store.reviews.queue.put(`neg-${n}`);
    }
  });
  const { page } = looking;
  await openFirst();
  await page.keyboard.press('n');
  await soon(path).toBe('/contacts/neg-2');
  await page.reload();
  await form().waitFor();
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await soon(path).toBe('/contacts/neg-3');
  await page.keyboard.press('Escape');
  await page.locator('.inbox-row').first().waitFor();

  await page.goto(`${looking.rig.url}/search`);
  await page.locator('a[href="/contacts/neg-3"]').click();
  await form().waitFor();
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await soon(path).toBe('/contacts/neg-1');
  await page.getByRole('button', { name: 'Done', exact: true }).waitFor();
  await soon(() => page.getByRole('button', { name: 'Next', exact: true }).isDisabled()).toBe(true);
});

test('what is left is counted over the part of the inbox that was looked at', async () => {
  looking = await look(browser, '/inbox', async (rig) => {
    await silent(2)(rig);
    const [blind = ''] = idsOf('calm', 1, true);
    await putReviewable(rig, clip, blind, Date.now() - MINUTE, { pressed: [[14, 5]] });
  });
  const { page } = looking;
  await page.getByRole('button', { name: 'Negative 2' }).click();
  await openFirst();
  await soon(() => page.title()).toMatch(/^2 left/);
});

test('beyond the first page of the inbox the next one is the next one', async () => {
  looking = await look(browser, '/inbox', async (rig) => {
    const now = Date.now();
    const id = (n: number) => `neg-${String(n).padStart(3, '0')}`;
    putContacts(
      rig,
      ...Array.from({ length: 102 }, (_, n) => contact(id(n), now - (n + 1) * MINUTE, { pressed: [[5, 1]] })),
    );
    for (let n = 0; n < 102; n++) rig.store.reviews.queue.put(id(n));
  });
  const { page } = looking;
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.locator('.inbox-row[data-id=neg-099]').click();
  await form().waitFor();
  await page.reload();
  // The last one of the second page: who follows stands on the third.
  await page.getByRole('button', { name: 'Done, next' }).click();
  await soon(path).toBe('/contacts/neg-100');
  await soon(() => page.title()).toMatch(/^101 left/);
  await page.getByRole('button', { name: 'Previous' }).click();
  await soon(path).toBe('/contacts/neg-098');
});

test('an address without a contact has a heading and a title', async () => {
  looking = await look(browser, '/contacts/nobody', silent(1));
  const { page } = looking;
  await page.getByRole('heading', { level: 1, name: 'There is no such contact' }).waitFor();
  await soon(() => page.title()).toMatch(/There is no such contact/);
});

test('one of the sample is judged without presses and scores, which are shown then', async () => {
  const [blind = ''] = idsOf('calm', 1, true);
  looking = await look(browser, '/inbox', async (rig) => {
    await putReviewable(rig, clip, blind, Date.now() - MINUTE, { pressed: [[14, 5]], scored: true });
  });
  const { page } = looking;
  await openFirst();
  await page.getByText('Chosen at random').waitFor();
  await soon(() => media('paused')).toBe(false);
  expect(await page.locator('.contact-press, .contact-curve, .contact-facts .chip').count()).toBe(0);
  await page.locator('.contact-wave').first().waitFor();
  // Nothing is chosen for the reviewer, and without a choice nothing is saved.
  expect(await page.locator('.contact-tags input').count()).toBe(3);
  expect(await page.locator('.contact-tags input:checked').count()).toBe(0);
  expect(await page.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
  await page.keyboard.press('0');
  await page.keyboard.press('d');
  expect(reviewOf(blind)).toBeNull();
  await page.keyboard.press('2');
  await page.keyboard.press('d');
  await page.getByText('You: neutral; press: positive; models: negative.').waitFor();
});

test('nothing of a clip that nobody complained about is loaded before a reason is given', async () => {
  const [calm = ''] = idsOf('rest', 1, false);
  looking = await look(browser, '/inbox', async (rig) => {
    await putReviewable(rig, clip, calm, Date.now() - MINUTE, { pressed: [[14, 5]] });
  });
  const { page, complaints } = looking;
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(`${looking.rig.url}/contacts/${calm}`);
  const dialog = page.getByRole('dialog', { name: 'Why is this clip opened?' });
  await dialog.waitFor();
  // It can be put off.
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(asked.filter((one) => /\/(clip|waveform)$/.test(one))).toEqual([]);
  await page.getByRole('button', { name: 'Open the clip' }).click();
  await dialog.getByLabel('Training').check();
  await dialog.getByLabel('In your words').fill('for the newcomers');
  await page.keyboard.press('Enter');
  await soon(() => media('paused')).toBe(false);
  // And who looks at the contact later finds who wanted to see it, and why.
  await page.locator('.contact-facts').getByText('Training – for the newcomers').waitFor();
  expect(complaints).toEqual([]);
});

test('who has changed a review meanwhile is told, and what was typed is kept', async () => {
  looking = await look(browser, '/contacts/neg-1', silent(1));
  const { page, rig } = looking;
  await page.getByLabel('Comment').fill('mine');
  const me = rig.who;
  rig.who = somebody('admin', { accountId: 'a-other', name: 'other' });
  await rig.ask('PUT', '/api/contacts/neg-1/review', said);
  rig.who = me;
  await page.keyboard.press('Control+Enter');
  await page.getByText('other has changed this review meanwhile').waitFor();
  await page.getByText('Theirs: Neutral; causes: none; comment: theirs').waitFor();
  expect(await page.getByLabel('Comment').inputValue()).toBe('mine');
  expect(reviewOf('neg-1')?.comment).toBe('theirs');
  await page.getByRole('button', { name: /^Keep mine/ }).click();
  await page.getByLabel('Comment').focus();
  await page.keyboard.press('Control+Enter');
  await soon(() => reviewOf('neg-1')).toMatchObject({ comment: 'mine', tag: null, revision: 2 });
});

test('what is not yet saved survives a reload, for the same account only', async () => {
  looking = await look(browser, '/contacts/neg-1', silent(1));
  const { page, rig } = looking;
  await page.getByLabel('Comment').fill('half a sentence');
  await page.getByLabel('Negative', { exact: true }).check();
  await page.reload();
  await soon(() => page.getByLabel('Comment').inputValue()).toBe('half a sentence');
  expect(await page.getByLabel('Negative', { exact: true }).isChecked()).toBe(true);
  rig.who = somebody('reviewer', { accountId: 'a-other', name: 'other' });
  await page.reload();
  await form().waitFor();
  expect(await page.getByLabel('Comment').inputValue()).toBe('');
});

test('keys do nothing while somebody types', async () => {
  looking = await look(browser, '/contacts/neg-1', negatives(1));
  const { page } = looking;
  await page.getByLabel('Comment').click();
  await page.keyboard.type('d n b 1 m ?');
  expect(await page.getByLabel('Comment').inputValue()).toBe('d n b 1 m ?');
  expect(await page.getByLabel('As pressed').isChecked()).toBe(true);
  expect(await page.getByRole('dialog').count()).toBe(0);
  expect(reviewOf('neg-1')).toBeNull();
});

test('a measure, a hold, and a contact that is erased', async () => {
  looking = await look(browser, '/contacts/neg-1', silent(1), { role: 'admin' });
  const { page, rig } = looking;
  await form().waitFor();
  await page.getByRole('option', { name: 'Queue at the desk' }).click();
  await page.keyboard.press('a');
  const measure = page.getByRole('dialog', { name: 'New measure' });
  await measure.getByText('Causes that it is about: Queue at the desk').waitFor();
  expect(await measure.locator('select[name=desk]').inputValue()).toBe('front');
  await measure.getByLabel('What is done').fill('A second desk on Mondays');
  await measure.getByLabel('Owner').fill('head of reception');
  await measure.getByLabel('Due').fill('2030-01-31');
  await page.keyboard.press('Enter');
  await page.getByText('A second desk on Mondays: head of reception').waitFor();
  expect(rig.store.reviews.measures.all(true)).toMatchObject([
    { desk: 'front', causes: ['queue'], contactId: 'neg-1', due: '2030-01-31' },
  ]);

  const menu = page.locator('.contact-head summary');
  await menu.click();
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await page.getByLabel('Reason').fill('a complaint is open');
  // Of two years at most.
  await page.getByLabel('Last day').fill(new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10));
  await page.getByRole('dialog').getByRole('button', { name: 'Hold' }).click();
  await page.getByText('a complaint is open').waitFor();
  await menu.click();
  await page.getByRole('button', { name: 'Release the hold' }).click();
  await page.getByLabel('Why it is no longer needed').fill('settled');
  await page.keyboard.press('Enter');
  await soon(() => page.getByText('a complaint is open').count()).toBe(0);

  await menu.click();
  await page.getByRole('button', { name: 'Erase', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.waitFor();
  expect(await page.evaluate<string>('getComputedStyle(document.querySelector("dialog")).textAlign')).toBe(
    'start',
  );
  await dialog.getByLabel(/cannot be brought back/).check();
  await dialog.getByRole('button', { name: 'Erase' }).click();
  await page.getByText('The contact has been erased.').waitFor();
  await dialog.getByText('neg-1').waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await soon(path).toBe('/inbox');
  expect(rig.store.contacts.byId('neg-1')).toBeNull();
});

test('who may only read sees no clip and no form', async () => {
  looking = await look(browser, '/contacts/neg-1', negatives(1), { role: 'read-only' });
  await looking.page.getByText('This account may not see clips.').waitFor();
  expect(await looking.page.locator('video, form').count()).toBe(0);
  expect(looking.complaints).toEqual([]);
});

test('what others wrote is text, and nothing else', async () => {
  looking = await look(browser, '/contacts/neg-1', silent(1));
  const { page, rig } = looking;
  const evil = '<img src=x onerror="document.title=1"><script>1</script>';
  await rig.ask('PUT', '/api/contacts/neg-1/review', { ...said, comment: evil });
  await page.reload();
  await soon(() => page.getByLabel('Comment').inputValue()).toBe(evil);
  expect(await page.locator('main img, main script').count()).toBe(0);
  expect(looking.complaints).toEqual([]);
});

test.each([
  ['ru', 'light', 1280],
  ['pl', 'dark', 820],
  ['lt', 'light', 820],
] as const)(
  'in %s, %s, %i wide: it fits, and nothing is left in English',
  async (locale, colorScheme, width) => {
    const viewport = { width, height: 900 };
    looking = await look(browser, '/contacts/neg-1', negatives(1), { locale, colorScheme, viewport });
    await looking.page.locator('.contact-wave').first().waitFor();
    const text = (await looking.page.locator('main').innerText()).toLowerCase();
    for (const english of [
      'presses',
      'speed',
      'review',
      'comment',
      'negative',
      'speech',
      'measure',
      'voice',
      'done',
    ])
      expect(text).not.toContain(english);
    expect(text).not.toMatch(/\{\w+\}/);
    await expectFits(width);
  },
);

/** Nothing is wider than the page, nor too small for a finger (24 px; WCAG 2.5.8). */
async function expectFits(width: number): Promise<void> {
  const wide = await looking.page
    .locator('html')
    .evaluate((html): unknown => Reflect.get(html, 'scrollWidth'));
  expect(wide).toBe(width);
  const small = await looking.page
    .locator('main :is(a, button, select, summary, [role=option])')
    .evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height < 24).length);
  expect(small).toBe(0);
}
