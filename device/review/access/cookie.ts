import type {} from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LONGEST } from '../../store/page/logins.ts';

/** Under TLS a name that no other site of the domain can set (RFC 6265bis §4.1.3.2); browsers refuse it without. */
const nameOf = (secure: boolean) => (secure ? '__Host-ca' : 'ca');

/** What the session's cookie says; null: there is none. `secure`: the browser speaks TLS. */
export function cookieOf(request: FastifyRequest, secure: boolean): string | null {
  const value = request.cookies[nameOf(secure)];
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : null;
}

/** Gives the browser the secret of its session; null: takes it away. */
export function setCookie(secure: boolean, reply: FastifyReply, secret: string | null): void {
  reply.setCookie(nameOf(secure), secret ?? '', {
    ...{ path: '/', httpOnly: true, sameSite: 'strict', secure },
    maxAge: secret === null ? 0 : LONGEST / 1_000,
  });
}
