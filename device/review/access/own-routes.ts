import type { ApiToken } from '../../store/page/api-tokens.ts';
import type { Login } from '../../store/page/logins.ts';
import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import { grantable } from './access.ts';
import { checkPassword } from './password.ts';
import type { Permission } from './permissions.ts';
import { byId, done, looks, newPassword, newToken, own, tokenMade } from './schema.ts';
import { newSecret, sha256 } from './secrets.ts';
import { enter } from './sign-in-routes.ts';
import { whoOf } from './who.ts';

const DAY = 86_400_000;
/** Tokens of one account; nobody has so many programs. */
const MOST_TOKENS = 20;
const needs = { needs: 'person' } as const;
const iso = (wall: number) => new Date(wall).toISOString();

/** What somebody may change of their own account. */
export function addOwnRoutes(app: App, parts: PageParts): void {
  const { access, store, clock } = parts;
  const { accounts } = store;
  const now = () => clock.now().wall;

  app.get('/api/account', { config: needs, schema: { response: { 200: own } } }, (request) => {
    const who = whoOf(request);
    return {
      sessions: accounts.logins.of(who.accountId, now()).map((login) => sessionOf(login, who.session)),
      tokens: accounts.tokens.of(who.accountId).map(tokenOf),
      grantable: [...who.permissions].filter(grantable),
    };
  });

  app.patch(
    '/api/account',
    { config: needs, schema: { body: looks, response: { 200: done } } },
    (request) => {
      const account = accounts.byId(whoOf(request).accountId);
      if (account) accounts.setLooks(account.id, { ...account, ...defined(request.body) });
      return { ok: true as const };
    },
  );

  app.post(
    '/api/account/password',
    { config: { ...needs, commits: 'itself' }, schema: { body: newPassword, response: { 200: done } } },
    async (request, reply) => {
      const { accountId } = whoOf(request);
      const { old, password } = request.body;
      const before = accounts.byId(accountId);
      // Somebody at a session that was left open guesses; the session itself goes on.
      const guesses = `password of ${accountId}`;
      access.attempts.begin(guesses);
      if (!(await access.passwords.matches(old, before?.password ?? null)) || !before) {
        request.note('account-password', {}, 'wrong');
        throw new Refusal(403, 'wrong', 'The old password is wrong.');
      }
      access.attempts.succeeded(guesses);
      checkPassword(password, before.name);
      const hash = await access.passwords.hash(password);
      enter(parts, request, reply, () => {
        const account = accounts.byId(accountId);
        if (account?.password !== before.password || account.disabled)
          throw new Refusal(409, 'changed-meanwhile', 'The account was changed meanwhile.');
        accounts.setPassword(accountId, hash);
        request.note('account-password');
        return account;
      });
      return { ok: true as const };
    },
  );

  app.delete(
    '/api/account/sessions/:id',
    { config: needs, schema: { params: byId, response: { 200: done } } },
    (request) => {
      if (!accounts.logins.end(whoOf(request).accountId, request.params.id))
        throw new Refusal(404, 'unknown-session', 'There is no such session.');
      request.note('session-end');
      return { ok: true as const };
    },
  );

  app.post(
    '/api/account/tokens',
    { config: needs, schema: { body: newToken, response: { 200: tokenMade } } },
    (request) => {
      const who = whoOf(request);
      const { name, days } = request.body;
      const permissions = [...new Set(request.body.permissions)];
      if (!permissions.every((permission) => who.permissions.has(permission) && grantable(permission)))
        throw new Refusal(
          403,
          'not-allowed',
          'A token may do no more than who makes it, and make no accounts.',
        );
      if (!accounts.byId(who.accountId))
        throw new Refusal(404, 'unknown-account', 'There is no such account.');
      if (accounts.tokens.of(who.accountId).length >= MOST_TOKENS)
        throw new Refusal(409, 'too-many-tokens', 'End a token that is not needed any more.');
      const secret = `ca_${newSecret()}`;
      const wall = now();
      const token = { accountId: who.accountId, name, scope: permissions, endsAt: wall + days * DAY };
      const id = accounts.tokens.add({ ...token, hash: sha256(secret) }, wall);
      request.note('token-make', { token: id, scope: permissions.join(' '), days });
      return { token: tokenOf({ ...token, id, createdAt: wall, usedAt: null }), secret };
    },
  );

  app.delete(
    '/api/account/tokens/:id',
    { config: needs, schema: { params: byId, response: { 200: done } } },
    (request) => {
      const { id } = request.params;
      if (!accounts.tokens.end(whoOf(request).accountId, id))
        throw new Refusal(404, 'unknown-token', 'There is no such token.');
      request.note('token-end', { token: id });
      return { ok: true as const };
    },
  );
}

const sessionOf = ({ id, browser, createdAt, seenAt }: Login, current: string | null) => ({
  ...{ id, browser, createdAt: iso(createdAt), seenAt: iso(seenAt), current: id === current },
});

const tokenOf = ({ id, name, scope, createdAt, endsAt, usedAt }: ApiToken) => ({
  ...{ id, name, permissions: scope as Permission[], createdAt: iso(createdAt), endsAt: iso(endsAt) },
  usedAt: usedAt === null ? null : iso(usedAt),
});

/** Without what was not said. */
function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, given]) => given !== undefined)) as never;
}
