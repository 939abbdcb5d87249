import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../stand-ins/chromium.ts';
import { fillStore } from './filled-store.ts';
import { makeClip, putReviewable } from './review-rig.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The table of pages, as text: what it names is not for node. */
const TABLE = readFileSync(new URL('../../device/review/ui/pages.ts', import.meta.url), 'utf8');

/** What each page of the navigation shows once it is all there. */
const SHOWS: Record<string, string> = {
  '/inbox': '.inbox-row',
  '/today': 'tr[data-id]',
  '/search': 'tbody a',
  '/cases': 'tbody a',
  '/reports': '.reports-chart canvas',
  '/own': 'tbody a',
  '/settings': '[data-cause]',
  '/accounts': 'tbody tr',
  '/log': 'tbody tr',
};

let rig: PageRig;
let browser: Browser;
let caseId: string;

beforeAll(async () => {
  const until = Date.now();
  rig = await startPage({ fill: (_, folder) => void fillStore(folder, { contacts: 60, until }) });
  const about = { pressed: [[15, 1]] as [number, number][], scored: true, receptionist: 'r-1' };
  await putReviewable(rig, await makeClip(), 'seen', until - 60_000, about);
  const said = { tag: null, causes: ['queue'], comment: 'Two were waiting.' };
  rig.store.reviews.put('seen', said, 0, { accountId: 'a-admin', account: 'admin', wall: until });
  const made = await rig.ask('POST', '/api/cases', {
    ...{ title: 'Waiting on Mondays', note: 'For the meeting.', contactIds: ['seen'] },
  });
  caseId = ((await made.json()) as { case: { id: string } }).case.id;
  await rig.ask('POST', '/api/accounts', { name: 'ona', role: 'reviewer', receptionist: null });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await rig.stop();
});

/** An address of each page, and what it shows once it is all there. */
function addresses(): [role: 'admin' | 'receptionist' | null, path: string, shows: string][] {
  const links = [...TABLE.matchAll(/link: '([^']+)',\s*needs: '([^']+)'/g)];
  const known = links.map(([, link = '', needs]): ['admin' | 'receptionist', string, string] => [
    needs === 'own:read' ? 'receptionist' : 'admin',
    link,
    SHOWS[link] ?? 'unknown',
  ]);
  if (known.length < 9) throw new Error('the table of pages reads otherwise');
  return [
    ...known,
    ['admin', '/contacts/seen', '.contact-curve, .contact-wave'],
    ['receptionist', '/own/seen', 'video'],
    ['admin', `/cases/${caseId}`, 'tbody a'],
    ['admin', '/account', 'main'],
    ['admin', '/cases/0123-unknown', '.notice'],
    ['admin', '/nowhere', 'h1'],
    [null, '/inbox', 'input[type=password]'],
  ];
}

test('no page has anything that axe finds, in light and in dark', { timeout: 120_000 }, async () => {
  const found: string[] = [];
  // Only so can axe be brought into the page; what the policy keeps out has a test of its own.
  const context = await browser.newContext({ bypassCSP: true });
  const page = await context.newPage();
  for (const [role, path, shows] of addresses()) {
    rig.who = role && somebody(role);
    await page.goto(new URL(path, rig.url).href);
    for (const what of ['h1', ...shows.split(', ')])
      await page
        .locator(what)
        .first()
        .waitFor({ state: 'attached', timeout: 20_000 })
        .catch(() => found.push(`${path} as ${role}: no ${what}`));
    await page.evaluate(AXE);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const violations = await page.evaluate(async (values) => {
        const { axe } = globalThis as unknown as {
          axe: { run(options: object): Promise<{ violations: Violation[] }> };
        };
        const options = { runOnly: { type: 'tag', values }, resultTypes: ['violations'] };
        return (await axe.run(options)).violations;
      }, RULES);
      for (const { id, help, nodes } of violations)
        found.push(
          `${path} as ${role}, ${colorScheme}: ${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
        );
    }
  }
  await context.close();
  expect(found).toEqual([]);
});

interface Violation {
  id: string;
  help: string;
  nodes: { html: string }[];
}
