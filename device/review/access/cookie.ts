import type {} from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LONGEST } from '../../store/page/logins.ts';

/** Under TLS a name that no other site of the domain can set (RFC 6265bis §4.1.3.2); browsers refuse it without. */
const nameOf = (request: FastifyRequest) => (request.protocol === 'https' ? '__Host-ca' : 'ca');

/** What the session's cookie says; null: there is none. */
export function cookieOf(request: FastifyRequest): string | null {
  const value = request.cookies[nameOf(request)];
  return value !== undefined && /^[\w-]{43}$/.test(value) ? value : null;
}

/** Gives the browser the secret of its session; null: takes it away. */
export function setCookie(request: FastifyRequest, reply: FastifyReply, secret: string | null): void {
  reply.setCookie(nameOf(request), secret ?? '', {
    ...{ path: '/', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' },
    maxAge: secret === null ? 0 : LONGEST / 1_000,
  });
}
