import { afterEach, expect, test } from 'vitest';
import type { Me } from '../../device/review/access/me.ts';
import { type PageRig, startPage } from './rig.ts';
import { Browser, invite, setUp } from './sign-in-rig.ts';

let rig: PageRig;
afterEach(() => rig.stop());

const start = async (proxies: string[]) => {
  rig = await startPage({ signIn: true, sso: { header: 'x-remote-user', proxies } });
  await invite(rig, await setUp(rig), 'Žygimantas', 'reviewer');
};
/** As a proxy sends it: the bytes of UTF-8. */
const by = (name: string) => ({ 'x-remote-user': Buffer.from(name).toString('latin1') });
const me = async (headers: Record<string, string>) =>
  (await (await rig.ask('GET', '/api/me', undefined, headers)).json()) as Me;

test('whoever the proxy names is signed in, to the account of that name and no other', async () => {
  await start(['127.0.0.1']);
  expect((await me(by('žygimantas'))).account).toMatchObject({ name: 'Žygimantas', by: 'sso' });
  expect((await me(by('nobody'))).account).toBeNull();
  expect((await me({})).account).toBeNull();
  const { id } = rig.store.accounts.byName('Žygimantas') as { id: string };
  rig.store.accounts.setRights(id, { role: 'reviewer', receptionist: null, disabled: true });
  expect((await me(by('žygimantas'))).account).toBeNull();
});

test('the header is refused from anybody else, and that is logged', async () => {
  await start(['192.0.2.7', '::1']);
  const root = new Browser(rig);
  for (const path of ['/api/me', '/api/today', '/']) {
    const answer = await root.ask('GET', path, undefined, by('root'));
    expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([
      400,
      'foreign-header',
    ]);
  }
  expect(rig.logged.filter((line) => line.includes('not the proxy')).length).toBe(3);
  expect(rig.logged.join()).not.toContain('root');
  expect((await me({})).account).toBeNull();
});

test('without the option the header means nothing', async () => {
  rig = await startPage({ signIn: true });
  await setUp(rig);
  expect((await me(by('root'))).account).toBeNull();
});

test('forgery: the token is asked for, and the address of the browser', async () => {
  await start(['127.0.0.1']);
  const { csrf } = await me(by('root'));
  const change = async (headers: Record<string, string>) =>
    (await rig.ask('PATCH', '/api/account', { theme: 'dark' }, { ...by('root'), ...headers })).status;
  expect(await change({})).toBe(403);
  expect(await change({ 'x-csrf-token': (await me(by('žygimantas'))).csrf })).toBe(403);
  expect(await change({ 'x-csrf-token': csrf, origin: 'https://evil.example' })).toBe(403);
  // The proxy ends TLS.
  expect(await change({ 'x-csrf-token': csrf, origin: rig.url.replace('http:', 'https:') })).toBe(200);
});
