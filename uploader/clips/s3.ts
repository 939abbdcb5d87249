import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import type { Clock } from '../../device/clock.ts';
import { CaError } from '../../device/errors.ts';
import type { Part } from './digest.ts';
import type { Answer, Body, Http } from './request.ts';
import { bareEtag, errorCode, etagIsMd5, partsOf, refusal, uploadIdOf, uploadsOf } from './s3-answer.ts';

/** The object store and who we are there. */
export interface S3Options {
  /** Such as https://s3.example; the bucket is the first part of the path. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  /** Asked for each request, so that what was changed on the disk is used. May throw CA_SECRET_UNREADABLE. */
  readonly accessKey: () => string;
  readonly secretKey: () => string;
}

/** What is known of an object that lies there. */
export interface StoredObject {
  readonly bytes: number;
  /** Without quotes; null where the service makes it of something else than the content. */
  readonly etag: string | null;
  /** What was given as `sha256` when it was begun. */
  readonly sha256: string | null;
}

type Query = Readonly<Record<string, string>>;

const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/**
 * The requests to an S3 service that sending a clip takes, each tried once. They reject with CA_UPLOAD_REFUSED where
 * somebody must change something, CA_UPLOAD_FAILED where it may work later, CA_UPLOAD_DAMAGED where other bytes came
 * than were signed, and with the signal's reason.
 */
export class S3 {
  readonly #options: S3Options;
  readonly #http: Http;
  readonly #clock: Clock;
  /** Signing keys by day: aws4fetch fills it. */
  readonly #signingKeys = new Map<string, ArrayBuffer>();

  constructor(options: S3Options, http: Http, clock: Clock) {
    this.#options = options;
    this.#http = http;
    this.#clock = clock;
  }

  get bucket(): string {
    return this.#options.bucket;
  }

  /** Puts a whole object there. `metadata`: by name without `x-amz-meta-`. `late`: as in `Http`. */
  async put(
    object: string,
    part: Part,
    about: { metadata: Query; body: Body; signal: AbortSignal; late: AbortSignal },
  ): Promise<void> {
    const headers = { ...metadataHeaders(about.metadata), 'x-amz-content-sha256': part.sha256 };
    const answer = await this.#ask('PUT', object, { ...about, headers });
    if (answer.status !== 200) throw refusal('PUT', answer);
  }

  /** Begins a multipart upload; returns its id. */
  async create(object: string, metadata: Query, signal: AbortSignal): Promise<string> {
    const headers = metadataHeaders(metadata);
    const answer = await this.#ask('POST', object, { query: { uploads: '' }, headers, signal });
    if (answer.status !== 200) throw refusal('begin a multipart upload', answer);
    return uploadIdOf(answer);
  }

  /** Sends a part; returns its ETag. `late`: as in `Http`. */
  async putPart(
    object: string,
    uploadId: string,
    about: { part: Part; body: Body; signal: AbortSignal; late: AbortSignal },
  ): Promise<string> {
    const { part, ...rest } = about;
    const query = { partNumber: String(part.number), uploadId };
    const headers = { 'x-amz-content-sha256': part.sha256 };
    const answer = await this.#ask('PUT', object, { ...rest, query, headers });
    if (answer.status !== 200) throw refusal(`PUT part ${part.number}`, answer);
    const etag = bareEtag(answer.headers.etag);
    if (etagIsMd5(answer) && etag !== part.md5)
      throw new CaError('CA_UPLOAD_DAMAGED', `part ${part.number} arrived as something else`);
    return etag;
  }

  /** ETags of the parts that are there, by number; null: the store knows no such upload. */
  async parts(object: string, uploadId: string, signal: AbortSignal): Promise<Map<number, string> | null> {
    const all = new Map<number, string>();
    for (let after: string | null = '0'; after !== null; ) {
      const query: Query = { uploadId, ...(after === '0' ? {} : { 'part-number-marker': after }) };
      const answer = await this.#ask('GET', object, { query, signal });
      if (isUnknown(answer)) return null;
      if (answer.status !== 200) throw refusal('list the parts', answer);
      const { etags, next } = partsOf(answer);
      for (const [number, etag] of etags) all.set(number, etag);
      after = next === after ? null : next;
    }
    return all;
  }

  /** Makes the parts one object. False: the store knows no such upload, as when it was completed before. */
  async complete(
    object: string,
    uploadId: string,
    { etags, signal }: { etags: ReadonlyMap<number, string>; signal: AbortSignal },
  ): Promise<boolean> {
    const parts = [...etags]
      .sort(([a], [b]) => a - b)
      .map(([number, etag]) => `<Part><PartNumber>${number}</PartNumber><ETag>"${etag}"</ETag></Part>`);
    const xml = Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`);
    const answer = await this.#ask('POST', object, { query: { uploadId }, xml, signal });
    const code = errorCode(answer);
    if (isUnknown(answer)) return false;
    if (/^(InvalidPart|InvalidPartOrder|EntityTooSmall)$/.test(code))
      throw new CaError('CA_UPLOAD_DAMAGED', `complete: the object store answers ${code}`);
    if (answer.status !== 200 || code !== '') throw refusal('complete a multipart upload', answer);
    return true;
  }

  /** Ends a multipart upload; no error where there is none. */
  async abort(object: string, uploadId: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#ask('DELETE', object, { query: { uploadId }, signal });
    if (answer.status >= 300 && !isUnknown(answer)) throw refusal('abort a multipart upload', answer);
  }

  /** Ids of unfinished multipart uploads of this object. */
  async unfinished(object: string, signal: AbortSignal): Promise<string[]> {
    const answer = await this.#ask('GET', '', { query: { uploads: '', prefix: object }, signal });
    if (answer.status !== 200) throw refusal('list unfinished uploads', answer);
    return uploadsOf(answer, object);
  }

  /** What lies there; null: nothing. */
  async head(object: string, signal: AbortSignal): Promise<StoredObject | null> {
    const answer = await this.#ask('HEAD', object, { signal });
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw refusal('HEAD', answer);
    const { headers } = answer;
    return {
      bytes: Number(headers['content-length']),
      etag: etagIsMd5(answer) ? bareEtag(headers.etag) : null,
      sha256: String(headers['x-amz-meta-sha256'] ?? '') || null,
    };
  }

  /** Deletes an object; no error where there is none. */
  async delete(object: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#ask('DELETE', object, { signal });
    if (answer.status >= 300 && errorCode(answer) !== 'NoSuchKey') throw refusal('DELETE', answer);
  }

  async #ask(
    method: string,
    object: string,
    about: {
      query?: Query;
      headers?: Query;
      body?: Body;
      xml?: Buffer;
      signal: AbortSignal;
      late?: AbortSignal;
    },
  ): Promise<Answer> {
    const { endpoint, bucket, region, accessKey, secretKey } = this.#options;
    const url = new URL(`${endpoint.replace(/\/+$/, '')}/${bucket}${object && `/${object}`}`);
    for (const [name, value] of Object.entries(about.query ?? {})) url.searchParams.set(name, value);
    const { xml } = about;
    const signer = new AwsV4Signer({
      ...{ method, url: url.href, region, service: 's3', cache: this.#signingKeys },
      // The real sum, not UNSIGNED-PAYLOAD: so the far end refuses what was spoilt on the way.
      headers: {
        'x-amz-content-sha256': xml ? createHash('sha256').update(xml).digest('hex') : EMPTY_SHA256,
        ...about.headers,
      },
      ...{ accessKeyId: accessKey(), secretAccessKey: secretKey() },
      datetime: new Date(this.#clock.now().wall).toISOString().replace(/[:-]|\.\d{3}/g, ''),
    });
    const signed = await signer.sign();
    const body = about.body ?? (xml && bodyOf(xml));
    const headers = Object.fromEntries(signed.headers);
    const { signal, late } = about;
    return this.#http.ask(signed.url, { method, headers, body, signal, late });
  }
}

/** There is no such multipart upload. OpenStack Swift says `NoSuchKey` of one that was completed. */
function isUnknown(answer: Answer): boolean {
  return answer.status === 404 && ['NoSuchUpload', 'NoSuchKey'].includes(errorCode(answer));
}

function metadataHeaders(metadata: Query): Query {
  const named = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return { 'content-type': 'application/octet-stream', ...Object.fromEntries(named) };
}

function bodyOf(bytes: Buffer): Body {
  return {
    bytes: bytes.length,
    async *pieces() {
      yield bytes;
    },
  };
}
