import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../stand-ins/chromium.ts';
import { fillStore } from './filled-store.ts';
import { type PageRig, somebody, startPage } from './rig.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The table of pages, as text: what it names is not for node. */
const TABLE = readFileSync(new URL('../../device/review/ui/pages.ts', import.meta.url), 'utf8');

let rig: PageRig;
let browser: Browser;
let ids: string[] = [];
let caseId: string;

beforeAll(async () => {
  const until = Date.now();
  rig = await startPage({
    fill(_, folder) {
      ids = fillStore(folder, { contacts: 300, until });
    },
  });
  const made = await rig.ask('POST', '/api/cases', { title: 'Waiting on Mondays', note: 'For the meeting.' });
  caseId = ((await made.json()) as { case: { id: string } }).case.id;
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await rig.stop();
});

/** An address of each page. */
function addresses(): [role: 'admin' | 'receptionist' | null, path: string][] {
  const id = ids.at(-1) ?? '';
  const links = [...TABLE.matchAll(/link: '([^']+)',\s*needs: '([^']+)'/g)];
  const known = links.map(([, link = '', needs]): ['admin' | 'receptionist', string] => [
    needs === 'own:read' ? 'receptionist' : 'admin',
    link,
  ]);
  if (known.length < 9) throw new Error('the table of pages reads otherwise');
  return [
    ...known,
    ['admin', `/contacts/${id}`],
    ['admin', `/cases/${caseId}`],
    ['admin', '/account'],
    ['admin', '/cases/0123-unknown'],
    ['admin', '/nowhere'],
    [null, '/inbox'],
  ];
}

describe.each(['light', 'dark'] as const)('%s', (colorScheme) => {
  test('no page has anything that axe finds', { timeout: 120_000 }, async () => {
    const found: string[] = [];
    for (const [role, path] of addresses()) {
      rig.who = role && somebody(role);
      // Only so can axe be brought into the page; what the policy keeps out has a test of its own.
      const context = await browser.newContext({ colorScheme, bypassCSP: true });
      const page = await context.newPage();
      await page.goto(new URL(path, rig.url).href);
      await page
        .locator('h1')
        .first()
        .waitFor({ timeout: 10_000 })
        .catch(() => found.push(`${path} as ${role}: no heading`));
      // What is loaded after that, is there at once: the device is this machine.
      await page.waitForTimeout(700);
      await page.evaluate(AXE);
      const violations = await page.evaluate(async (values) => {
        const { axe } = globalThis as unknown as {
          axe: { run(options: object): Promise<{ violations: Violation[] }> };
        };
        return (await axe.run({ runOnly: { type: 'tag', values } })).violations;
      }, RULES);
      for (const { id, help, nodes } of violations)
        found.push(
          `${path} as ${role}: ${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
        );
      await context.close();
    }
    expect(found).toEqual([]);
  });
});

interface Violation {
  id: string;
  help: string;
  nodes: { html: string }[];
}
