import type { FastifyReply, FastifyRequest } from 'fastify';

const HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "media-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // Another site may otherwise embed a clip as <video>, and learn its length and shape.
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  // Clips and contacts are personal: no copy outlives the page.
  'cache-control': 'no-store',
};

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i;

/**
 * True when a `Host` header names this machine. A web site can point its own name at 127.0.0.1 (DNS rebinding) and
 * read the page with the visitor's browser; the name then still stands in the header.
 */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && LOOPBACK.test(host);
}

/** First hook of each request: security headers on every answer, and nothing but reading from this machine. */
export async function guard(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  reply.headers(HEADERS);
  if (!isLoopbackHost(request.headers.host)) {
    return reply.code(403).send({ error: 'forbidden-host', message: 'Open the page as http://127.0.0.1.' });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return reply
      .code(405)
      .header('allow', 'GET, HEAD')
      .send({ error: 'read-only', message: 'This page can only be read.' });
  }
  return undefined;
}
