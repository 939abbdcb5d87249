import { CaError } from '../../device/errors.ts';
import type { Logger } from '../../device/log.ts';
import type { DoomedCopy, SqliteUploads, Upload } from '../../device/store/uploads.ts';
import { type Digest, digestOf, etagOf, type Part, pieces, type SentClip } from './digest.ts';
import type { Body } from './request.ts';
import type { S3 } from './s3.ts';

/** The least that a part but the last may have (S3's limit), and so the most that goes in one request. */
export const PART = 5 * 2 ** 20;

/** What sending one clip takes. */
export interface Sending {
  readonly s3: S3;
  readonly uploads: SqliteUploads;
  /** Ends the sending of this clip; `stopping` that of anything. */
  readonly signal: AbortSignal;
  readonly stopping: AbortSignal;
  /** Whether to go on with another part. */
  readonly goOn: () => boolean;
  readonly log: Logger;
}

/**
 * Sends a clip to the object store, from where it was left, and makes sure that it lies there as it was sent. Resolves
 * with what is known of the copy; null: it is not whole yet, because `goOn` said no. Rejects as `S3` and as the clip do.
 */
export async function send(upload: Upload, clip: SentClip, sending: Sending): Promise<Digest | null> {
  const { contactId, object } = upload;
  const { s3, uploads, signal, stopping } = sending;
  const digest = await digestOf(clip, PART, signal);
  const same = upload.sha256 === null || upload.sha256 === digest.sha256;
  if (!same) await forget(upload, sending);
  // Before the first byte goes out: a sending that is gone on with must have the same bytes.
  const { head, bytes } = clip;
  if (!uploads.sending(upload, { head, bytes, sha256: digest.sha256 })) return null;
  const [only] = digest.parts;
  const multipart = digest.parts.length > 1 || !only;
  // What has gone out is waited for: a copy might appear after it was deleted.
  const about = { metadata: metadataOf(digest, clip), signal, late: stopping };
  if (!multipart) await s3.put(object, only, { ...about, body: bodyOf(clip, only) });
  else if (!(await sendParts(upload, { clip, digest, known: same ? upload.uploadId : null }, sending)))
    return null;
  if (await isThere(object, { digest, multipart }, sending)) return digest;
  await s3.delete(object, signal);
  uploads.anew(contactId);
  throw new CaError('CA_UPLOAD_DAMAGED', 'what lies in the object store is not what was sent');
}

/** Deletes a copy and what there is of an unfinished one. */
export async function remove(
  copy: DoomedCopy,
  { s3, log, signal }: Pick<Sending, 's3' | 'log' | 'signal'>,
): Promise<void> {
  if (copy.uploadId !== null || (copy.bytes ?? 0) > PART) await abortAll(copy, { s3, log, signal });
  await s3.delete(copy.object, signal);
}

/** Resolves true when the parts have been made one object. `known`: the multipart upload to go on with. */
async function sendParts(
  upload: Upload,
  { clip, digest, known }: { clip: SentClip; digest: Digest; known: string | null },
  sending: Sending,
): Promise<boolean> {
  const { contactId, object } = upload;
  const { s3, uploads, signal, stopping, goOn } = sending;
  const there = known === null ? null : await s3.parts(object, known, signal);
  if (known !== null && there === null) {
    // Gone there, or completed and the answer was lost.
    if (await isThere(object, { digest, multipart: true }, sending)) return true;
    uploads.anew(contactId);
    throw new CaError('CA_UPLOAD_FAILED', 'the object store has forgotten the upload: it begins anew');
  }
  const uploadId = known ?? (await begin(upload, { digest, clip }, sending));
  const sent = uploads.parts(contactId);
  const etags = new Map<number, string>();
  for (const part of digest.parts) {
    const had = there?.get(part.number);
    // Its MD5, or what was written down of it where an ETag is something else.
    const good = had !== undefined && (had === part.md5 || had === sent.get(part.number));
    if (!good && !goOn()) return false;
    const body = bodyOf(clip, part);
    const etag = good ? had : await s3.putPart(object, uploadId, { part, body, signal, late: stopping });
    if (sent.get(part.number) !== etag) uploads.partSent(contactId, part.number, etag);
    etags.set(part.number, etag);
  }
  signal.throwIfAborted();
  // Not ended half-way: a copy might appear after it was deleted.
  if (await s3.complete(object, uploadId, { etags, signal: stopping })) return true;
  return isThere(object, { digest, multipart: true }, sending);
}

async function begin(
  upload: Upload,
  { digest, clip }: { digest: Digest; clip: SentClip },
  sending: Sending,
): Promise<string> {
  const { s3, uploads, signal, stopping } = sending;
  // The process or the link may have ended before the id of one that was begun was heard.
  if (upload.state === 'sending') await abortAll({ ...upload, uploadId: null }, sending);
  signal.throwIfAborted();
  // Not ended half-way: what was begun and not written down is left behind.
  const uploadId = await s3.create(upload.object, metadataOf(digest, clip), stopping);
  uploads.begun(upload.contactId, uploadId);
  return uploadId;
}

/** Nothing of what was sent before is of use. */
async function forget(upload: Upload, sending: Sending): Promise<void> {
  await abortAll(upload, sending);
  sending.uploads.anew(upload.contactId);
}

async function abortAll(
  { object, uploadId }: Pick<Upload, 'object' | 'uploadId'>,
  { s3, log, signal }: Pick<Sending, 's3' | 'log' | 'signal'>,
): Promise<void> {
  const ids =
    uploadId === null
      ? await s3.unfinished(object, signal).catch((error) => {
          if (!(error instanceof CaError) || error.code !== 'CA_UPLOAD_REFUSED') throw error;
          // The key may be forbidden to list anything. Buckets have a rule of their own for what is left unfinished.
          log.warn({ err: error }, 'whether an unfinished upload is left in the object store is not known');
          return [];
        })
      : [uploadId];
  for (const id of ids) await s3.abort(object, id, signal);
}

async function isThere(
  object: string,
  { digest, multipart }: { digest: Digest; multipart: boolean },
  { s3, signal }: Sending,
): Promise<boolean> {
  const stored = await s3.head(object, signal);
  if (stored === null) return false;
  const etag = stored.etag ?? etagOf(digest.parts, multipart);
  const same = stored.bytes === digest.bytes && stored.sha256 === digest.sha256;
  return same && etag === etagOf(digest.parts, multipart);
}

function metadataOf({ sha256 }: Digest, { sealedFor, keyId }: SentClip): Record<string, string> {
  return { sha256, 'sealed-for': sealedFor, 'key-id': keyId };
}

function bodyOf(clip: SentClip, { start, end }: Part): Body {
  return { bytes: end - start, pieces: () => pieces(clip, start, end) };
}
