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
  // The page plays what the device recorded, and records nothing itself.
  'permissions-policy':
    'camera=(), microphone=(), geolocation=(), display-capture=(), usb=(), serial=(), payment=()',
  // Clips and contacts are personal: no copy outlives the page.
  'cache-control': 'no-store',
};

/** One year. Only of the host itself: what else the clinic has below its name is not for us to say. */
const HSTS = 'max-age=31536000';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The doors at which browsers may ask. */
export interface Door {
  /** Names by which browsers reach the page, besides the loopback's and the address that they connected to. */
  readonly names: readonly string[];
  /** Certificate and key in PEM; null: plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** The certificate is the clinic's: browsers may be told to come by HTTPS alone. With one of our own that would lock out who trusts another one later. */
  readonly strict: boolean;
}

/**
 * True when a `Host` header names this machine: by a name that the config has, by the loopback's, or by the address at
 * which the connection arrived. A web site can point its own name at this machine (DNS rebinding) and read the page with
 * the visitor's browser; its name then still stands in the header.
 */
export function isOurHost(
  host: string | undefined,
  names: readonly string[],
  localAddress: string | undefined,
): boolean {
  const name = host?.toLowerCase().replace(/:\d{1,5}$/, '');
  if (name === undefined) return false;
  if (LOOPBACK.test(name) || names.includes(name)) return true;
  const address = localAddress?.replace(/^::ffff:(?=\d+\.)/, '');
  return address !== undefined && name === (address.includes(':') ? `[${address}]` : address);
}

/** First hook of each request: security headers on every answer, and an answer only under this machine's name. */
export function guardOf({ names, strict }: Door) {
  const headers = strict ? { ...HEADERS, 'strict-transport-security': HSTS } : HEADERS;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    reply.headers(headers);
    if (isOurHost(request.headers.host, names, request.socket.localAddress)) return undefined;
    return reply.code(403).send({
      error: 'forbidden-host',
      message: 'The device does not know itself by this name: write it into page.names of its config.',
    });
  };
}
