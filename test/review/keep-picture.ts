import { join } from 'node:path';
import type { Page } from 'playwright-core';

/** Keeps a picture of the page in the folder PAGE_PICTURES for whoever wants to look; without it, none is made. */
export async function keepPicture(
  page: Page,
  name: string,
  options: { fullPage?: boolean } = {},
): Promise<void> {
  const folder = process.env.PAGE_PICTURES;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), ...options });
}
