import { CaError } from '../../device/errors.ts';
import type { Answer } from './request.ts';

/** What an S3 service answers, read with strict patterns: its XML is flat and comes from one kind of program. */

/** The code of an error, such as `NoSuchUpload`; empty where there is none. A completion may fail with status 200. */
export function errorCode({ text }: Answer): string {
  return /<Error>[\s\S]*?<Code>(\w{1,64})<\/Code>/.exec(text)?.[1] ?? '';
}

/** @throws CaError CA_UPLOAD_FAILED where the answer does not have it */
export function uploadIdOf({ text }: Answer): string {
  const id = /<UploadId>([^<>\s]{1,1024})<\/UploadId>/.exec(text)?.[1];
  if (id === undefined) throw new CaError('CA_UPLOAD_FAILED', 'the object store named no upload id');
  return unescaped(id);
}

/** One page of parts: their ETags by number, and after which number the next page begins; null: it is the last. */
export function partsOf({ text }: Answer): { etags: Map<number, string>; next: string | null } {
  const etags = new Map<number, string>();
  for (const [, part = ''] of text.matchAll(/<Part>([\s\S]*?)<\/Part>/g)) {
    const number = /<PartNumber>(\d{1,5})<\/PartNumber>/.exec(part)?.[1];
    const etag = /<ETag>([^<>]{1,100})<\/ETag>/.exec(part)?.[1];
    if (number !== undefined && etag !== undefined) etags.set(Number(number), bareEtag(unescaped(etag)));
  }
  const next = /<NextPartNumberMarker>(\d{1,5})<\/NextPartNumberMarker>/.exec(text)?.[1];
  return { etags, next: /<IsTruncated>true<\/IsTruncated>/.test(text) ? (next ?? null) : null };
}

/** Ids of the unfinished uploads of exactly this object. */
export function uploadsOf({ text }: Answer, object: string): string[] {
  return [...text.matchAll(/<Upload>([\s\S]*?)<\/Upload>/g)].flatMap(([, upload = '']) => {
    const key = /<Key>([^<>]*)<\/Key>/.exec(upload)?.[1] ?? '';
    const id = /<UploadId>([^<>\s]{1,1024})<\/UploadId>/.exec(upload)?.[1];
    return unescaped(key) === object && id !== undefined ? [unescaped(id)] : [];
  });
}

/** An ETag without its quotes. */
export function bareEtag(etag: string | undefined): string {
  return (etag ?? '').replaceAll('"', '');
}

/** Whether ETags are the MD5 of what was sent: not where the service encrypts with a key of its customer's. */
export function etagIsMd5({ headers }: Answer): boolean {
  const kms = /^aws:kms/.test(String(headers['x-amz-server-side-encryption'] ?? ''));
  return !kms && !('x-amz-server-side-encryption-customer-algorithm' in headers);
}

/** Told again later with a chance: the service is busy, or the clock of this device is wrong for a while. */
const PASSING = ['RequestTimeout', 'RequestTimeTooSkewed', 'SlowDown', 'InternalError', 'ServiceUnavailable'];
/** What came is not what was signed. */
const SPOILT = ['BadDigest', 'InvalidDigest', 'XAmzContentSHA256Mismatch', 'IncompleteBody'];

/** Why a request was not carried out. `what`: such as `PUT`. */
export function refusal(what: string, answer: Answer): CaError {
  const code = errorCode(answer);
  const said = `${what}: the object store answers ${answer.status}${code && ` ${code}`}`;
  if (code === 'RequestTimeTooSkewed')
    return new CaError('CA_UPLOAD_FAILED', said, {
      remedy: "Set this device's clock: the object store takes no request that is dated wrong.",
    });
  if (SPOILT.includes(code)) return new CaError('CA_UPLOAD_DAMAGED', said);
  const passing = answer.status >= 500 || [408, 425, 429].includes(answer.status) || PASSING.includes(code);
  return new CaError(passing || answer.status < 300 ? 'CA_UPLOAD_FAILED' : 'CA_UPLOAD_REFUSED', said);
}

/** XML's five entities (XML 1.0, 4.6), and quotes by number as some services write them. */
function unescaped(text: string): string {
  const entities: Record<string, string> = {
    ...{ '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&', '&#34;': '"', '&#39;': "'" },
  };
  return text.replace(/&(lt|gt|quot|apos|amp|#34|#39);/g, (entity) => entities[entity] ?? entity);
}
