import type { FastifyReply, FastifyRequest } from 'fastify';

const HEADERS = {
  'x-content-type-options': 'nosniff',
  // The address of the page has the code in it.
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/**
 * First hook of each request: security headers on every answer, and nothing for the pages of other sites. Browsers tell
 * with each POST whose page it comes from; no answer allows another origin to read it (CORS).
 */
export async function guard(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  reply.headers(HEADERS);
  const { origin, host } = request.headers;
  if (origin !== undefined && origin.replace(/^https?:\/\//, '') !== host)
    return reply.code(403).send({ error: 'forbidden-origin', message: 'Only the page itself may press.' });
  return undefined;
}

/** The page is one document: its own style and script, by their hashes, and nothing else from anywhere. */
export function policyOf(hashes: { style: string; script: string }): string {
  return [
    "default-src 'none'",
    `script-src '${hashes.script}'`,
    `style-src '${hashes.style}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}
