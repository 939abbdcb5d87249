import type { Account } from '../../store/page/accounts.ts';
import type { App } from '../app.ts';
import type { PageParts } from '../parts.ts';
import { Refusal } from '../refusal.ts';
import type { Role } from './permissions.ts';
import {
  accountChange,
  accountList,
  byId,
  codeMade,
  done,
  type ListedAccount,
  newAccount,
} from './schema.ts';
import { whoOf } from './who.ts';

const needs = { needs: 'accounts:write' } as const;
const iso = (wall: number | null) => (wall === null ? null : new Date(wall).toISOString());

/** The accounts of everybody, for an administrator in person: no token has the permission. Nobody types somebody else's password: a code lets them choose it. */
export function addAccountRoutes(app: App, { access, store, clock }: PageParts): void {
  const { accounts } = store;

  app.get('/api/accounts', { config: needs, schema: { response: { 200: accountList } } }, () => ({
    accounts: accounts.all().map(listed),
  }));

  app.post(
    '/api/accounts',
    { config: needs, schema: { body: newAccount, response: { 200: codeMade } } },
    (request) => {
      const { body } = request;
      const role = ownContacts(body);
      const made = accounts.together(() => {
        const id = accounts.add({ ...body, ...role }, clock.now().wall);
        if (id === null) throw new Refusal(409, 'name-taken', 'There is an account of that name.');
        return codeOf(accounts.byId(id) as Account);
      });
      request.note('account-make', { account: body.name, role: body.role });
      return made;
    },
  );

  app.patch(
    '/api/accounts/:id',
    { config: needs, schema: { params: byId, body: accountChange, response: { 200: accountList } } },
    (request) => {
      const { body } = request;
      const { account, next } = accounts.together(() => {
        const account = existing(request.params.id);
        const rights = ownContacts({
          role: body.role ?? (account.role as Role),
          receptionist: body.receptionist === undefined ? account.receptionist : body.receptionist,
        });
        const next = { ...rights, disabled: body.disabled ?? account.disabled };
        if (next.role !== 'admin' || next.disabled) mustStay(account);
        const same = (['role', 'receptionist', 'disabled'] as const).every(
          (key) => next[key] === account[key],
        );
        if (!same) accounts.setRights(account.id, next);
        return { account, next };
      });
      const { role, disabled } = next;
      request.note('account-change', { account: account.name, role, disabled: String(disabled) });
      return { accounts: accounts.all().map(listed) };
    },
  );

  app.post(
    '/api/accounts/:id/reset',
    { config: needs, schema: { params: byId, response: { 200: codeMade } } },
    (request) => {
      const who = whoOf(request);
      const account = existing(request.params.id);
      if (account.id === who.accountId)
        throw new Refusal(409, 'own-account', 'Change your own password at your account.');
      if (account.disabled) throw new Refusal(409, 'disabled', 'Enable the account first.');
      const made = codeOf(account);
      request.note('account-reset', { account: account.name });
      return made;
    },
  );

  app.delete(
    '/api/accounts/:id/tokens',
    { config: needs, schema: { params: byId, response: { 200: accountList } } },
    (request) => {
      const account = existing(request.params.id);
      const tokens = accounts.tokens.endAll(account.id);
      request.note('account-tokens-end', { account: account.name, tokens });
      return { accounts: accounts.all().map(listed) };
    },
  );

  app.delete(
    '/api/accounts/:id',
    { config: needs, schema: { params: byId, response: { 200: done } } },
    (request) => {
      const account = existing(request.params.id);
      if (!accounts.remove(account.id))
        throw new Refusal(409, 'in-use', 'Somebody has used this account: disable it.');
      request.note('account-remove', { account: account.name });
      return { ok: true as const };
    },
  );

  function existing(id: string): Account {
    const account = accounts.byId(id);
    if (account) return account;
    throw new Refusal(404, 'unknown-account', 'There is no such account.');
  }

  /** Somebody has to be there who can let others in. */
  function mustStay({ id, role, disabled }: Account): void {
    if (role === 'admin' && !disabled && accounts.others('admin', id) === 0)
      throw new Refusal(409, 'last-admin', 'This is the last administrator: make another one first.');
  }

  function codeOf(account: Account) {
    const code = access.resetCode(account);
    const after = accounts.byId(account.id) as Account;
    return { account: listed(after), code, codeEnds: iso(after.codeEnds) as string };
  }

  function listed(account: Account): ListedAccount {
    const { id, name, receptionist, disabled, password, codeEnds } = account;
    const waits = codeEnds !== null && codeEnds > clock.now().wall ? 'invited' : 'expired';
    return {
      ...{ id, name, role: account.role as Role, receptionist, disabled, codeEnds: iso(codeEnds) },
      state: disabled ? 'disabled' : password !== null ? 'active' : waits,
      ...{ createdAt: iso(account.createdAt) as string, seenAt: iso(account.seenAt) },
      tokens: accounts.tokens.of(id).length,
    };
  }
}

/** A receptionist's own contacts are those of a pseudonym; nobody else has any. @throws Refusal */
function ownContacts({ role, receptionist }: Pick<Account, 'receptionist'> & { role: Role }) {
  if (role !== 'receptionist') return { role, receptionist: null };
  if (receptionist !== null) return { role, receptionist };
  throw new Refusal(400, 'pseudonym', "Give the receptionist's pseudonym at the desk.");
}
