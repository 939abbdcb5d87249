import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contactAnalyzer, type RunningService, startService } from '../end-to-end/service.ts';

let folder: string;
let config: string;
let service: RunningService;

// The service as a process, with a sensor that is not plugged in: the page needs none.
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-set-up-'));
  config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    `jurisdiction: other
device: d
data: data
page: { port: 0 }
desks: { front: { inputs: [{ driver: line-protocol, port: /dev/none }] } }
`,
  );
  service = await startService(config);
});
afterEach(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

const printed = () => service.lines.filter((line) => line.startsWith('set-up'));
const send = (path: string, body: object) =>
  fetch(service.page + path, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify(body),
  });
const password = 'seven green umbrellas';

test('the service prints one code, until there is an account; whoever reads its data folder gets another', {
  timeout: 180_000,
}, async () => {
  expect(printed()).toEqual([
    expect.stringMatching(
      new RegExp(`^set-up    code (\\w{4}-){2}\\w{4} at ${service.page}/ makes the first account`),
    ),
  ]);
  expect((await service.ask('/api/accounts')).status).toBe(200);
  await service.stop();
  service = await startService(config);
  expect(printed()).toEqual([]);

  const asked = await contactAnalyzer('account-code', '--config', config);
  expect(asked).toMatch(new RegExp(`^code \\S+ at ${service.page}/ makes an administrator`));
  const [, code] = asked.split(' ');
  expect((await send('/api/set-up', { code, name: 'second', password })).status).toBe(200);
  const [, reset] = (await contactAnalyzer('account-code', 'SECOND', '--config', config)).split(' ');
  expect((await send('/api/sign-in', { name: 'second', password })).status).toBe(401);
  expect((await send('/api/redeem', { code: reset, password })).status).toBe(200);
  await expect(contactAnalyzer('account-code', 'nobody', '--config', config)).rejects.toThrow(
    'there is no account of that name',
  );
  const actions = await contactAnalyzer('actions', '--config', config);
  expect(actions.match(/"actor":"console".*"account-code"/g)).toHaveLength(2);
  expect(actions + service.lines.join('\n')).not.toContain(code);
});
