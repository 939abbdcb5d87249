import { afterEach, expect, test } from 'vitest';
import type { Me } from '../../device/review/access/me.ts';
import { type PageRig, startPage } from './rig.ts';
import { Browser, invite, PASSWORD, setUp } from './sign-in-rig.ts';

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

test('behind a proxy that ends TLS the cookie is for TLS alone; nobody else says so', async () => {
  await start(['127.0.0.1']);
  const signIn = async (headers: Record<string, string>) => {
    const body = { name: 'root', password: PASSWORD };
    return (await rig.ask('POST', '/api/sign-in', body, headers)).headers.get('set-cookie') ?? '';
  };
  const cookie = await signIn({ 'x-forwarded-proto': 'https' });
  expect(cookie).toMatch(/^__Host-ca=[\w-]{43};.*; Secure;/);
  const [own = ''] = cookie.split(';');
  expect((await me({ cookie: own, 'x-forwarded-proto': 'https' })).account).toMatchObject({ name: 'root' });
  expect(await signIn({ 'x-forwarded-proto': 'http' })).toMatch(/^ca=/);
  await rig.stop();
  await start(['192.0.2.7']);
  expect(await signIn({ 'x-forwarded-proto': 'https' })).toMatch(/^ca=/);
});

test('whoever guesses behind the proxy locks out only their own address', async () => {
  await start(['127.0.0.1']);
  const attempt = async (address: string, password: string) =>
    (await rig.ask('POST', '/api/sign-in', { name: 'root', password }, { 'x-forwarded-for': address }))
      .status;
  // Only what the proxy itself has said counts: the last.
  for (let n = 0; n < 5; n++) expect(await attempt(`10.9.9.${n}, 10.0.0.1`, 'wrong wrong')).toBe(401);
  expect(await attempt('10.0.0.1', PASSWORD)).toBe(429);
  expect(await attempt('10.0.0.2', PASSWORD)).toBe(200);
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
