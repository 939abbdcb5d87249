import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messages } from '../../uploader/messages.ts';
import type { TlsFiles } from '../../uploader/tls.ts';

/** The samples of `config/brokers`, run as they stand there: only places and ports are the test's own. */
const SAMPLES = new URL('../../config/brokers/', import.meta.url);

export const sample = (name: string): string => readFileSync(new URL(name, SAMPLES), 'utf8');

/** Makes `ca.crt`, `broker.crt` for localhost and `<device>.crt`, with their keys, by the commands of the README. */
export function makeCertificates(folder: string, devices: readonly string[]): void {
  const [authority, server, device] = commands();
  run(folder, authority, {});
  run(folder, server, { BROKER: 'localhost' });
  for (const name of devices) {
    run(folder, device, { DEVICE: name });
    for (const kind of ['crt', 'key']) run(folder, `mv device.${kind} ${name}.${kind}`, {});
  }
}

/** Signs the request of a device that is in `folder`, `device.csr`, by the commands of the README. */
export function signRequest(folder: string, name: string): void {
  const [, , device] = commands();
  const signing = device.replace(/^openssl req (?:.*\\\n)*.*\n/, '');
  if (signing === device) throw new Error('the first command is not the one that makes the request');
  run(folder, signing, { DEVICE: name });
}

function run(folder: string, script: string, env: Record<string, string>): void {
  execFileSync('sh', ['-eu', '-c', script], { cwd: folder, env: { ...process.env, ...env }, stdio: 'pipe' });
}

/** For the authority, for the broker, for a device. */
function commands(): [string, string, string] {
  const section = /\n## Certificates\n(.*?)\n## /s.exec(sample('README.md'))?.[1] ?? '';
  const [authority = '', server = '', device = ''] = [...section.matchAll(/```sh\n(.*?)```/gs)].map(
    ([, block = '']) => block,
  );
  return [authority, server, device];
}

export const filesOf = (folder: string, device: string): TlsFiles => ({
  ca: join(folder, 'ca.crt'),
  certificate: join(folder, `${device}.crt`),
  key: { name: 'its key', read: () => readFileSync(join(folder, `${device}.key`), 'utf8') },
});

/** Every topic that the published schema knows, of a device. */
export const topicsOf = (device: string): string[] =>
  Object.values(messages).map(
    ({ topic }) => `ca/v1/${device}/${topic.replace('{desk}', 'front').replace('{hour|day}', 'day')}`,
  );
