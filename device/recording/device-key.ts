import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { CaError } from '../errors.ts';

/** Bytes of a key that wraps or is wrapped. */
export const KEY = 32;
const NONCE = 12;
const TAG = 16;
/** Bytes of a wrapped key: nonce, ciphertext, tag. */
export const WRAPPED = NONCE + KEY + TAG;

const CIPHER = 'aes-256-gcm';
/** What the two values derived from the device key are for (`info` of HKDF, RFC 5869 §3.2). */
const ID_LABEL = 'contact-analyzer v1 key id';
const WRAPPING_LABEL = 'contact-analyzer v1 key wrapping';

/** The key of this device. It encrypts nothing but the keys of files, and keeps only what is derived from it. */
export class DeviceKey {
  /** 16 hex digits, which tell two keys apart and nothing about either: safe to show. */
  readonly id: string;
  readonly #wrapping: KeyObject;

  /** `secret`: 32 bytes. */
  constructor(secret: Buffer) {
    const derived = (label: string, bytes: number) =>
      Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), label, bytes));
    this.id = derived(ID_LABEL, 8).toString('hex');
    this.#wrapping = createSecretKey(derived(WRAPPING_LABEL, KEY));
  }

  /**
   * Encrypts the 32-byte key of a file into 60 bytes: nonce 12, ciphertext 32, tag 16. It can be unwrapped with the
   * same `context` only, which must begin with something that no other kind of file has.
   */
  wrap(fileKey: Buffer, context: Buffer): Buffer {
    // Random nonces are safe for 2^32 keys (NIST SP 800-38D §8.3): a thousand a day for ten thousand years.
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv(CIPHER, this.#wrapping, nonce, { authTagLength: TAG });
    cipher.setAAD(context);
    const ciphertext = Buffer.concat([cipher.update(fileKey), cipher.final()]);
    return Buffer.concat([nonce, ciphertext, cipher.getAuthTag()]);
  }

  /** The key that `wrap` was given. @throws CaError CA_VAULT_WRONG_KEY: wrapped by another key, for another context, or damaged */
  unwrap(wrapped: Buffer, context: Buffer): Buffer {
    try {
      const nonce = wrapped.subarray(0, NONCE);
      const decipher = createDecipheriv(CIPHER, this.#wrapping, nonce, { authTagLength: TAG });
      decipher.setAAD(context);
      decipher.setAuthTag(wrapped.subarray(NONCE + KEY));
      return Buffer.concat([decipher.update(wrapped.subarray(NONCE, NONCE + KEY)), decipher.final()]);
    } catch (cause) {
      const message = `the key of the file does not open with device key ${this.id}`;
      throw new CaError('CA_VAULT_WRONG_KEY', message, { cause });
    }
  }
}

/** The device key out of its text, 64 hex digits (`openssl rand -hex 32`). @throws CaError CA_VAULT_KEY_INVALID, without the text */
export function parseDeviceKey(text: string): DeviceKey {
  const digits = text.trim();
  if (!/^[0-9a-f]{64}$/i.test(digits)) {
    const found = digits.length === 64 ? 'other characters' : `${digits.length} characters`;
    throw new CaError(
      'CA_VAULT_KEY_INVALID',
      `the device key must be 64 hexadecimal digits, it has ${found}`,
    );
  }
  return new DeviceKey(Buffer.from(digits, 'hex'));
}
