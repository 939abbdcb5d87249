import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { CaError } from '../errors.ts';
import { type DeviceKey, KEY } from './device-key.ts';
import { nameOf, readAll } from './disk.ts';
import { ENC, rawPublicKey, SEAL_TAG, sealTo } from './hpke.ts';
import { damaged, HEADER, KEY_PLACE, readHeader } from './sealed-file.ts';
import { unreadable } from './sealed-reader.ts';

/** A clip as it leaves the device, encrypted; `sent-format.md` says what the bytes are. */
export interface SentClip {
  /** The bytes that were made for this sending, to be kept: with them it can be gone on with. Empty for the device's own form. */
  readonly head: Buffer;
  /** Of all that is sent. */
  readonly bytes: number;
  readonly sealedFor: 'device' | 'recipient';
  /** Tells the key that opens it from others: 16 hex digits. */
  readonly keyId: string;
  /** Bytes `start` to `end`, the latter not included. Rejects with CA_CLIP_NOT_FOUND once the clip is destroyed, CA_CLIP_DAMAGED, CA_VAULT_UNREADABLE. */
  read(start: number, end: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** For whom a clip is sent, and how far that had been prepared. */
export interface Sending {
  readonly key: DeviceKey;
  /** X25519 public key; null: as it lies in the vault, for whoever has the device key. */
  readonly recipient: KeyObject | null;
  /** `SentClip.head` of the sending that is gone on with: the same bytes come again. null: a new one. */
  readonly head: Buffer | null;
}

const MAGIC = Buffer.from('CA-SENT\x01', 'latin1');
const KEY_ID_END = 16;
/** What the vault's header says before its key: the chunks and the wrapping vouch for it. */
const CONTEXT_AND_LENGTH = KEY_PLACE.position;
const INFO_END = KEY_ID_END + CONTEXT_AND_LENGTH;
const SENT_HEADER = INFO_END + ENC + KEY + SEAL_TAG;

/**
 * Opens a sealed file to send it. Nothing is decrypted but the clip's key, and that for a moment only; the chunks are
 * those of the file. Rejects with CA_CLIP_NOT_FOUND, CA_CLIP_DAMAGED, CA_VAULT_WRONG_KEY, CA_VAULT_UNREADABLE;
 * CA_RECIPIENT_INVALID for a key that is not X25519 or is weak; CA_RECIPIENT_CHANGED where `head` was made for another
 * recipient or another clip: nothing of what was sent is of use then, and it begins anew.
 */
export async function openToSend(path: string, sending: Sending): Promise<SentClip> {
  const { key: deviceKey, recipient } = sending;
  const name = nameOf(path);
  const handle = await open(path, 'r').catch((cause) => Promise.reject(unreadable(name, cause)));
  try {
    const header = await headerOf(handle, name);
    const { size } = await handle.stat();
    const { key } = readHeader(header, { deviceKey, name, size });
    const head = recipient
      ? headFor(recipient, { header, key, given: sending.head, name })
      : noHead(sending.head, name);
    const from = recipient ? HEADER : 0;
    return {
      head,
      bytes: head.length + size - from,
      sealedFor: recipient ? 'recipient' : 'device',
      keyId: recipient ? recipientId(recipient) : deviceKey.id,
      read: (start, end) => readSent({ handle, name, header, size, head, from }, start, end),
      close: () => handle.close(),
    };
  } catch (cause) {
    await handle.close();
    throw unreadable(name, cause);
  }
}

/** First 8 bytes of the SHA-256 of the raw public key, in hex. @throws CaError CA_RECIPIENT_INVALID */
export function recipientId(recipient: KeyObject): string {
  return createHash('sha256').update(rawPublicKey(recipient)).digest('hex').slice(0, 16);
}

/** What stands before the chunks for `recipient`. `header`: that of the vault's file, whose clip key is `key`. */
export function sentHead(
  recipient: KeyObject,
  { header, key, ephemeral }: { header: Buffer; key: KeyObject; ephemeral: KeyObject },
): Buffer {
  const info = infoOf(recipient, header);
  const plaintext = key.export();
  try {
    return Buffer.concat([info, sealTo(recipient, { info, plaintext, ephemeral })]);
  } finally {
    plaintext.fill(0);
  }
}

interface OpenToSend {
  readonly handle: FileHandle;
  readonly name: string;
  /** Of the file, as it was when it was opened. */
  readonly header: Buffer;
  readonly size: number;
  readonly head: Buffer;
  /** First byte of the file that is sent. */
  readonly from: number;
}

async function readSent(file: OpenToSend, start: number, end: number): Promise<Buffer> {
  const { handle, name, head, from, size } = file;
  try {
    const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(end, head.length + size - from) - start));
    const ofHead = head.copy(bytes, 0, Math.min(start, head.length), Math.min(end, head.length));
    const rest = bytes.subarray(ofHead);
    const read = await readAll(handle, rest, Math.max(start, head.length) - head.length + from);
    if (read.length < rest.length) throw damaged(name, 'it has been cut off while it was sent');
    // After the reading: what was destroyed meanwhile may not be taken for the clip.
    if (!(await headerOf(handle, name)).equals(file.header))
      throw damaged(name, 'its header has been changed while it was sent');
    return bytes;
  } catch (cause) {
    throw unreadable(name, cause);
  }
}

/** The header of the file. Rejects with CA_CLIP_NOT_FOUND where its key is destroyed or the file is unlinked: it is gone, though it is open here. */
async function headerOf(handle: FileHandle, name: string): Promise<Buffer> {
  const header = await readAll(handle, Buffer.alloc(HEADER), 0);
  const key = header.subarray(KEY_PLACE.position);
  const { nlink } = await handle.stat();
  if (nlink === 0 || (key.length > 0 && key.every((byte) => byte === 0)))
    throw new CaError('CA_CLIP_NOT_FOUND', `clip ${name} has been destroyed`);
  return header;
}

function infoOf(recipient: KeyObject, header: Buffer): Buffer {
  const keyId = Buffer.from(recipientId(recipient), 'hex');
  return Buffer.concat([MAGIC, keyId, header.subarray(0, CONTEXT_AND_LENGTH)]);
}

function headFor(
  recipient: KeyObject,
  { header, key, given, name }: { header: Buffer; key: KeyObject; given: Buffer | null; name: string },
): Buffer {
  if (!given)
    return sentHead(recipient, { header, key, ephemeral: generateKeyPairSync('x25519').privateKey });
  // Nobody here can open it, so its sealed key is taken on trust: it comes from our own store.
  const ours = given.length === SENT_HEADER && given.subarray(0, INFO_END).equals(infoOf(recipient, header));
  if (!ours) throw changed(name);
  return given;
}

function noHead(given: Buffer | null, name: string): Buffer {
  if (given && given.length > 0) throw changed(name);
  return Buffer.alloc(0);
}

function changed(name: string): CaError {
  const message = `the sending of clip ${name} was begun for another recipient, or with another clip`;
  return new CaError('CA_RECIPIENT_CHANGED', message);
}
