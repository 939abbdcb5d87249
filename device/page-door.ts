import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/schema.ts';
import { readSecretText } from '../config/secret.ts';
import { Certificates, readTls } from '../uploader/tls.ts';
import type { Clock } from './clock.ts';
import { nameOf } from './mqtt-options.ts';
import { ownCertificate } from './own-certificate.ts';
import type { PageTls, ReviewServerOptions } from './review/server.ts';

const LOOPBACK = /^(127\.|::1$)/;
const HOST_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i;

/** Where and how the page is served: plain HTTP on the loopback alone, by HTTPS with the clinic's certificate or our own anywhere else. */
export function doorOf(
  { page, data }: Config,
  clock: Clock,
): Pick<ReviewServerOptions, 'host' | 'port' | 'names' | 'known' | 'tls'> {
  const { host, port, names } = page;
  const known = names[0] ?? addresses().v4[0] ?? 'localhost';
  return { host, port, names, known, tls: tlsOf() };

  function tlsOf(): PageTls | null {
    const { tls } = page;
    if (tls) {
      const { certificate, key } = tls;
      const secret = { name: nameOf(key), read: () => readSecretText(key) };
      return certificates(() => ({ certificate, key: secret }), false);
    }
    if (LOOPBACK.test(host)) return null;
    const own = HOST_NAME.test(hostname()) ? [hostname(), `${hostname()}.local`] : [];
    const bound = host === '0.0.0.0' || host === '::' ? [] : [host];
    const given = [...names.map((name) => name.replace(/^\[|\]$/g, '')), ...bound];
    const folder = join(data, 'page-tls');
    return certificates(() => {
      // Asked each time: an address may be given to this device long after the start.
      const { outside, v4 } = addresses();
      // Addresses of IPv6 come and go by themselves: for them no certificate is made anew, which everybody must compare again.
      const needed = [...given, ...(bound.length > 0 ? [] : v4)];
      const all = [...needed, ...own, ...outside, 'localhost', '127.0.0.1', '::1'];
      const made = ownCertificate(folder, [...new Set(all)], needed, clock.now().wall);
      return {
        certificate: made.certificate,
        key: { name: made.key, read: () => readSecretText({ file: made.key }) },
      };
    }, true);
  }

  function certificates(files: () => Parameters<typeof readTls>[0], own: boolean): PageTls {
    return Object.assign(new Certificates(() => readTls(files()), clock), { own });
  }
}

/** At which other machines reach this one. */
function addresses(): { outside: string[]; v4: string[] } {
  const all = Object.values(networkInterfaces()).flatMap((known) => known ?? []);
  const outside = all.filter(({ internal, address }) => !internal && !address.startsWith('fe80:'));
  return {
    outside: outside.map(({ address }) => address),
    v4: outside.flatMap(({ family, address }) => (family === 'IPv4' ? [address] : [])),
  };
}
