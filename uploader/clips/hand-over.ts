import { CaError } from '../../device/errors.ts';
import { type Digest, digestOf, pieces, type SentClip } from './digest.ts';
import type { Http } from './request.ts';
import { bareEtag, etagIsMd5, refusal } from './s3-answer.ts';

/**
 * Sends a clip to the presigned address `put`, in one request. Rejects with CA_UPLOAD_REFUSED where the address takes
 * it not, and as it never will; CA_UPLOAD_FAILED where it may later; CA_UPLOAD_DAMAGED where other bytes arrived; and
 * as the clip does.
 */
export async function handOver(
  put: string,
  { clip, digest, http, signal }: { clip: SentClip; digest: Digest; http: Http; signal: AbortSignal },
): Promise<void> {
  const body = { bytes: clip.bytes, pieces: () => pieces(clip, 0, clip.bytes) };
  // No more headers than the signature of such an address knows of: S3 refuses an x-amz- header that was not signed.
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = await http.ask(new URL(put), { method: 'PUT', headers, body, signal });
  if (answer.status >= 200 && answer.status < 300) {
    const etag = bareEtag(answer.headers.etag);
    const md5 = digest.parts[0]?.md5;
    if (/^[0-9a-f]{32}$/.test(etag) && etagIsMd5(answer) && etag !== md5)
      throw new CaError('CA_UPLOAD_DAMAGED', 'something else arrived at the address that was given');
    return;
  }
  throw refusal('PUT to the address that was given', answer);
}

/** The sums of the clip as one part. */
export function digestOfWhole(clip: SentClip, signal: AbortSignal): Promise<Digest> {
  return digestOf(clip, Math.max(1, clip.bytes), signal);
}

/**
 * Whether anything may be sent to the address: its host must be in `hosts`, and be spoken to by TLS unless it is this
 * machine. @throws CaError CA_COMMAND_DENIED
 */
export function checkAddress(put: string, hosts: readonly string[]): void {
  const { hostname, protocol, username } = new URL(put);
  if (!hosts.includes(hostname))
    throw new CaError('CA_COMMAND_DENIED', 'the host of the address is not in uploads.hosts', {
      remedy: 'Write the host into `uploads.hosts` of the device if clips may be sent there.',
    });
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
  if (username !== '' || (protocol !== 'https:' && !loopback))
    throw new CaError('CA_COMMAND_DENIED', 'the address is not https://, or carries a user', {
      remedy: 'Give a presigned https:// address.',
    });
}
