import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import type { ExportManifest } from '../../device/review/cases/export-manifest.ts';
import { CLIP } from '../review/review-rig.ts';

const run = promisify(execFile);

/** What a zip must say of a contact. */
export interface Exported {
  readonly id: string;
  readonly tag: string;
  readonly comment: string;
  /** Name of its cause. */
  readonly cause: string;
}

/** The zip of a case is whole, its clips are `clip` and play, and it can be read without the service. It is unpacked beside itself. */
export async function expectCase(
  about: { zip: string; by: string; from: string; title: string; clip: Buffer; browser: Browser },
  contacts: readonly Exported[],
): Promise<void> {
  const out = join(dirname(about.zip), 'case');
  mkdirSync(out);
  await run('python3', ['-m', 'zipfile', '-e', about.zip, out]);
  const clips = contacts.map(({ id }) => `clips/${id}.mp4`);
  const files = readdirSync(out, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  expect(files).toHaveLength(clips.length + 3);
  const { stdout } = await run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: out });
  const whole = [...clips, 'manifest.json', 'index.html'].map((name) => `${name}: OK`);
  expect(stdout.trim().split('\n').sort()).toEqual(whole.sort());
  for (const name of clips) expect(readFileSync(join(out, name)).equals(about.clip)).toBe(true);
  const entries = ['-v', 'error', '-show_entries', 'format=duration,nb_streams'];
  const { stdout: format } = await run('ffprobe', [...entries, join(out, clips[0] ?? '')]);
  expect(format).toMatch(/nb_streams=2\s+duration=24\./);

  const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as ExportManifest;
  expect(manifest.case.title).toBe(about.title);
  expect(manifest.exported).toMatchObject({ by: about.by, device: about.from });
  const told = manifest.contacts.map(({ id, tag, review, clip }) => [
    ...[id, tag, review?.comment, clip.asRecorded],
  ]);
  expect(told.sort()).toEqual(contacts.map(({ id, tag, comment }) => [id, tag, comment, true]).sort());

  const page = await about.browser.newPage();
  await page.goto(pathToFileURL(join(out, 'index.html')).href);
  expect(await page.locator('h1').textContent()).toBe(`Case: ${about.title}`);
  const articles = await page.locator('article').allTextContents();
  expect(articles).toHaveLength(contacts.length);
  for (const { comment, cause } of contacts)
    expect(articles.filter((text) => text.includes(comment) && text.includes(cause))).toHaveLength(1);
  const lengths = () =>
    page
      .locator('video')
      .evaluateAll((all) => all.map((video) => Math.round(Number(Reflect.get(video, 'duration')))));
  await expect.poll(lengths, { timeout: 10_000 }).toEqual(contacts.map(() => CLIP / 1000));
}
