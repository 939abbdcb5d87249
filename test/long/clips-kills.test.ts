import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openClip } from '../../uploader/hub/open-clip.ts';
import { randomOf } from '../stand-ins/random.ts';
import { type Relay, startRelay } from '../stand-ins/relay.ts';
import { type Swift, startSwift } from '../stand-ins/swift.ts';
import type { Told } from '../uploader/clips-process.ts';
import { ClipDesk, MB } from '../uploader/clips-rig.ts';

let swift: Swift;
let relay: Relay;
let desk: ClipDesk;

beforeEach(async () => {
  swift = await startSwift();
  relay = await startRelay(swift.port);
  desk = new ClipDesk();
  await swift.makeBucket(desk.bucket);
});
afterEach(async () => {
  await relay?.stop();
  await swift?.stop();
  desk?.end();
});

/** 30 clips, 190 MB. Those above 5 MB go in parts; the largest in ten, early enough for most of the troubles. */
const SIZES = [
  1, 3, 6, 50, 8, 20, 12, 8, 6, 3, 1, 1, 12, 8, 6, 3, 1, 1, 6, 6, 3, 3, 8, 3, 2, 2, 3, 1, 2, 1,
].map((mb) => mb * MB);
const TROUBLES = 12;
const PATIENCE = 120_000;

test('30 clips, the process killed and the link cut at random: all there, whole, and no part twice but those in flight', async () => {
  const seed = Number(process.env.CA_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`clips-kills: CA_SEED=${seed}`);
  const random = randomOf(seed);
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  for (const bytes of SIZES) await desk.contact(bytes + Math.round(random() * 0.03 * MB));
  const { accessKey, secretKey } = swift;
  const told: Told = {
    ...{
      folder: desk.desk.folder,
      key: desk.keyHex,
      rate: 15 * MB,
      bucket: desk.bucket,
      accessKey,
      secretKey,
    },
    recipient: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    endpoint: `http://127.0.0.1:${relay.port}`,
  };
  let child = begin(told);
  const end = performance.now() + PATIENCE;
  /** How much had been answered when each trouble came. */
  const troubles: number[] = [];
  while (!child.all) {
    if (performance.now() > end) throw new Error(`in vain: ${child.said.slice(-2_000)}`);
    await Promise.race([child.done, sleep(400 + random() * 1_800)]);
    if (child.all || troubles.length >= TROUBLES) continue;
    troubles.push(swift.served.length);
    const trouble = Math.floor(random() * 4);
    if (trouble < 2) {
      await child.kill();
      child = begin(told);
    } else if (trouble === 2) relay.reset();
    else {
      relay.cut();
      await sleep(300 + random() * 700);
      relay.mend();
    }
  }
  await child.kill();
  expect(troubles.length).toBeGreaterThan(5);

  const rows = desk.rows();
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(['done']));
  const objects = rows.map(({ object }) => String(object)).sort();
  expect(objects).toHaveLength(SIZES.length);
  expect((await swift.objects(desk.bucket)).sort()).toEqual(objects);
  expect(await swift.unfinished(desk.bucket)).toEqual([]);
  for (const row of rows) {
    const lies = await swift.get(desk.bucket, String(row.object));
    const content = createHash('sha256');
    for await (const chunk of openClip(inPieces(lies), privateKey)) content.update(chunk);
    expect(createHash('sha256').update(lies).digest('hex')).toBe(row.sha256);
    const clip = desk.store.contacts.byId(String(row.contact_id))?.clip;
    expect(content.digest('hex')).toBe(clip?.sha256);
  }
  const uploaded = desk.told().map(({ data }) => (data as { object: string }).object);
  expect(uploaded.sort()).toEqual(objects);
  expect(desk.desk.faults()).toEqual([]);
  // One that was in flight may arrive after all, when it is being sent again; one that had arrived before is not sent again.
  const parts = swift.served.flatMap(({ method, status, object, query }, place) =>
    method === 'PUT' && status === 200 && query.has('partNumber')
      ? [{ part: `${object} ${query.get('partNumber')}`, place }]
      : [],
  );
  const twice = parts.flatMap(({ part, place }) => {
    const first = parts.find((one) => one.part === part && one.place < place);
    return first ? [{ part, place, first: first.place }] : [];
  });
  console.log(`${troubles.length} troubles, ${parts.length} parts, ${twice.length} of them twice`);
  for (const { part, place, first } of twice) {
    const had = troubles.filter((trouble) => first < trouble && trouble <= place);
    expect({ part, had }).toEqual({ part, had: [] });
  }
}, 240_000);

/** As from a file: what is held in one piece is copied for each of its chunks. */
async function* inPieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

interface Sender {
  readonly all: boolean;
  readonly done: Promise<void>;
  readonly said: string;
  kill(): Promise<void>;
}

function begin(told: Told): Sender {
  const script = join(import.meta.dirname, '../uploader/clips-process.ts');
  const child: ChildProcess = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', process.execPath, script, JSON.stringify(told)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const closed = once(child, 'close');
  const { promise: done, resolve } = Promise.withResolvers<void>();
  let [said, all] = ['', false];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk) => {
      said += chunk;
      if (!/^all sent$/m.test(said)) return;
      all = true;
      resolve();
    });
  return {
    get all() {
      return all;
    },
    get said() {
      return said;
    },
    done,
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
