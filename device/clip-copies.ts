import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readSecret } from '../config/secret.ts';
import { ClipUploads } from '../uploader/clips/clip-uploads.ts';
import { CaError, messageOf } from './errors.ts';
import type { House } from './wiring.ts';

/** Most bytes a second where the config names no store, and so no rate: clips that are handed over are few. */
const RATE = 100_000_000;

/**
 * What sends copies of clips; null where the config lets none go: then nothing is opened. A store that has copies
 * there has it, too: they have to go one day, and somebody must be told.
 */
export function clipUploadsOf({ config, clock, log, store, vault }: House): ClipUploads | null {
  const { clips, hosts } = config.uploads;
  const handsOver = config.mqtt?.broker === 'external' && config.mqtt.commands.includes('fetch');
  if (!clips && !handsOver && !store.uploads.stored()) return null;
  return new ClipUploads({
    uploads: store.uploads,
    store: clips
      ? {
          ...clips,
          accessKey: () => readSecret(clips.accessKey),
          secretKey: () => readSecret(clips.secretKey),
        }
      : null,
    hosts,
    rate: clips?.rate ?? RATE,
    open: async (file, head) => {
      const recipient = clips?.recipient === undefined ? null : recipientFrom(clips.recipient);
      return vault.toSend(file, recipient, head);
    },
    onChange: (listener) => store.contacts.onChange(listener),
    clock,
    log,
  });
}

/** Read for each clip, so that one that was changed on the disk is used. @throws CaError CA_RECIPIENT_INVALID */
function recipientFrom(path: string): KeyObject {
  try {
    const pem = readFileSync(path, 'utf8');
    // Node would make the public key of it, and the device would hold what opens all that it sends.
    if (pem.includes('PRIVATE KEY')) throw new Error('it is a private key: put the public one there');
    return createPublicKey(pem);
  } catch (cause) {
    const said = `the recipient's key cannot be read from ${path}: ${messageOf(cause)}`;
    throw new CaError('CA_RECIPIENT_INVALID', said, { cause });
  }
}
