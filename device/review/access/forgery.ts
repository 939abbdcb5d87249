import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { Refusal } from '../refusal.ts';
import type { Who } from './who.ts';

/** Methods that change nothing (RFC 9110 §9.2.1). */
export const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Another site may make a visitor's browser send a request here, with the cookie. It cannot make it send our token,
 * and cannot hide where the request comes from. `proxied`: the request came through a proxy that is believed.
 * @throws Refusal
 */
export function checkForgery(request: FastifyRequest, who: Who | null, proxied: boolean): void {
  if (SAFE.includes(request.method) || who?.by === 'token') return;
  const { origin, host } = request.headers;
  if (origin !== undefined && !isOurs(origin, request.protocol, host, proxied))
    throw new Refusal(403, 'foreign-origin', 'Another site asked for this: open the page itself.');
  if (who === null || who.csrf === null) return;
  const sent = Buffer.from(String(request.headers['x-csrf-token'] ?? ''));
  const wanted = Buffer.from(who.csrf);
  if (sent.length !== wanted.length || !timingSafeEqual(sent, wanted))
    throw new Refusal(403, 'csrf', 'The page is out of date: load it again.');
}

/** A proxy may end TLS: then the browser's scheme is another one than ours. */
function isOurs(origin: string, protocol: string, host: string | undefined, proxied: boolean): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const from = new URL(origin);
  // The host as a URL has it: without the port where it is the scheme's own.
  const own = `${from.protocol}//${host}`;
  if (!URL.canParse(own) || new URL(own).host !== from.host) return false;
  return proxied || from.protocol === `${protocol}:`;
}
