import { createCipheriv, createHmac, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { CaError } from '../errors.ts';

/**
 * HPKE (RFC 9180), base mode, one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. The sending half only;
 * names are those of the RFC.
 */

/** Bytes of an encapsulated key (Nenc, RFC 9180 §7.1). */
export const ENC = 32;
/** Bytes that sealing adds (Nt, §7.3). */
export const SEAL_TAG = 16;

const KEM_SUITE = Buffer.from('KEM\x00\x20', 'latin1');
const SUITE = Buffer.from('HPKE\x00\x20\x00\x01\x00\x02', 'latin1');
const NONE = Buffer.alloc(0);

/** The 32 bytes of an X25519 public key. @throws CaError CA_RECIPIENT_INVALID where it is a key of another kind */
export function rawPublicKey(key: KeyObject): Buffer {
  if (key.type !== 'public' || key.asymmetricKeyType !== 'x25519')
    throw new CaError(
      'CA_RECIPIENT_INVALID',
      `the key of the recipient is not an X25519 public key but ${key.asymmetricKeyType ?? 'no'} ${key.type} key`,
    );
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
}

/**
 * `enc` and, behind it, the sealed `plaintext` (§6.1). `ephemeral`: a fresh X25519 private key, which is used once.
 * @throws CaError CA_RECIPIENT_INVALID: not X25519, or a point of small order, for which everybody knows the secret (§7.1.4)
 */
export function sealTo(
  recipient: KeyObject,
  { info, plaintext, ephemeral }: { info: Buffer; plaintext: Buffer; ephemeral: KeyObject },
): Buffer {
  const publicKey = rawPublicKey(recipient);
  const enc = rawPublicKey(createPublicKey(ephemeral));
  const context = Buffer.concat([enc, publicKey]);
  const prk = extract(KEM_SUITE, NONE, 'eae_prk', sharedSecret(ephemeral, recipient));
  const secret = extract(SUITE, expand(KEM_SUITE, prk, 'shared_secret', context, 32), 'secret', NONE);
  const schedule = Buffer.concat([
    Buffer.from([0]),
    extract(SUITE, NONE, 'psk_id_hash', NONE),
    extract(SUITE, NONE, 'info_hash', info),
  ]);
  const key = expand(SUITE, secret, 'key', schedule, 32);
  const nonce = expand(SUITE, secret, 'base_nonce', schedule, 12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: SEAL_TAG });
  return Buffer.concat([enc, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function sharedSecret(privateKey: KeyObject, publicKey: KeyObject): Buffer {
  const weak = (cause?: unknown) =>
    new CaError('CA_RECIPIENT_INVALID', 'the public key of the recipient is a point of small order', {
      cause,
    });
  let secret: Buffer;
  try {
    // OpenSSL refuses it by itself, other libraries may not.
    secret = diffieHellman({ privateKey, publicKey });
  } catch (cause) {
    throw weak(cause);
  }
  if (secret.every((byte) => byte === 0)) throw weak();
  return secret;
}

/** LabeledExtract (§4). */
function extract(suite: Buffer, salt: Buffer, label: string, ikm: Buffer): Buffer {
  return createHmac('sha256', salt).update('HPKE-v1').update(suite).update(label).update(ikm).digest();
}

/** LabeledExpand (§4) of at most one block of HMAC, 32 bytes. */
function expand(suite: Buffer, prk: Buffer, label: string, info: Buffer, bytes: number): Buffer {
  const hmac = createHmac('sha256', prk)
    .update(Buffer.from([0, bytes]))
    .update('HPKE-v1');
  return hmac
    .update(suite)
    .update(label)
    .update(info)
    .update(Buffer.from([1]))
    .digest()
    .subarray(0, bytes);
}
