import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Account } from '../../store/page/accounts.ts';
import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import { setCookie } from './cookie.ts';
import { checkPassword } from './password.ts';
import { codeGiven, codeMeans, done, redeem, setUp, signIn } from './schema.ts';
import { codeHash, newSecret, sha256 } from './secrets.ts';
import { whoOf } from './who.ts';

/** Attempts a minute of one address, of all these routes together: several people behind one router type wrong at times. */
const LIMIT = { max: 30, timeWindow: 60_000 };
const anyone = { needs: 'anyone' } as const;

/** What is said whatever is wrong: who tries names learns nothing. */
const wrong = () => new Refusal(401, 'wrong', 'The name or the password is wrong.');
const wrongCode = () => new Refusal(401, 'wrong-code', 'This code does not count, or no longer.');

/** Signing in and out, and the codes with which a password is chosen. */
export function addSignInRoutes(app: App, parts: PageParts): void {
  const { access, store, clock } = parts;
  const { accounts } = store;
  const now = () => clock.now().wall;
  // One for all of them: what the routes have of their own counts each for itself.
  const onRequest = app.rateLimit(LIMIT);

  app.post(
    '/api/sign-in',
    {
      onRequest,
      config: { ...anyone, commits: 'itself' },
      schema: { body: signIn, response: { 200: done } },
    },
    async (request, reply) => {
      const { name, password } = request.body;
      const { locks } = access.signIns.begin(name, access.addressOf(request));
      const found = accounts.byName(name);
      const account = found && !found.disabled ? found : null;
      const right = await access.passwords.matches(password, account?.password ?? null);
      // It may have been changed while the password was being compared.
      const still = right && account ? accounts.byId(account.id) : null;
      if (!still || still.disabled || still.password !== account?.password) {
        noteFor(found, 'sign-in-refused', locks ? 'locked' : 'wrong');
        throw wrong();
      }
      access.signIns.succeeded(name, access.addressOf(request));
      enter(parts, request, reply, () => still);
      return { ok: true as const };
    },
  );

  app.post(
    '/api/sign-out',
    { config: { needs: 'person' }, schema: { response: { 200: done } } },
    (request, reply) => {
      const who = whoOf(request);
      if (who.session !== null) accounts.logins.end(who.accountId, who.session);
      request.note('sign-out');
      setCookie(access.secure(request), reply, null);
      return { ok: true as const };
    },
  );

  app.post(
    '/api/code',
    {
      onRequest,
      config: { ...anyone, commits: 'nothing' },
      schema: { body: codeGiven, response: { 200: codeMeans } },
    },
    (request) => {
      const { code } = request.body;
      return guessing(request, () => {
        if (access.codes.knows(code, accounts.none())) return { kind: 'administrator' as const, name: null };
        return { kind: 'password' as const, name: ofCode(code).name };
      });
    },
  );

  app.post(
    '/api/set-up',
    { onRequest, config: { ...anyone, commits: 'itself' }, schema: { body: setUp, response: { 200: done } } },
    async (request, reply) => {
      const { code, name, password } = request.body;
      guessing(request, () => {
        if (!access.codes.knows(code, accounts.none())) throw wrongCode();
      });
      checkPassword(password, name);
      const hash = await access.passwords.hash(password);
      const empty = accounts.none();
      enter(parts, request, reply, () => {
        if (accounts.byName(name)) throw new Refusal(409, 'name-taken', 'There is an account of that name.');
        if (!access.codes.knows(code, empty)) throw wrongCode();
        const id = accounts.add({ name, role: 'admin', receptionist: null }, now()) as string;
        accounts.setPassword(id, hash);
        const account = accounts.byId(id) as Account;
        noteFor(account, 'set-up', 'ok');
        return account;
      });
      // Only now: where the disk refuses the account, its code is still there.
      access.codes.take(code, empty);
      return { ok: true as const };
    },
  );

  app.post(
    '/api/redeem',
    {
      onRequest,
      config: { ...anyone, commits: 'itself' },
      schema: { body: redeem, response: { 200: done } },
    },
    async (request, reply) => {
      const { code, password } = request.body;
      const { name } = guessing(request, () => ofCode(code));
      checkPassword(password, name);
      const hash = await access.passwords.hash(password);
      const account = enter(parts, request, reply, () => {
        const { id } = ofCode(code);
        accounts.setPassword(id, hash);
        const account = accounts.byId(id) as Account;
        noteFor(account, 'account-password', 'ok');
        return account;
      });
      access.signIns.succeeded(account.name, access.addressOf(request));
      return { ok: true as const };
    },
  );

  /** Whose password a code is for. @throws Refusal where it is nobody's */
  function ofCode(code: string): Account {
    const hash = codeHash(code);
    const account = hash && accounts.byCode(hash, now());
    if (!account || account.disabled) throw wrongCode();
    return account;
  }

  /** Counts the wrong codes of an address. */
  function guessing<T>(request: FastifyRequest, look: () => T): T {
    const from = `codes of ${access.addressOf(request)}`;
    access.attempts.begin(from);
    const result = look();
    access.attempts.succeeded(from);
    return result;
  }

  /** Nobody is known yet: whose account it is about, if it is anybody's. */
  function noteFor(account: Account | null, action: string, outcome: string): void {
    store.logAction({
      wall: now(),
      actor: 'page',
      account: account?.name ?? null,
      action,
      target: {},
      outcome,
    });
  }
}

/**
 * Begins a session: always a new one, so that nobody's cookie from before counts (session fixation). `become` says whose;
 * what it changes is the same commit. Returns whose.
 */
export function enter(
  { access, store, clock }: PageParts,
  request: FastifyRequest,
  reply: FastifyReply,
  become: () => Account,
): Account {
  const { wall } = clock.now();
  const { accounts } = store;
  const secret = newSecret();
  const browser = String(request.headers['user-agent'] ?? '').slice(0, 200);
  const before = request.who;
  const entered = accounts.together(() => {
    const account = become();
    if (before?.session) accounts.logins.end(before.accountId, before.session);
    accounts.logins.begin({ hash: sha256(secret), accountId: account.id, browser }, wall);
    accounts.sawSignIn(account.id, wall);
    store.logAction({
      wall,
      actor: 'page',
      account: account.name,
      action: 'sign-in',
      target: {},
      outcome: 'ok',
    });
    return account;
  });
  setCookie(access.secure(request), reply, secret);
  return entered;
}
