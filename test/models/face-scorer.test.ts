import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { afterAll, expect, test } from 'vitest';
import { ManualClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import type { VideoFrame } from '../../drivers/types.ts';
import { FaceScorer } from '../../models/face-scorer.ts';
import type { FaceAnswer, FaceTask } from '../../models/face-worker.ts';
import type { FaceSession } from '../../models/session.ts';
import type { WorkerMessage, WorkerOrder } from '../../models/worker-port.ts';
import { nearFrame } from './pictures.ts';

const WHOLE = { left: 0, right: 1, top: 0, bottom: 1 };
const happy = nearFrame();

const running: FaceScorer[] = [];
afterAll(() => Promise.all(running.map((scorer) => scorer.stop())));

/** A scorer on a clock that stands still, and the lines it logs. */
function stopped(options: { cpu?: number; othersCpu?: () => number } = {}) {
  const clock = new ManualClock();
  const lines: Record<string, unknown>[] = [];
  const log = createLog('info', { write: (line) => lines.push(JSON.parse(line)) });
  const scorer = new FaceScorer({ clock, log, cpu: 4, ...options });
  running.push(scorer);
  return { scorer, clock, lines, begin: (zone = WHOLE) => scorer.begin(zone) };
}

async function warm(options?: { cpu?: number; othersCpu?: () => number }) {
  const scored = stopped(options);
  await scored.scorer.start(new AbortController().signal);
  expect(scored.scorer.health().status).toBe('ok');
  return scored;
}

/** Waits until the worker has answered all it may be asked now, whatever the time on the clock under test. */
async function answered(clock: ManualClock) {
  while (clock.waiting().includes('answer of the face worker')) await pause(2);
}

/** Shows a picture to a session, and lets `ms` pass. */
async function show(clock: ManualClock, session: FaceSession, picture: VideoFrame = happy, ms = 200) {
  session.see({ ...picture, at: clock.now() });
  await answered(clock);
  clock.advance(ms);
  await answered(clock);
}

function detail(scorer: FaceScorer) {
  const { detail } = scorer.health();
  if (!detail) throw new Error('no detail');
  return detail;
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A frame that kills the worker when it is searched: a row of pixels is missing. */
const deadly = { ...happy, height: happy.height + 1 };

const shared = await warm();

test('a smile is found, and the models that found it are named with their licences', async () => {
  const { scorer, clock, lines, begin } = shared;
  const session = begin();
  for (let n = 0; n < 50; n++) await show(clock, session);
  const { kind, models, thresholds, summary, bins } = session.scores();
  expect(kind).toBe('face');
  expect(summary).toMatchObject({ looked: 50, scored: 50, dropped: 0, verdict: 'positive' });
  expect(summary.positive).toBeGreaterThan(0.9);
  expect(bins).toHaveLength(10);
  expect(Object.keys(thresholds).length).toBeGreaterThan(5);
  expect(models.map(({ id }) => id)).toEqual(['blazeface-256', 'face-api-expression']);
  expect(models.every(({ licence }) => licence === 'MIT')).toBe(true);
  session.end();

  const logged = lines.filter(({ level }) => level === 'info');
  expect(
    logged.map(({ engine, model, cpuMsPerPicture }) => engine ?? model ?? typeof cpuMsPerPicture),
  ).toEqual(['tfjs-wasm', 'blazeface-256', 'face-api-expression', 'number']);
  expect(logged[1]).toMatchObject({ licence: 'MIT', version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
  expect(detail(scorer)).toMatchObject({
    engine: 'tfjs-wasm',
    reason: expect.stringContaining('the native library does not load'),
    models: expect.stringMatching(/^blazeface-256 \S+ \(MIT\), face-api-expression \S+ \(MIT\)$/),
    looked: 50,
    restarts: 0,
  });
  expect(detail(scorer).cpuMsPerPicture).toBeGreaterThan(0);
  expect(detail(scorer).picturesPerSecond).toBeCloseTo(5, 0);
});

test('before the worker is ready pictures are dropped, and no model is named', async () => {
  const { begin, clock } = stopped();
  const session = begin();
  await show(clock, session);
  expect(session.scores()).toMatchObject({ models: [], summary: { looked: 0, dropped: 1 } });
});

test('nothing outside the zone has any say, whatever stands there', async () => {
  const { clock, begin } = shared;
  const zone = { left: 0.1, right: 0.9, top: 0.05, bottom: 0.8 };
  const sessions = [begin(zone), begin(zone), begin(WHOLE)];
  const [clean, poisoned, whole] = sessions;
  for (let n = 0; n < 5; n++) {
    const rgb = randomFillSync(Buffer.alloc(happy.rgb.length));
    const { width, height } = happy;
    for (let y = Math.ceil(zone.top * height); y < Math.floor(zone.bottom * height); y++) {
      const row = [zone.left, zone.right].map((share) => (y * width + share * width) * 3);
      happy.rgb.copy(rgb, Math.floor(row[0] ?? 0), row[0], row[1]);
    }
    clock.advance(500);
    clean?.see({ ...happy, at: clock.now() });
    poisoned?.see({ ...happy, rgb, at: clock.now() });
    whole?.see({ ...happy, rgb, at: clock.now() });
    while (clock.waiting().some((name) => /face worker|next picture/.test(name))) {
      await answered(clock);
      clock.advance(60);
    }
  }
  expect(clean?.scores().summary).toMatchObject({ looked: 5, scored: 5 });
  expect(poisoned?.scores()).toEqual(clean?.scores());
  expect(whole?.scores(), 'the poison is one').not.toEqual(clean?.scores());
  for (const session of sessions) session.end();
});

test('a flood takes no memory: the first picture and the latest are looked at', async () => {
  const { scorer, clock, begin } = shared;
  clock.advance(1_000);
  await answered(clock);
  const session = begin();
  const before = detail(scorer);
  // Each with memory of its own, as a camera's are.
  const frames: WeakRef<Buffer>[] = [];
  const see = () => {
    const rgb = Buffer.from(happy.rgb);
    frames.push(new WeakRef(rgb));
    session.see({ ...happy, rgb, at: clock.now() });
  };
  for (let n = 0; n < 25; n++) see();
  // By now the next one could be looked at, were the worker not late.
  clock.advance(1_000);
  for (let n = 0; n < 25; n++) see();
  await answered(clock);
  // A WeakRef holds on until the turn of the event loop in which it was made is over.
  await pause(1);
  collect();
  expect(frames.filter((frame) => frame.deref()).length).toBeLessThan(3);
  clock.advance(1);
  expect(session.scores().summary).toMatchObject({ looked: 2, dropped: 25 });
  expect(detail(scorer)).toMatchObject({
    looked: Number(before.looked) + 2,
    dropped: Number(before.dropped) + 25,
    paced: Number(before.paced) + 23,
  });
  session.end();
});

test('desks take turns', async () => {
  const { clock, begin } = shared;
  const sessions = [begin(), begin(), begin()];
  clock.advance(1_000);
  await answered(clock);
  // The first desk has three times as many pictures, and there is time for thirteen in all.
  for (let n = 0; n < 12; n++) {
    const seeing = n % 3 === 0 ? sessions : sessions.slice(0, 1);
    for (const session of seeing) session.see({ ...happy, at: clock.now() });
    await answered(clock);
    clock.advance(60);
    await answered(clock);
  }
  expect(sessions.map((session) => session.scores().summary.looked)).toEqual([5, 4, 4]);
  for (const session of sessions) session.end();
});

test('a search goes before pictures that wait for their turn', async () => {
  const { scorer, clock, begin } = shared;
  const [one, other] = [begin(), begin()];
  clock.advance(1_000);
  await answered(clock);
  one.see({ ...happy, at: clock.now() });
  other.see({ ...happy, at: clock.now() });
  clock.advance(500);
  const faces = await scorer.find(happy);
  expect(faces).toHaveLength(1);
  expect(other.scores().summary.looked).toBe(0);
  await answered(clock);
  expect(other.scores().summary.looked).toBe(1);
  one.end();
  other.end();
});

test('the house goes on while faces are looked for', async () => {
  const before = performance.eventLoopUtilization();
  for (let n = 0; n < 10; n++) await shared.scorer.find(happy);
  expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.3);
});

test('when the worker dies, sessions go on with the next one', async () => {
  const { scorer, clock, lines, begin } = shared;
  const session = begin();
  await answered(clock);
  const before = detail(scorer);
  await show(clock, session, happy, 1_000);
  const search = scorer.find(deadly);
  session.see({ ...happy, at: clock.now() });
  expect(await search).toBe('dropped');
  expect(scorer.health()).toMatchObject({ status: 'failed', reason: expect.stringContaining('face worker') });
  expect(await scorer.find(happy), 'nobody is there to look').toBe('dropped');
  clock.advance(1_000);
  session.see({ ...happy, at: clock.now() });
  while (scorer.health().status !== 'ok') await pause(10);
  for (let n = 0; n < 3; n++) await show(clock, session);
  expect(session.scores().summary).toMatchObject({ looked: 4, scored: 4, dropped: 2 });
  expect(detail(scorer)).toMatchObject({ restarts: 1, dropped: Number(before.dropped) + 2 });
  expect(
    lines.filter((line) => line.engine),
    'the engine is logged once',
  ).toHaveLength(1);
  session.end();
});

test('pictures are looked at as often as the budget allows, less often when others need it', async () => {
  let others = 0;
  const { scorer, clock, begin } = await warm({ cpu: 0.06, othersCpu: () => others });
  const session = begin();
  for (let n = 0; n < 75; n++) await show(clock, session);
  const before = detail(scorer);
  // A picture that is dearer than all before it cannot be foreseen.
  expect(before.cores).toBeLessThanOrEqual(0.07);
  expect(before.cores).toBeGreaterThan(0.03);
  expect(before.picturesPerSecond).toBeLessThan(4.8);
  expect(before).toMatchObject({ dropped: 0, looked: session.scores().summary.looked });
  expect(Number(before.paced) + Number(before.looked)).toBeGreaterThanOrEqual(74);
  others = 0.06;
  for (let n = 0; n < 75; n++) await show(clock, session);
  expect(detail(scorer).picturesPerSecond).toBeCloseTo(0.2, 5);
  await scorer.stop();
});

test('stopping drops what waits, leaves no timer, and can be done twice', async () => {
  const { scorer, clock, begin } = shared;
  const session = begin();
  await answered(clock);
  const search = scorer.find(happy);
  session.see({ ...happy, at: clock.now() });
  await scorer.stop();
  await scorer.stop();
  expect(await search).toBe('dropped');
  expect(session.scores().summary.dropped).toBe(1);
  expect(clock.waiting()).toEqual([]);
});

test('each session has its own state in the worker, until it is forgotten', async () => {
  const workerData = { expressions: true, own: null };
  const worker = new Worker(new URL('../../models/face-worker.ts', import.meta.url), { workerData });
  const said = async () => (await once(worker, 'message'))[0] as WorkerMessage<unknown, FaceAnswer>;
  async function ask(task: FaceTask) {
    worker.postMessage({ kind: 'task', task } satisfies WorkerOrder<FaceTask>);
    const message = await said();
    return message.kind === 'answer' && message.answer.kind === 'looked' ? message.answer.reading : null;
  }
  expect((await said()).kind).toBe('ready');
  const look = (session: number, at: number) => ask({ kind: 'look', session, picture: happy, at });
  expect(await look(1, 0)).toMatchObject({ at: 0, detected: true });
  expect(await look(1, 0.2), 'the face is followed').toMatchObject({ at: 0.2, detected: false });
  expect(await look(2, 0.2)).toMatchObject({ detected: true });
  expect(await ask({ kind: 'forget', session: 1 })).toBeNull();
  expect(await look(1, 0.4)).toMatchObject({ detected: true });
  expect(await look(2, 0.4)).toMatchObject({ detected: false });
  await worker.terminate();
});
