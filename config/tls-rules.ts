import type { Draft, Finding } from './rules.ts';
import type { Config } from './schema.ts';

/** What the settings of TLS say about each other and about the broker's address. */
export function tlsRules({ mqtt }: Draft<Config>): Finding[] {
  if (mqtt?.broker !== 'external' || !mqtt.tls) return [];
  const { url, tls } = mqtt;
  const given = Object.keys(tls);
  if (given.length > 0 && url !== undefined && !url.startsWith('mqtts:')) {
    return [
      {
        path: ['mqtt', 'tls'],
        message: 'has no meaning for mqtt://, which is not encrypted',
        remedy: 'Write mqtts:// and the port for it, 8883 as a rule; or remove the block.',
      },
    ];
  }
  const [one, other] = 'certificate' in tls ? ['certificate', 'key'] : ['key', 'certificate'];
  if (!(one in tls) || other in tls) return [];
  return [
    {
      path: ['mqtt', 'tls', other],
      message: `is missing: mqtt.tls.${one} is set, and neither is of use without the other`,
      remedy: `Add the ${other}, or remove the ${one}.`,
    },
  ];
}
