import { createHmac, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../clock.ts';
import { CaError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { Account } from '../../store/page/accounts.ts';
import { IDLE } from '../../store/page/logins.ts';
import type { Store } from '../../store/store.ts';
import { Refusal } from '../refusal.ts';
import { AdminCodes } from './admin-codes.ts';
import { Attempts } from './attempts.ts';
import { cookieOf } from './cookie.ts';
import { Passwords } from './password.ts';
import { type Permission, ROLES, type Role } from './permissions.ts';
import { codeHash, newCode, sha256 } from './secrets.ts';
import { SignInAttempts } from './sign-in-attempts.ts';
import { Sso, type SsoOptions } from './sso.ts';
import type { Who } from './who.ts';

export interface AccessOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** null: nobody signs in at a proxy. */
  readonly sso: SsoOptions | null;
  /** What a password's hash costs, see `Passwords`. */
  readonly log2N?: number;
}

/** How long somebody has to choose a password, ms. */
const CODE_LASTS = 7 * 86_400_000;

/** What may be granted to a token: no token makes accounts or tokens. */
export const grantable = (permission: Permission) => permission !== 'accounts:write';

/** Knows who asks, and who may become known. */
export class Access {
  readonly passwords: Passwords;
  readonly codes: AdminCodes;
  /** Of codes, and of who changes a password. */
  readonly attempts: Attempts;
  readonly signIns: SignInAttempts;
  readonly #options: AccessOptions;
  readonly #sso: Sso | null;
  /** Signs what a browser that comes through the proxy must send with each change. */
  readonly #secret = randomBytes(32);
  /** When each account was last seen to come through the proxy: monotonic ms. */
  readonly #proxied = new Map<string, number>();
  #touched = true;

  constructor(options: AccessOptions) {
    this.#options = options;
    this.passwords = new Passwords(options.log2N);
    this.#sso = options.sso && new Sso(options.sso);
    this.codes = new AdminCodes(options.clock);
    this.attempts = new Attempts(options.clock);
    this.signIns = new SignInAttempts(options.clock);
  }

  /** The code with which the first account is made; null: there are accounts. */
  setUpCode(): string | null {
    return this.#options.store.accounts.none() ? this.codes.make('until-set-up') : null;
  }

  /**
   * A code for somebody at the device: with it, whoever `name` is chooses a password anew; null: an administrator more is made.
   * @throws CaError CA_ACCOUNT_UNKNOWN
   */
  codeFor(name: string | null): { code: string; name: string | null } {
    const { store, clock } = this.#options;
    const account = name === null ? null : store.accounts.byName(name);
    if (name !== null && (!account || account.disabled))
      throw new CaError('CA_ACCOUNT_UNKNOWN', 'there is no account of that name that can be used');
    return store.accounts.together(() => {
      store.logAction({
        ...{ wall: clock.now().wall, actor: 'console', account: null, action: 'account-code' },
        ...{ target: account ? { account: account.name } : {}, outcome: 'ok' },
      });
      const code = account ? this.resetCode(account) : this.codes.make('hour');
      return { code, name: account?.name ?? null };
    });
  }

  /** Ends an account's password and sessions; with the code that is returned, somebody chooses a new one. */
  resetCode({ id }: Pick<Account, 'id'>): string {
    const { store, clock } = this.#options;
    const code = newCode();
    const ends = clock.now().wall + CODE_LASTS;
    store.accounts.together(() => store.accounts.setCode(id, codeHash(code) as Buffer, ends));
    return code;
  }

  /** Whether the request came through a proxy that is believed. */
  proxied(request: FastifyRequest): boolean {
    return this.#sso?.proxied(request) ?? false;
  }

  /** The browser's address: that of a proxy that is believed would be everybody's. */
  addressOf(request: FastifyRequest): string {
    const said = this.proxied(request) ? lastOf(request.headers['x-forwarded-for']) : '';
    return isIP(said) === 0 ? request.ip : said;
  }

  /** The browser speaks TLS: with the device, or with a proxy that is believed. */
  secure(request: FastifyRequest): boolean {
    if (request.protocol === 'https') return true;
    return this.proxied(request) && lastOf(request.headers['x-forwarded-proto']).toLowerCase() === 'https';
  }

  /** Who asks; null: nobody that is known. `using`: it counts as a use of session or token. @throws Refusal where somebody pretends */
  identify(request: FastifyRequest, using = true): Who | null {
    return this.#byProxy(request, using) ?? this.#byToken(request, using) ?? this.#bySession(request, using);
  }

  #byProxy(request: FastifyRequest, using: boolean): Who | null {
    const { store, log } = this.#options;
    let name: string | null;
    try {
      name = this.#sso?.nameOf(request) ?? null;
    } catch (error) {
      log.warn({ peer: request.socket.remoteAddress }, 'somebody who is not the proxy says who asks');
      throw error;
    }
    const account = name === null ? null : store.accounts.byName(name);
    if (!account || account.disabled) return null;
    if (using) this.#noteProxied(account);
    const csrf = createHmac('sha256', this.#secret).update(account.id).digest('base64url');
    return whoIs(account, { by: 'sso', csrf });
  }

  /** There is no sign-in to be noted: the first request after a while is one. */
  #noteProxied({ id, name }: Account): void {
    const { store, clock } = this.#options;
    const { mono, wall } = clock.now();
    const before = this.#proxied.get(id);
    if (before === undefined || mono - before > IDLE) {
      store.accounts.together(() => {
        store.accounts.sawSignIn(id, wall);
        store.logAction({
          ...{ wall, actor: 'page', account: name },
          ...{ action: 'sign-in', target: { by: 'sso' }, outcome: 'ok' },
        });
      });
    }
    this.#proxied.set(id, mono);
  }

  #byToken(request: FastifyRequest, using: boolean): Who | null {
    const { accounts } = this.#options.store;
    const [, secret] = /^Bearer (ca_[\w-]{43})$/i.exec(request.headers.authorization ?? '') ?? [];
    if (secret === undefined) return null;
    const { wall } = this.#options.clock.now();
    const token = accounts.tokens.byHash(sha256(secret), wall);
    const account = token && accounts.byId(token.accountId);
    if (!account || account.disabled)
      throw new Refusal(401, 'token', 'This token does not count, or no longer.');
    if (using) this.#touch(() => accounts.tokens.use(token, wall));
    return whoIs(account, { by: 'token', scope: token.scope });
  }

  #bySession(request: FastifyRequest, using: boolean): Who | null {
    const { accounts } = this.#options.store;
    const secret = cookieOf(request, this.secure(request));
    if (secret === null) return null;
    const { wall } = this.#options.clock.now();
    const login = accounts.logins.byHash(sha256(secret), wall);
    const account = login && accounts.byId(login.accountId);
    if (!account || account.disabled) return null;
    if (using) this.#touch(() => accounts.logins.use(login, wall));
    return whoIs(account, { by: 'session', session: login.id, csrf: csrfOf(secret) });
  }

  /** A disk that is full keeps nobody from reading: only when it was that they did is not kept. */
  #touch(write: () => void): void {
    try {
      write();
      this.#touched = true;
    } catch (err) {
      if (this.#touched) this.#options.log.warn({ err }, 'when sessions were used cannot be written');
      this.#touched = false;
    }
  }
}

/** What the nearest proxy says: all before it may be the browser's own words. */
const lastOf = (header: string | string[] | undefined): string =>
  String(header ?? '')
    .split(',')
    .at(-1)
    ?.trim() ?? '';

/** Made of the session's secret: whoever has the one is told the other, and nothing more is to be kept. */
const csrfOf = (secret: string) => sha256(`csrf ${secret}`).toString('base64url');

function whoIs(
  account: Account,
  way: { by: Who['by']; session?: string; csrf?: string; scope?: readonly string[] },
): Who {
  const role = account.role as Role;
  const { scope } = way;
  // As long as the account may do it itself, and never what no token may.
  const permissions: readonly Permission[] = scope
    ? ROLES[role].filter((permission) => scope.includes(permission) && grantable(permission))
    : ROLES[role];
  return {
    ...{ accountId: account.id, name: account.name, role, permissions: new Set(permissions) },
    ...{
      receptionist: account.receptionist,
      by: way.by,
      session: way.session ?? null,
      csrf: way.csrf ?? null,
    },
  };
}
