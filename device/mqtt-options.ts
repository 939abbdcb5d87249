import type { Config, SecretReference } from '../config/schema.ts';
import { readSecret, readSecretText } from '../config/secret.ts';
import { EMBEDDED_VERSION } from '../uploader/embedded-broker.ts';
import type { MqttOptions } from '../uploader/link.ts';
import { readTls, type TlsFiles } from '../uploader/tls.ts';
import type { UploaderOptions } from '../uploader/uploader.ts';
import { VERSION } from './version.ts';

type Broker = NonNullable<Config['mqtt']>;
type Outside = Extract<Broker, { broker: 'external' }>;
type Tls = Outside['tls'];

/** How the broker of the config is reached. Passwords, keys and certificates are read at each attempt, not here. */
export function mqttOptionsOf(mqtt: Broker): MqttOptions {
  if (mqtt.broker === 'embedded') return { url: `mqtt://127.0.0.1:${mqtt.port}`, version: EMBEDDED_VERSION };
  const { url, version, prefix, user, password, tls } = mqtt;
  return {
    url,
    version,
    ...(prefix === undefined ? {} : { prefix }),
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password: () => readSecret(password) }),
    // mqtt.js would make mqtts of mqtt by itself as soon as it has a certificate: what the address says counts.
    ...(url.startsWith('mqtts:') ? { tls: () => readTls(tlsFilesOf(tls)) } : {}),
  };
}

function tlsFilesOf({ ca, certificate, key }: Tls): TlsFiles {
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(key === undefined ? {} : { key: { name: nameOf(key), read: () => readSecretText(key) } }),
  };
}

/** How a message calls where a secret is. */
export const nameOf = (reference: SecretReference): string =>
  'file' in reference ? reference.file : `the credential ${reference.credential}`;

/** What Home Assistant is shown: the desks, with the buttons that rate. */
export function homeAssistantOf(
  { desks }: Config,
  commands: Outside['commands'],
  { prefix }: NonNullable<Outside['homeAssistant']>,
): NonNullable<UploaderOptions['homeAssistant']> {
  const shown = Object.entries(desks).map(([desk, { buttons = {} }]) => ({
    desk,
    buttons: Object.entries(buttons).flatMap(([name, button]) => ('rating' in button ? [name] : [])),
  }));
  return { desks: shown, prefix, version: VERSION, commands };
}
