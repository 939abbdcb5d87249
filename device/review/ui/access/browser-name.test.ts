import { expect, test } from 'vitest';
import { browserName } from './browser-name.ts';

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox · Linux'],
  [`Mozilla/5.0 (Windows NT 10.0) ${webkit} Chrome/140.0.0.0 Safari/537.36 Edg/140.0`, 'Edge · Windows'],
  [`Mozilla/5.0 (Linux; Android 14) ${webkit} Chrome/140.0.0.0 Safari/537.36`, 'Chrome · Android'],
  [`Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) ${webkit} Version/17.0 Safari/604.1`, 'Safari · iPad'],
  ['curl/8.5.0', 'curl/8.5.0'],
  ['', '–'],
])('%s', (agent, name) => {
  expect(browserName(agent)).toBe(name);
});
