import { z } from 'zod';
import { id } from '../fields.ts';
import { LONGEST } from './password.ts';
import { PERMISSIONS, ROLES, type Role } from './permissions.ts';

/** What the routes of accounts take and answer. Times: ISO 8601, UTC. */

const time = z.string();
/** Spaces within are one; what two alphabets have alike stays different, and is the administrator's to mind. */
export const loginName = z
  .string()
  .max(64)
  .transform((name) => name.normalize('NFC').trim().replaceAll(/\s+/g, ' '))
  .pipe(z.string().regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._@-]{0,63}$/u, 'letters, digits and . _ @ - only'));
const password = z.string().min(1).max(LONGEST);
const code = z.string().min(1).max(40);
const role = z.enum(Object.keys(ROLES) as [Role, ...Role[]]);
/** As the config has it. */
const pseudonym = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/);

export const byId = z.object({ id });
export const done = z.object({ ok: z.literal(true) });

/** A name that nobody can have is as wrong as one that nobody has. */
export const signIn = z.strictObject({ name: z.string().max(64), password });
export const codeGiven = z.strictObject({ code });
export const codeMeans = z.object({
  kind: z.enum(['administrator', 'password']),
  name: z.string().nullable().describe('Whose password it is for.'),
});
export const setUp = z.strictObject({ code, name: loginName, password });
export const redeem = z.strictObject({ code, password });

export const looks = z.strictObject({
  language: z.enum(['en', 'ru', 'pl', 'lt']).nullable().optional(),
  theme: z.enum(['light', 'dark']).nullable().optional(),
});
export const newPassword = z.strictObject({ old: password, password });
export const newToken = z.strictObject({
  name: z.string().trim().min(1).max(64),
  permissions: z.array(z.enum(PERMISSIONS)).min(1).max(PERMISSIONS.length),
  days: z.number().int().min(1).max(365),
});
const token = z.object({
  ...{ id, name: z.string(), permissions: z.array(z.enum(PERMISSIONS)) },
  ...{ createdAt: time, endsAt: time, usedAt: time.nullable() },
});
export const tokenMade = z.object({ token, secret: z.string().describe('Shown this once.') });
export const own = z.object({
  sessions: z.array(
    z.object({ id, browser: z.string(), createdAt: time, seenAt: time, current: z.boolean() }),
  ),
  tokens: z.array(token),
  grantable: z.array(z.enum(PERMISSIONS)),
});

export const newAccount = z.strictObject({ name: loginName, role, receptionist: pseudonym.nullable() });
export const accountChange = z.strictObject({
  role: role.optional(),
  receptionist: pseudonym.nullable().optional(),
  disabled: z.boolean().optional(),
});
const account = z.object({
  ...{ id, name: z.string(), role, receptionist: z.string().nullable(), disabled: z.boolean() },
  state: z.enum(['active', 'invited', 'expired', 'disabled']).describe('invited: no password yet.'),
  ...{ codeEnds: time.nullable(), createdAt: time, seenAt: time.nullable(), tokens: z.number() },
});
export const accountList = z.object({ accounts: z.array(account) });
export const codeMade = z.object({ account, code: z.string().describe('Shown this once.'), codeEnds: time });

export type CodeMeans = z.infer<typeof codeMeans>;
export type OwnAccount = z.infer<typeof own>;
export type TokenMade = z.infer<typeof tokenMade>;
export type AccountList = z.infer<typeof accountList>;
export type ListedAccount = z.infer<typeof account>;
export type CodeMade = z.infer<typeof codeMade>;
