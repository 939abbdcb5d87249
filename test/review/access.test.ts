import { request } from 'node:https';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { check } from '../../config/check.ts';
import { readSource } from '../../config/source.ts';
import { ManualClock, systemClock } from '../../device/clock.ts';
import { doorOf } from '../../device/page-door.ts';
import type { CodeMade, OwnAccount, TokenMade } from '../../device/review/access/schema.ts';
import { readActions } from '../../device/store/actions.ts';
import { openForReading } from '../../device/store/open.ts';
import { type PageRig, startPage } from './rig.ts';
import { Browser, invite, PASSWORD, setUp } from './sign-in-rig.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let rig: PageRig;
let clock: ManualClock;

beforeEach(async () => {
  clock = new ManualClock();
  rig = await startPage({ clock, signIn: true });
});
afterEach(() => rig.stop());

const stranger = () => new Browser(rig);
const error = async (answer: Response) => ((await answer.json()) as { error: string }).error;
const noted = () => {
  const db = openForReading(rig.folder);
  const actions = [...readActions(db, 0, Number.MAX_SAFE_INTEGER)];
  db.close();
  return actions;
};

describe('the first account', () => {
  test('is made once, with the code that the service printed', async () => {
    const code = rig.access.setUpCode() as string;
    expect(code).toMatch(/^([0-9A-Z]{4}-){2}[0-9A-Z]{4}$/);
    const browser = stranger();
    expect(await browser.me()).toMatchObject({ setUp: true, account: null });
    const first = { code: code.toLowerCase().replaceAll('-', ' '), name: 'root', password: PASSWORD };
    const meant = await browser.ask('POST', '/api/code', { code });
    expect(await meant.json()).toEqual({ kind: 'administrator', name: null });
    expect((await browser.ask('POST', '/api/set-up', first)).status).toBe(200);
    expect(await browser.me()).toMatchObject({ setUp: false, account: { name: 'root', role: 'admin' } });
    expect(rig.access.setUpCode()).toBeNull();
    const again = await stranger().ask('POST', '/api/set-up', { ...first, name: 'other' });
    expect([again.status, await error(again)]).toEqual([401, 'wrong-code']);
  });

  test('two at once make one', async () => {
    const code = rig.access.setUpCode();
    const made = await Promise.all(
      ['a1', 'a2'].map((name) => stranger().ask('POST', '/api/set-up', { code, name, password: PASSWORD })),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([200, 401]);
  });

  test('a code of an earlier start does not count, nor does one that was guessed', async () => {
    const old = rig.access.setUpCode();
    rig.access.setUpCode();
    const body = { name: 'root', password: PASSWORD };
    expect((await stranger().ask('POST', '/api/set-up', { code: old, ...body })).status).toBe(401);
    for (const code of ['', 'AAAA', '0000-0000-0000', "' OR 1=1 --", 'ÀÀÀÀ-0000-0000'])
      expect((await stranger().ask('POST', '/api/set-up', { code, ...body })).status).toBeGreaterThan(399);
    expect(rig.store.accounts.none()).toBe(true);
  });

  test('wrong codes are limited, and the right one has to wait as well', async () => {
    const code = rig.access.setUpCode();
    for (let n = 0; n < 5; n++)
      expect((await stranger().ask('POST', '/api/code', { code: '0000-0000-0000' })).status).toBe(401);
    const locked = await stranger().ask('POST', '/api/code', { code });
    expect([locked.status, locked.headers.get('retry-after')]).toEqual([429, '60']);
    clock.advance(MINUTE);
    expect((await stranger().ask('POST', '/api/code', { code })).status).toBe(200);
  });

  test.each([
    ['short', 'ninechars', 'password-short'],
    ['the name', 'administrator', 'password-easy'],
    ['one letter', 'aaaaaaaaaaaa', 'password-easy'],
  ])('a password that is %s is refused', async (_, password, why) => {
    const body = { code: rig.access.setUpCode(), name: 'Administrator', password };
    const answer = await stranger().ask('POST', '/api/set-up', body);
    expect([answer.status, await error(answer)]).toEqual([400, why]);
  });

  test('whoever is at the device makes another administrator, or chooses a password anew', async () => {
    const root = await setUp(rig);
    const { code } = rig.access.codeFor(null);
    const body = { code, name: 'second', password: PASSWORD };
    expect((await stranger().ask('POST', '/api/set-up', { ...body, name: 'ROOT' })).status).toBe(409);
    expect((await stranger().ask('POST', '/api/set-up', body)).status).toBe(200);
    expect(() => rig.access.codeFor('nobody')).toThrow(
      expect.objectContaining({ code: 'CA_ACCOUNT_UNKNOWN' }),
    );
    const reset = rig.access.codeFor('Root');
    expect(await root.me()).toMatchObject({ account: null });
    expect(await stranger().signIn('root', PASSWORD)).toBe(401);
    const redeemed = await root.ask('POST', '/api/redeem', {
      code: reset.code,
      password: 'eight blue teapots',
    });
    expect(redeemed.status).toBe(200);
    expect(await stranger().signIn('root', 'eight blue teapots')).toBe(200);
    const late = rig.access.codeFor(null);
    clock.advance(HOUR);
    expect((await stranger().ask('POST', '/api/code', { code: late.code })).status).toBe(401);
    expect(noted().filter(({ action }) => action === 'account-code').length).toBe(3);
  });
});

describe('sessions', () => {
  test('the cookie is no script’s, no other site’s, and stored as a hash alone', async () => {
    await setUp(rig);
    const answer = await stranger().ask('POST', '/api/sign-in', { name: 'root', password: PASSWORD });
    const cookie = answer.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^ca=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/);
    const db = openForReading(rig.folder);
    const stored = JSON.stringify(db.prepare('SELECT * FROM logins').all());
    db.close();
    expect(stored).not.toContain(cookie.slice(3, 46));
  });

  test('fixation: a cookie from before never becomes a session, and a new sign-in is a new one', async () => {
    await setUp(rig);
    const victim = stranger();
    victim.cookie = `ca=${'A'.repeat(43)}`;
    expect(await victim.signIn('root', PASSWORD)).toBe(200);
    expect(victim.cookie).not.toContain('AAAA');
    const first = victim.cookie;
    await victim.signIn('root', PASSWORD);
    expect(victim.cookie).not.toBe(first);
    const old = stranger();
    old.cookie = first;
    expect(await old.me()).toMatchObject({ account: null });
  });

  test('end after 12 h unused, and after 7 days whatever is done', async () => {
    const root = await setUp(rig);
    clock.advance(12 * HOUR - 1);
    expect((await root.me()).account).not.toBeNull();
    clock.advance(12 * HOUR);
    expect((await root.me()).account).toBeNull();
    await root.signIn('root', PASSWORD);
    for (let hours = 0; hours < 7 * 24 - 8; hours += 8) {
      clock.advance(8 * HOUR);
      expect((await root.me()).account).not.toBeNull();
    }
    clock.advance(8 * HOUR);
    expect((await root.me()).account).toBeNull();
  });

  test('end with sign-out, a change of password and of the role, and with the account', async () => {
    const root = await setUp(rig);
    const signedIn = async (browser: Browser) => (await browser.me()).account !== null;
    const anna = await invite(rig, root, 'anna', 'reviewer');
    const tablet = stranger();
    await tablet.signIn('anna', PASSWORD);
    const kept = anna.cookie;
    await anna.ask('POST', '/api/sign-out');
    const copy = stranger();
    copy.cookie = kept;
    expect([await signedIn(anna), await signedIn(copy), await signedIn(tablet)]).toEqual([
      false,
      false,
      true,
    ]);

    await anna.signIn('anna', PASSWORD);
    const change = { old: PASSWORD, password: 'nine yellow kettles' };
    expect((await anna.ask('POST', '/api/account/password', { ...change, old: 'wrong' })).status).toBe(403);
    expect((await anna.ask('POST', '/api/account/password', change)).status).toBe(200);
    expect([await signedIn(anna), await signedIn(tablet)]).toEqual([true, false]);

    const { id } = rig.store.accounts.byName('anna') as { id: string };
    await root.ask('PATCH', `/api/accounts/${id}`, { role: 'reviewer' });
    expect(await signedIn(anna)).toBe(true);
    await root.ask('PATCH', `/api/accounts/${id}`, { role: 'read-only' });
    expect(await signedIn(anna)).toBe(false);
    await anna.signIn('anna', 'nine yellow kettles');
    await root.ask('PATCH', `/api/accounts/${id}`, { disabled: true });
    expect(await signedIn(anna)).toBe(false);
    expect(await anna.signIn('anna', 'nine yellow kettles')).toBe(401);
  });

  test('are listed, and each can be ended from another', async () => {
    const root = await setUp(rig);
    const tablet = stranger();
    await tablet.signIn('root', PASSWORD);
    const { sessions } = (await (await root.ask('GET', '/api/account')).json()) as OwnAccount;
    expect(sessions.map(({ current }) => current).sort()).toEqual([false, true]);
    const other = sessions.find(({ current }) => !current)?.id;
    expect((await root.ask('DELETE', `/api/account/sessions/${other}`)).status).toBe(200);
    expect((await root.ask('DELETE', `/api/account/sessions/${other}`)).status).toBe(404);
    expect((await tablet.me()).account).toBeNull();
  });

  test('nobody ends somebody else’s', async () => {
    const root = await setUp(rig);
    const anna = await invite(rig, root, 'anna', 'reviewer');
    const { sessions } = (await (await root.ask('GET', '/api/account')).json()) as OwnAccount;
    expect((await anna.ask('DELETE', `/api/account/sessions/${sessions[0]?.id}`)).status).toBe(404);
    expect((await root.me()).account).not.toBeNull();
  });
});

describe('forgery', () => {
  test('nothing is changed without the token of the session', async () => {
    const root = await setUp(rig);
    const other = stranger();
    await other.signIn('root', PASSWORD);
    const { csrf } = root;
    for (const token of ['', 'wrong', other.csrf]) {
      root.csrf = token;
      const answer = await root.ask('PATCH', '/api/account', { theme: 'dark' });
      expect([answer.status, await error(answer)]).toEqual([403, 'csrf']);
    }
    expect((await root.ask('DELETE', '/api/account/sessions/x')).status).toBe(403);
    root.csrf = csrf;
    expect((await root.ask('PATCH', '/api/account', { theme: 'dark' })).status).toBe(200);
    expect((await root.me()).account).toMatchObject({ theme: 'dark', language: null });
  });

  test.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'https://127.0.0.1'])(
    'not by a page of %s, not even to sign in',
    async (origin) => {
      const root = await setUp(rig);
      const from = origin === 'https://127.0.0.1' ? rig.url.replace('http:', 'https:') : origin;
      const headers = { origin: from };
      const changed = await root.ask('PATCH', '/api/account', { theme: 'dark' }, headers);
      expect([changed.status, await error(changed)]).toEqual([403, 'foreign-origin']);
      const body = { name: 'root', password: PASSWORD };
      expect((await stranger().ask('POST', '/api/sign-in', body, headers)).status).toBe(403);
      expect((await stranger().ask('POST', '/api/sign-in', body, { origin: rig.url })).status).toBe(200);
    },
  );

  test('a form of another site cannot sign anybody in: JSON only', async () => {
    await setUp(rig);
    const text = JSON.stringify({ name: 'root', password: PASSWORD });
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const headers = { 'content-type': type };
      const answer = await fetch(`${rig.url}/api/sign-in`, { method: 'POST', body: text, headers });
      expect([400, 415]).toContain(answer.status);
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
  });
});

describe('guessing passwords', () => {
  test('after five wrong ones it is waited for, longer each time; a session goes on', async () => {
    const root = await setUp(rig);
    const attempt = async (password = 'wrong wrong') => {
      const answer = await stranger().ask('POST', '/api/sign-in', { name: 'Root', password });
      return [answer.status, answer.headers.get('retry-after')];
    };
    for (let n = 0; n < 5; n++) expect(await attempt()).toEqual([401, null]);
    expect(await attempt(PASSWORD)).toEqual([429, '60']);
    expect((await root.ask('PATCH', '/api/account', { theme: 'dark' })).status).toBe(200);
    clock.advance(MINUTE);
    expect(await attempt()).toEqual([401, null]);
    expect(await attempt()).toEqual([429, '120']);
    clock.advance(2 * MINUTE);
    expect(await attempt(PASSWORD)).toEqual([200, null]);
    // It begins anew.
    expect(await attempt()).toEqual([401, null]);
    expect(await attempt(PASSWORD)).toEqual([200, null]);
  });

  test('many at once are no more than many in a row', async () => {
    await setUp(rig);
    const tries = Array.from({ length: 12 }, () => stranger().signIn('root', 'wrong wrong'));
    const statuses = await Promise.all(tries);
    expect(statuses.filter((status) => status === 401).length).toBe(5);
    expect(statuses.filter((status) => status === 429).length).toBe(7);
  });

  test('a name that nobody has is answered the same way, with as much work, and is not written down', async () => {
    await setUp(rig);
    const compared = vi.spyOn(rig.access.passwords, 'matches');
    const answers: unknown[] = [];
    for (const name of ['root', 'nobody', '', '%', 'Robert"); DROP TABLE accounts;--']) {
      const answer = await stranger().ask('POST', '/api/sign-in', { name, password: 'wrong wrong' });
      answers.push([answer.status, await answer.text()]);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(compared).toHaveBeenCalledTimes(5);
    expect(compared.mock.calls.slice(1).map(([, hash]) => hash)).toEqual([null, null, null, null]);
    for (let n = 0; n < 4; n++) await stranger().signIn('nobody', 'wrong wrong');
    expect(await stranger().signIn('nobody', 'wrong wrong')).toBe(429);
    const refused = noted().filter(({ action }) => action === 'sign-in-refused');
    expect(refused.length).toBe(9);
    expect(JSON.stringify(refused)).not.toContain('nobody');
    expect(JSON.stringify(refused)).toContain('root');
    expect(rig.logged.join()).not.toMatch(/nobody|root/);
  });

  test('one address has 30 attempts a minute, whatever it tries them at', async () => {
    const bodies = {
      '/api/sign-in': { name: 'nobody', password: 'wrong wrong' },
      '/api/code': { code: '0000-0000-0000' },
      '/api/set-up': { code: '0000-0000-0000', name: 'other', password: PASSWORD },
      '/api/redeem': { code: '0000-0000-0000', password: PASSWORD },
    };
    const error429 = async (path: string, body: object) => {
      const answer = await rig.ask('POST', path, body);
      return (
        answer.status === 429 && ((await answer.json()) as { message: string }).message.includes('a minute')
      );
    };
    // An address and name of its own has five; what is asked about here is the limit of all routes together.
    for (let n = 0; n < 30; n++) {
      const [path, body] = Object.entries(bodies)[n % 4] as [string, object];
      expect([n, path, await error429(path, body)]).toEqual([n, path, false]);
    }
    for (const [path, body] of Object.entries(bodies))
      expect([path, await error429(path, body)]).toEqual([path, true]);
    // Whoever is signed in is not in their way.
    expect((await rig.ask('GET', '/api/me')).status).toBe(200);
  });

  test('one address has 30 attempts a minute, whatever names it tries', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 31; n++) {
      const answer = await stranger().ask('POST', '/api/sign-in', { name: `n${n}`, password: '' });
      statuses.push(answer.status);
    }
    expect(statuses.slice(0, 30)).not.toContain(429);
    expect(statuses.at(-1)).toBe(429);
  });
});

describe('accounts', () => {
  test('are made by a code with which their owner chooses the password, once', async () => {
    const root = await setUp(rig);
    const body = { name: '  Ona   Ąžuolienė ', role: 'receptionist', receptionist: 'r-7' };
    const made = (await (await root.ask('POST', '/api/accounts', body)).json()) as CodeMade;
    expect(made.account).toMatchObject({ name: 'Ona Ąžuolienė', state: 'invited', receptionist: 'r-7' });
    const ona = stranger();
    expect(await (await ona.ask('POST', '/api/code', { code: made.code })).json()).toEqual({
      ...{ kind: 'password', name: 'Ona Ąžuolienė' },
    });
    const redeem = { code: made.code, password: PASSWORD };
    expect((await ona.ask('POST', '/api/redeem', redeem)).status).toBe(200);
    expect(await ona.me()).toMatchObject({ account: { role: 'receptionist', receptionist: 'r-7' } });
    expect((await stranger().ask('POST', '/api/redeem', redeem)).status).toBe(401);
    expect(await stranger().signIn('ONA ąžuolienė', PASSWORD)).toBe(200);
    const again = await root.ask('POST', '/api/accounts', body);
    expect([again.status, await error(again)]).toEqual([409, 'name-taken']);
    expect((await ona.ask('GET', '/api/accounts')).status).toBe(403);
  });

  test('an invitation counts for a week, and a new one ends it', async () => {
    const root = await setUp(rig);
    const make = { name: 'anna', role: 'reviewer', receptionist: null };
    const { code, account } = (await (await root.ask('POST', '/api/accounts', make)).json()) as CodeMade;
    const again = (await (await root.ask('POST', `/api/accounts/${account.id}/reset`)).json()) as CodeMade;
    expect((await stranger().ask('POST', '/api/code', { code })).status).toBe(401);
    expect((await stranger().ask('POST', '/api/code', { code: again.code })).status).toBe(200);
    clock.advance(7 * DAY);
    expect((await stranger().ask('POST', '/api/code', { code: again.code })).status).toBe(401);
    await root.signIn('root', PASSWORD);
    expect((await root.ask('DELETE', `/api/accounts/${account.id}`)).status).toBe(200);
  });

  test('the last administrator stays, and nobody is deleted who did anything', async () => {
    const root = await setUp(rig);
    const { id } = rig.store.accounts.byName('root') as { id: string };
    for (const body of [{ disabled: true }, { role: 'reviewer' }]) {
      const answer = await root.ask('PATCH', `/api/accounts/${id}`, body);
      expect([answer.status, await error(answer)]).toEqual([409, 'last-admin']);
    }
    // One who has not chosen a password yet could let nobody in.
    const make = { name: 'second', role: 'admin', receptionist: null };
    const { code } = (await (await root.ask('POST', '/api/accounts', make)).json()) as CodeMade;
    expect((await root.ask('PATCH', `/api/accounts/${id}`, { disabled: true })).status).toBe(409);
    await stranger().ask('POST', '/api/redeem', { code, password: PASSWORD });
    const second = stranger();
    await second.signIn('second', PASSWORD);
    const removed = await second.ask('DELETE', `/api/accounts/${id}`);
    expect([removed.status, await error(removed)]).toEqual([409, 'in-use']);
    expect((await second.ask('PATCH', `/api/accounts/${id}`, { disabled: true })).status).toBe(200);
    expect((await root.me()).account).toBeNull();
  });

  test('a receptionist needs a pseudonym, and nobody else has one', async () => {
    const root = await setUp(rig);
    const make = (role: string, receptionist: string | null) =>
      root.ask('POST', '/api/accounts', { name: `n-${role}`, role, receptionist });
    expect((await make('receptionist', null)).status).toBe(400);
    const made = (await (await make('reviewer', 'r-1')).json()) as CodeMade;
    expect(made.account.receptionist).toBeNull();
    expect((await make('owner', null)).status).toBe(400);
  });

  test('each change is written down, with who did it', async () => {
    const root = await setUp(rig);
    await invite(rig, root, 'anna', 'reviewer');
    const { id } = rig.store.accounts.byName('anna') as { id: string };
    await root.ask('PATCH', `/api/accounts/${id}`, { role: 'read-only' });
    await root.ask('POST', `/api/accounts/${id}/reset`);
    await root.ask('POST', '/api/sign-out');
    expect(noted().map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      ...['set-up ok', 'sign-in ok', 'account-make ok', 'account-password ok', 'sign-in ok'],
      ...['account-change ok', 'account-reset ok', 'sign-out ok'],
    ]);
  });
});

describe('tokens', () => {
  const make = async (browser: Browser, permissions: string[], days = 30) =>
    browser.ask('POST', '/api/account/tokens', { name: 'hub', permissions, days });
  const asking = (secret: string) => ({ authorization: `Bearer ${secret}` });

  test('do what their scope says and no more, without a cookie or a token against forgery', async () => {
    const root = await setUp(rig);
    const { secret, token } = (await (await make(root, ['today:read'])).json()) as TokenMade;
    expect(secret).toMatch(/^ca_[\w-]{43}$/);
    const get = async (path: string, headers = asking(secret)) =>
      (await rig.ask('GET', path, undefined, headers)).status;
    expect(await get('/api/today')).toBe(200);
    expect(await get('/api/accounts')).toBe(403);
    expect(await get('/api/account')).toBe(403);
    for (const wrong of ['ca_x', `ca_${'A'.repeat(43)}`, secret.slice(0, -1)])
      expect(await get('/api/today', asking(wrong))).toBe(401);
    const again = await rig.ask(
      'POST',
      '/api/account/tokens',
      { name: 'x', permissions: ['today:read'], days: 1 },
      asking(secret),
    );
    expect([again.status, await error(again)]).toEqual([403, 'person-only']);
    const own = (await (await root.ask('GET', '/api/account')).json()) as OwnAccount;
    expect(own.tokens).toMatchObject([{ id: token.id, permissions: ['today:read'] }]);
    expect(own.tokens[0]?.usedAt).not.toBeNull();
    expect(own.grantable).not.toContain('accounts:write');
    const db = openForReading(rig.folder);
    expect(JSON.stringify(db.prepare('SELECT * FROM api_tokens').all())).not.toContain(secret.slice(3));
    db.close();
  });

  test('grant nothing that who makes them may not, and never accounts', async () => {
    const root = await setUp(rig);
    expect((await make(root, ['accounts:write'])).status).toBe(403);
    const anna = await invite(rig, root, 'anna', 'read-only');
    expect((await make(anna, ['clips:read'])).status).toBe(403);
    expect((await make(anna, ['today:read'], 366)).status).toBe(400);
    expect((await make(anna, ['nothing'])).status).toBe(400);
    expect((await make(anna, [])).status).toBe(400);
  });

  test('end with their day, by hand, with the account, and lose what the role loses', async () => {
    const root = await setUp(rig);
    const anna = await invite(rig, root, 'anna', 'reviewer');
    const tokens: TokenMade[] = [];
    for (const days of [1, 30, 60])
      tokens.push((await (await make(anna, ['today:read', 'cases:read'], days)).json()) as TokenMade);
    const [day, hand, account] = tokens.map(({ secret }) => secret) as [string, string, string];
    const status = async (secret: string) =>
      (await rig.ask('GET', '/api/today', undefined, asking(secret))).status;
    await anna.ask('DELETE', `/api/account/tokens/${tokens[1]?.token.id}`);
    expect([await status(day), await status(hand), await status(account)]).toEqual([200, 401, 200]);
    clock.advance(DAY);
    expect([await status(day), await status(account)]).toEqual([401, 200]);
    await root.signIn('root', PASSWORD);
    const { id } = rig.store.accounts.byName('anna') as { id: string };
    await root.ask('PATCH', `/api/accounts/${id}`, { role: 'receptionist', receptionist: 'r-1' });
    expect(await status(account)).toBe(403);
    await root.ask('PATCH', `/api/accounts/${id}`, { disabled: true });
    expect(await status(account)).toBe(401);
  });
});

test('what is told to an open page ends with its session, and keeps none alive', async () => {
  const root = await setUp(rig);
  const stream = await root.ask('GET', '/api/changes');
  expect(stream.status).toBe(200);
  const before = rig.store.accounts.byName('root')?.id as string;
  const [{ seenAt } = { seenAt: 0 }] = rig.store.accounts.logins.of(before, clock.now().wall);
  clock.advance(10 * MINUTE);
  expect(rig.store.accounts.logins.of(before, clock.now().wall)[0]?.seenAt).toBe(seenAt);
  expect(rig.server.health().detail).toMatchObject({ viewers: 1 });
  rig.store.accounts.logins.endAll(before);
  clock.advance(15_000);
  expect(await stream.text()).toContain('event: heartbeat');
  expect(rig.server.health().detail).toMatchObject({ viewers: 0 });
});

test('a page that asks by itself, as contacts come, keeps no session alive', async () => {
  const root = await setUp(rig);
  const ask = async (headers: Record<string, string> = {}) =>
    (await root.ask('GET', '/api/today', undefined, headers)).status;
  const hours = async (headers?: Record<string, string>) => {
    const statuses: number[] = [];
    for (let hour = 0; hour < 13; hour++) {
      clock.advance(HOUR);
      statuses.push(await ask(headers));
    }
    return statuses;
  };
  // Somebody uses it: it goes on.
  expect(new Set(await hours())).toEqual(new Set([200]));
  const alone = await hours({ 'x-by-itself': '1' });
  expect([alone.lastIndexOf(200), alone.indexOf(401)]).toEqual([10, 11]);
});

test('tokens end with the password, however it ends, with the account, and by an administrator', async () => {
  const root = await setUp(rig);
  const anna = await invite(rig, root, 'anna', 'reviewer');
  const { id } = rig.store.accounts.byName('anna') as { id: string };
  const token = async () => {
    const body = { name: 'hub', permissions: ['today:read'], days: 30 };
    return ((await (await anna.ask('POST', '/api/account/tokens', body)).json()) as TokenMade).secret;
  };
  const status = async (secret: string) =>
    (await rig.ask('GET', '/api/today', undefined, { authorization: `Bearer ${secret}` })).status;

  const first = await token();
  expect(await status(first)).toBe(200);
  const change = { old: PASSWORD, password: 'nine yellow kettles' };
  expect((await anna.ask('POST', '/api/account/password', change)).status).toBe(200);
  await anna.me();
  expect(await status(first)).toBe(401);

  const [second, third] = [await token(), await token()];
  expect(await status(third)).toBe(200);
  expect((await root.ask('DELETE', `/api/accounts/${id}/tokens`)).status).toBe(200);
  expect([await status(second), await status(third)]).toEqual([401, 401]);
  expect(noted().at(-1)).toMatchObject({
    action: 'account-tokens-end',
    target: { account: 'anna', tokens: 2 },
  });

  const fourth = await token();
  const reset = (await (await root.ask('POST', `/api/accounts/${id}/reset`)).json()) as CodeMade;
  expect(await status(fourth)).toBe(401);
  await anna.ask('POST', '/api/redeem', { code: reset.code, password: PASSWORD });
  await anna.me();
  expect(await status(fourth)).toBe(401);

  const fifth = await token();
  for (const disabled of [true, false]) await root.ask('PATCH', `/api/accounts/${id}`, { disabled });
  expect(await status(fifth)).toBe(401);
});

test('under TLS the cookie goes nowhere without, and no other site of the domain can set it', async () => {
  const { folder } = rig;
  const input = { driver: 'line-protocol', port: '/dev/ttyS0' };
  const config = { jurisdiction: 'other', device: 'd', data: folder, desks: { front: { inputs: [input] } } };
  const text = JSON.stringify({ ...config, page: { host: '0.0.0.0', port: 0 } });
  const checked = check(readSource(text), { today: null, folder });
  if (Array.isArray(checked)) throw new Error(JSON.stringify(checked));
  const door = doorOf(checked, systemClock);
  const secure = await startPage({ signIn: true, door });
  try {
    const code = secure.access.setUpCode();
    const body = JSON.stringify({ code, name: 'root', password: PASSWORD });
    const url = secure.url.replace('0.0.0.0', '127.0.0.1');
    const cookies = await new Promise<string[] | undefined>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      request(`${url}/api/set-up`, { method: 'POST', headers, rejectUnauthorized: false }, (answer) =>
        resolve(answer.resume().headers['set-cookie']),
      )
        .on('error', reject)
        .end(body);
    });
    expect(cookies).toEqual([
      expect.stringMatching(
        /^__Host-ca=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      ),
    ]);
  } finally {
    await secure.stop();
  }
});
