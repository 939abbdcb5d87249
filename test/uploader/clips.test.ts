import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClipUploads } from '../../uploader/clips/clip-uploads.ts';
import { openClip } from '../../uploader/hub/open-clip.ts';
import { startRelay } from '../stand-ins/relay.ts';
import { at } from '../stand-ins/stored-desk.ts';
import { type Swift, startSwift } from '../stand-ins/swift.ts';
import { ClipDesk, MB } from './clips-rig.ts';

let swift: Swift;
let desk: ClipDesk;
let service: ClipUploads | null;

beforeAll(async () => {
  swift = await startSwift();
});
afterAll(() => swift?.stop());
beforeEach(async () => {
  desk = new ClipDesk();
  await swift.makeBucket(desk.bucket);
  service = null;
});
afterEach(async () => {
  await service?.stop();
  desk.end();
});

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const until = (condition: () => unknown, timeout = 20_000) =>
  vi.waitFor(
    () => {
      if (!condition()) throw new Error(`in vain; ${desk.log.slice(-8).join('')}`);
    },
    { timeout, interval: 20 },
  );
const settled = () => until(() => desk.store.uploads.counts().waiting === 0);
const puts = () => swift.served.filter(({ method, status }) => method === 'PUT' && status === 200);

/** In front of the store: a PUT has arrived whole, and is carried out on `release`, whether anybody still listens or not. */
async function startSlow(port: number) {
  const [arrived, released, stored] = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  const server = http.createServer(async (request, response) => {
    const { method, url, headers } = request;
    const body = await buffer(request);
    if (method === 'PUT') {
      arrived?.resolve();
      await released?.promise;
    }
    const passed = http.request({ port, method, path: url, headers }, (answer) => {
      if (method === 'PUT') stored?.resolve();
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    passed.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    arrived: arrived?.promise,
    stored: stored?.promise,
    release: () => released?.resolve(),
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('to the object store', () => {
  test.each([
    ['a small one, by one request', 0.3 * MB],
    ['a large one, in parts', 12 * MB],
  ])('%s: the file as it lies in the vault, under a name that tells nothing', async (_, bytes) => {
    const contactId = await desk.contact(bytes);
    service = await desk.serve(swift);
    await settled();
    const [object = '', ...others] = await swift.objects(desk.bucket);
    expect(others).toEqual([]);
    expect(object).toMatch(/^clinic\/m\d+$/);
    const file = desk.store.contacts.byId(contactId)?.clip?.file ?? '';
    const lies = await swift.get(desk.bucket, object);
    expect(lies.equals(readFileSync(join(desk.desk.folder, 'clips', file)))).toBe(true);
    expect(desk.told()).toMatchObject([
      {
        type: 'clip.uploaded',
        subject: contactId,
        data: { object, bucket: desk.bucket, bytes: lies.length, sha256: sha256(lies), sealedFor: 'device' },
      },
    ]);
    expect(desk.desk.faults()).toEqual([]);
    const head = await swift.client.fetch(`${swift.endpoint}/${desk.bucket}/${object}`, { method: 'HEAD' });
    expect(head.headers.get('x-amz-meta-sha256')).toBe(sha256(lies));
    expect(head.headers.get('x-amz-meta-sealed-for')).toBe('device');
    expect(head.headers.get('content-type')).toBe('application/octet-stream');
    expect(service.health()).toMatchObject({ status: 'ok', detail: { waiting: 0, sent: 1, code: null } });
  });

  test('for a recipient, begun by one process and ended by the next: it opens the whole clip', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    const contactId = await desk.contact(12 * MB);
    const open = (file: string, head: Buffer | null) => desk.vault.toSend(file, publicKey, head);
    service = await desk.serve(swift, { open, rate: 8 * MB });
    const before = puts().length;
    await until(() => puts().length > before);
    await service.stop();
    expect(desk.told()).toEqual([]);
    service = await desk.serve(swift, { open });
    await settled();
    expect(
      puts()
        .slice(before)
        .map(({ query }) => query.get('partNumber')),
    ).toEqual(['1', '2', '3']);
    const [object = ''] = await swift.objects(desk.bucket);
    const content = createHash('sha256');
    for await (const chunk of openClip(Readable.from([await swift.get(desk.bucket, object)]), privateKey))
      content.update(chunk);
    expect(content.digest('hex')).toBe(desk.store.contacts.byId(contactId)?.clip?.sha256);
    expect(desk.told()).toMatchObject([{ data: { sealedFor: 'recipient' } }]);
  });

  test('a recipient that changes half-way: it begins anew, and nothing of the old is left', async () => {
    const [one, two] = [generateKeyPairSync('x25519'), generateKeyPairSync('x25519')];
    await desk.contact(12 * MB);
    let { publicKey } = one;
    const open = (file: string, head: Buffer | null) => desk.vault.toSend(file, publicKey, head);
    service = await desk.serve(swift, { open, rate: 8 * MB });
    const before = puts().length;
    await until(() => puts().length > before);
    await service.stop();
    publicKey = two.publicKey;
    service = await desk.serve(swift, { open });
    await settled();
    const [object = ''] = await swift.objects(desk.bucket);
    for await (const chunk of openClip(Readable.from([await swift.get(desk.bucket, object)]), two.privateKey))
      expect(chunk.length).toBeGreaterThan(0);
    expect(await swift.unfinished(desk.bucket)).toEqual([]);
  });

  test('only the class that the policy names; any other when somebody asks for it', async () => {
    const happy = await desk.contact(0.1 * MB, 'happy');
    const unhappy = await desk.contact(0.1 * MB);
    service = await desk.serve(swift);
    await until(() => desk.told().length === 1);
    expect(desk.told()[0]?.subject).toBe(unhappy);
    expect(await service.fetch(happy)).toEqual({ contactId: happy, state: 'waiting' });
    await until(() => desk.told().length === 2);
    expect(await service.fetch(happy)).toEqual({ contactId: happy, state: 'done' });
    await expect(service.fetch('nobody')).rejects.toMatchObject({ code: 'CA_CONTACT_UNKNOWN' });
  });

  test('outside its hours only what somebody asks for', async () => {
    const minute = (m: number) => new Date(Date.now() + m * 60_000).toTimeString().slice(0, 5);
    const hours = `${minute(60)}-${minute(120)}`;
    const first = await desk.contact(0.1 * MB);
    const second = await desk.contact(0.1 * MB);
    service = await desk.serve(swift, { store: { ...desk.at(swift, swift.port), send: 'all', hours } });
    await service.fetch(second);
    await until(() => desk.told().length === 1);
    expect(desk.told()[0]?.subject).toBe(second);
    expect(desk.store.uploads.left(first)).toBe('send');
    expect(service.health()).toMatchObject({ status: 'ok', detail: { waiting: 1 } });
  });

  test('no faster than the config says', async () => {
    await desk.contact(4 * MB);
    const began = performance.now();
    service = await desk.serve(swift, { rate: 2 * MB });
    await settled();
    expect((performance.now() - began) / 1_000).toBeGreaterThan(1.9);
  });
});

describe('what goes wrong', () => {
  test('a store that is away, then refuses, then is well: clips wait, and health says why', async () => {
    const relay = await startRelay(swift.port);
    try {
      relay.cut();
      await desk.contact(0.1 * MB);
      let secret = 'wrong';
      const store = { ...desk.at(swift, relay.port), send: 'all' as const, secretKey: () => secret };
      service = await desk.serve(swift, { store });
      await until(() => service?.health().status === 'degraded');
      expect(service.health().detail).toMatchObject({ code: 'CA_UPLOAD_FAILED', waiting: 1 });
      relay.mend();
      await until(() => service?.health().detail?.code === 'CA_UPLOAD_REFUSED');
      expect(service.health().reason).toMatch(/SignatureDoesNotMatch.*access key/);
      secret = swift.secretKey;
      await until(() => service?.health().status === 'ok');
      expect(service.health().detail).toMatchObject({ code: null, waiting: 0 });
      expect(desk.log.join('')).not.toContain(swift.secretKey);
    } finally {
      await relay.stop();
    }
  });

  test('a stop does not wait for the request in flight', async () => {
    await desk.contact(12 * MB);
    const seen = swift.served.length;
    service = await desk.serve(swift, { rate: 0.2 * MB });
    await until(() => swift.served.length > seen);
    const began = performance.now();
    await service.stop();
    // It would take a minute.
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  test.each([
    ['vetoed or deleted', 8 * MB, 1 * MB],
    ['deleted in a part of several', 12 * MB, 6 * MB],
    ['deleted when all is there', 6 * MB, 1_000 * MB],
  ])('a clip that goes while it is sent (%s) leaves nothing behind', async (_, bytes, rate) => {
    const contactId = await desk.contact(bytes);
    const seen = swift.served.length;
    service = await desk.serve(swift, { rate });
    await until(() =>
      rate > 100 * MB
        ? desk.told().length > 0
        : swift.served.slice(seen).some(({ method }) => method === 'POST'),
    );
    if (rate === 6 * MB) await until(() => swift.served.slice(seen).some(({ method }) => method === 'PUT'));
    desk.store.clipDeleted(contactId, 'veto', at(200).wall);
    await until(() => desk.rows().length === 0);
    expect([await swift.objects(desk.bucket), await swift.unfinished(desk.bucket)]).toEqual([[], []]);
  });

  test('a clip that goes when all of it is out, and nothing is answered: it is not deleted before it is there', async () => {
    const contactId = await desk.contact(0.1 * MB);
    const slow = await startSlow(swift.port);
    try {
      service = await desk.serve(swift, { port: slow.port });
      await slow.arrived;
      desk.store.clipDeleted(contactId, 'veto', at(200).wall);
      // Long enough for a deletion to overtake it.
      await sleep(500);
      slow.release();
      await until(() => desk.rows().length === 0);
      await slow.stored;
      expect([await swift.objects(desk.bucket), desk.told()]).toEqual([[], []]);
    } finally {
      await slow.stop();
    }
  });

  test('a copy outlives the file of its clip, but not its contact', async () => {
    const contactId = await desk.contact(0.1 * MB);
    service = await desk.serve(swift);
    await settled();
    desk.store.clipLost(contactId, at(200).wall);
    const other = await desk.contact(0.1 * MB);
    await until(() => desk.told().some(({ subject, type }) => subject === other && type === 'clip.uploaded'));
    expect(await swift.objects(desk.bucket)).toHaveLength(2);
    desk.store.erase(contactId, 'console', at(300).wall);
    await until(() => desk.rows().length === 1);
    expect(await swift.objects(desk.bucket)).toEqual([String(desk.rows()[0]?.object)]);
  });

  test('a store that cannot be read while a clip is sent does not spoil a commit; what concerns no clip wakes nobody', async () => {
    await desk.contact(12 * MB);
    const { uploads } = desk.store;
    const next = vi.spyOn(uploads, 'next');
    const seen = swift.served.length;
    service = await desk.serve(swift, { rate: 6 * MB });
    await until(() => swift.served.length > seen);
    const wants = vi.spyOn(uploads, 'wants').mockImplementationOnce(() => {
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' });
    });
    await desk.contact(0.1 * MB);
    expect(wants.mock.results[0]?.type).toBe('throw');
    await until(() => desk.told().length === 2 && next.mock.results.at(-1)?.value === null);
    expect(desk.told()).toMatchObject([{ type: 'clip.uploaded' }, { type: 'clip.uploaded' }]);
    next.mockClear();
    desk.desk.here(5_000).gone(5_001);
    await sleep(100);
    expect(next).not.toHaveBeenCalled();
  });

  test('a clip that goes while the store is away is deleted there when it is back, by the next process too', async () => {
    const contactId = await desk.contact(0.1 * MB);
    service = await desk.serve(swift);
    await settled();
    await service.stop();
    const relay = await startRelay(swift.port);
    relay.cut();
    service = await desk.serve(swift, { port: relay.port });
    desk.store.clipDeleted(contactId, 'age', at(200).wall);
    await until(() => desk.log.some((line) => line.includes('CA_UPLOAD_FAILED')));
    await service.stop();
    expect(await swift.objects(desk.bucket)).toHaveLength(1);
    relay.mend();
    service = await desk.serve(swift, { port: relay.port });
    await until(() => desk.rows().length === 0);
    expect(await swift.objects(desk.bucket)).toEqual([]);
    await relay.stop();
  });

  test('an object that is not what was sent is found by its sums, and sent again', async () => {
    await desk.contact(0.2 * MB);
    let spoilt = true;
    const open = async (file: string, head: Buffer | null) => {
      const clip = await desk.vault.toSend(file, null, head);
      let reads = 0;
      return {
        ...clip,
        read: async (start: number, end: number) => {
          const bytes = await clip.read(start, end);
          // Read right for its sums, and wrong when it is sent, as by a bad card.
          reads += 1;
          if (spoilt && reads === 2) {
            bytes[1_000] = (bytes[1_000] ?? 0) ^ 1;
            spoilt = false;
          }
          return bytes;
        },
      };
    };
    service = await desk.serve(swift, { open });
    await settled();
    expect(desk.log.some((line) => line.includes('CA_UPLOAD_DAMAGED'))).toBe(true);
    const [object = ''] = await swift.objects(desk.bucket);
    expect(desk.told()).toMatchObject([{ data: { sha256: sha256(await swift.get(desk.bucket, object)) } }]);
  });
});

describe('to a presigned address', () => {
  const presigned = async (object: string, expires = '300') => {
    const client = new AwsClient({
      ...{
        accessKeyId: swift.accessKey,
        secretAccessKey: swift.secretKey,
        service: 's3',
        region: 'us-east-1',
      },
    });
    const url = `${swift.endpoint}/${desk.bucket}/${object}?X-Amz-Expires=${expires}`;
    return (await client.sign(url, { method: 'PUT', aws: { signQuery: true } })).url;
  };

  test('by a device without an object store of its own; the address is forgotten, and never logged', async () => {
    const contactId = await desk.contact(7 * MB);
    service = await desk.serve(swift, { store: null, hosts: ['127.0.0.1'] });
    const put = await presigned('handed/over');
    expect(await service.fetch(contactId, put)).toEqual({ contactId, state: 'waiting' });
    await settled();
    const lies = await swift.get(desk.bucket, 'handed/over');
    expect(desk.told()).toMatchObject([
      { type: 'clip.uploaded', data: { bucket: null, sha256: sha256(lies), bytes: lies.length } },
    ]);
    expect(desk.desk.faults()).toEqual([]);
    expect(desk.rows()).toMatchObject([{ state: 'done', put: null }]);
    expect(desk.log.join('')).not.toMatch(/Signature|handed/);
    // What was handed over is for who asked for it to delete.
    desk.store.clipDeleted(contactId, 'age', at(200).wall);
    expect(desk.rows()).toEqual([]);
  });

  test('given while the clip is read for the object store: it goes to the address, and nowhere else', async () => {
    const contactId = await desk.contact(0.1 * MB);
    const [reading, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const open = async (file: string, head: Buffer | null) => {
      const clip = await desk.vault.toSend(file, null, head);
      const read = async (start: number, end: number) => {
        reading.resolve();
        await gate.promise;
        return clip.read(start, end);
      };
      return { ...clip, read };
    };
    service = await desk.serve(swift, { open, hosts: ['127.0.0.1'] });
    await reading.promise;
    expect(await service.fetch(contactId, await presigned('handed/over'))).toMatchObject({
      state: 'waiting',
    });
    gate.resolve();
    await settled();
    expect(await swift.objects(desk.bucket)).toEqual(['handed/over']);
    expect(desk.told()).toMatchObject([{ type: 'clip.uploaded', data: { bucket: null } }]);
    expect(service.health().detail).toMatchObject({ sent: 1 });
  });

  test('that takes it not: an alert tells, without the address', async () => {
    const contactId = await desk.contact(0.1 * MB);
    service = await desk.serve(swift, { store: null, hosts: ['127.0.0.1'] });
    const put = (await presigned('refused')).replace(/Signature=./, 'Signature=0');
    await service.fetch(contactId, `${put}0`);
    await until(() => desk.told().length === 1);
    expect(desk.told()).toMatchObject([{ type: 'alert', data: { code: 'CA_UPLOAD_REFUSED' } }]);
    expect(JSON.stringify(desk.told()) + desk.log.join('')).not.toMatch(/Signature=|refused\?/);
    expect(desk.rows()).toMatchObject([{ state: 'refused', put: null }]);
  });

  test.each([
    ['no host is allowed', [], 'https://store.example/x'],
    ['the host is not among those allowed', ['other.example'], 'https://store.example/x'],
    ['it is not encrypted', ['store.example'], 'http://store.example/x'],
  ])('is refused where %s', async (_, hosts, put) => {
    const contactId = await desk.contact(0.1 * MB);
    service = await desk.serve(swift, { store: null, hosts });
    await expect(service.fetch(contactId, put)).rejects.toMatchObject({ code: 'CA_COMMAND_DENIED' });
    await expect(service.fetch(contactId)).rejects.toMatchObject({ code: 'CA_COMMAND_INVALID' });
    expect(desk.rows()).toEqual([]);
  });
});
