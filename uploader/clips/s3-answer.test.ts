import { describe, expect, test } from 'vitest';
import { bareEtag, errorCode, etagIsMd5, partsOf, refusal, uploadIdOf, uploadsOf } from './s3-answer.ts';

const answer = (text: string, status = 200, headers = {}) => ({ status, headers, text });
const error = (code: string) =>
  `<?xml version='1.0'?><Error><Code>${code}</Code><Message>no</Message></Error>`;

test('an upload id is what stands there, and something must', () => {
  expect(uploadIdOf(answer('<X><UploadId>a&amp;b+/=</UploadId></X>'))).toBe('a&b+/=');
  expect(() => uploadIdOf(answer('<X><UploadId></UploadId></X>'))).toThrow('no upload id');
});

test('parts with their ETags, quoted by name or number, and where the next page begins', () => {
  const part = (number: number, etag: string) =>
    `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag><Size>5</Size></Part>`;
  const text = `${part(1, '"aa"')}${part(2, '&quot;bb&quot;')}${part(3, '&#34;cc&#34;')}`;
  const etags = new Map([
    [1, 'aa'],
    [2, 'bb'],
    [3, 'cc'],
  ]);
  expect(partsOf(answer(`<IsTruncated>false</IsTruncated>${text}`))).toEqual({ etags, next: null });
  const more = '<NextPartNumberMarker>3</NextPartNumberMarker><IsTruncated>true</IsTruncated>';
  expect(partsOf(answer(more + text))).toEqual({ etags, next: '3' });
});

test('unfinished uploads of the object itself, not of those whose name only begins like it', () => {
  const upload = (key: string, id: string) =>
    `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>x</Initiated></Upload>`;
  const text = upload('d/1', 'one') + upload('d/12', 'two') + upload('d/1', 'three');
  expect(uploadsOf(answer(text), 'd/1')).toEqual(['one', 'three']);
});

test('an ETag is the MD5, but not where the service encrypts with a key of the customer', () => {
  expect(bareEtag('"ab"')).toBe('ab');
  expect(etagIsMd5(answer('', 200, { 'x-amz-server-side-encryption': 'AES256' }))).toBe(true);
  expect(etagIsMd5(answer('', 200, { 'x-amz-server-side-encryption': 'aws:kms' }))).toBe(false);
  expect(etagIsMd5(answer('', 200, { 'x-amz-server-side-encryption-customer-algorithm': 'AES256' }))).toBe(
    false,
  );
});

describe('why a request was not carried out', () => {
  test.each([
    [403, 'SignatureDoesNotMatch', 'CA_UPLOAD_REFUSED'],
    [404, 'NoSuchBucket', 'CA_UPLOAD_REFUSED'],
    [301, 'PermanentRedirect', 'CA_UPLOAD_REFUSED'],
    [307, '', 'CA_UPLOAD_REFUSED'],
    [400, 'RequestTimeout', 'CA_UPLOAD_FAILED'],
    [403, 'RequestTimeTooSkewed', 'CA_UPLOAD_FAILED'],
    [429, '', 'CA_UPLOAD_FAILED'],
    [503, 'SlowDown', 'CA_UPLOAD_FAILED'],
    // A completion that fails after its status has gone out.
    [200, 'InternalError', 'CA_UPLOAD_FAILED'],
    [400, 'BadDigest', 'CA_UPLOAD_DAMAGED'],
    [400, 'XAmzContentSHA256Mismatch', 'CA_UPLOAD_DAMAGED'],
  ])('%d %s: %s', (status, code, expected) => {
    const given = answer(code && error(code), status);
    expect(errorCode(given)).toBe(code);
    expect(refusal('PUT', given)).toMatchObject({ code: expected });
    expect(refusal('PUT', given).message).toContain(`${status}`);
  });

  test('a clock that is wrong has a remedy of its own', () => {
    expect(refusal('PUT', answer(error('RequestTimeTooSkewed'), 403)).remedy).toMatch(/clock/);
  });
});
