import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { ManualClock, systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import type { ScoreRecord } from '../../device/store/records.ts';
import type { VideoFrame } from '../../drivers/types.ts';
import { FaceScorer } from '../../models/face-scorer.ts';
import { ScoreSummary, type Summary } from '../../models/summary.ts';
import { facelessFrame, happyFrame } from './pictures.ts';

const running: FaceScorer[] = [];
afterEach(() => Promise.all(running.splice(0).map((scorer) => scorer.stop())));

/** A scorer that is warm, and the lines it logs. */
async function warm(clock = systemClock) {
  const lines: Record<string, unknown>[] = [];
  const log = createLog('info', { write: (line) => lines.push(JSON.parse(line)) });
  const scorer = new FaceScorer({ clock, log });
  running.push(scorer);
  await scorer.start(new AbortController().signal);
  expect(scorer.health().status).toBe('ok');
  return { scorer, lines };
}

/** Waits for a real worker, whatever the time on the clock under test. */
async function becomes(scorer: FaceScorer, status: string) {
  while (scorer.health().status !== status) await pause(10);
}

/** A frame that kills the worker: a row of pixels is missing. */
function deadly(): VideoFrame {
  const frame = happyFrame();
  return { ...frame, height: frame.height + 1 };
}

test('scores what the recorder delivers, and names its models', async () => {
  const { scorer } = await warm();
  const frame = happyFrame();
  const results = [await scorer.score(frame), await scorer.score(facelessFrame())];
  expect(results[0]).toMatchObject({ positive: expect.closeTo(1, 1) });
  expect(results[1]).toBe('no-face');
  expect(frame.rgb, 'the frame stays with its owner').toHaveLength(320 * 240 * 3);

  const summary = new ScoreSummary();
  for (const result of results) summary.add(result);
  const figures: Pick<ScoreRecord, keyof Summary> = summary.summary();
  expect(figures).toMatchObject({ frames: 2, scored: 1 });

  expect(scorer.models.detector).toEqual({
    id: 'blazeface-256',
    version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  });
  expect(scorer.models.expression.id).toBe('face-api-expression');
  expect(scorer.health().detail).toMatchObject({ frames: 2, dropped: 0, restarts: 0 });
});

test('a flood is dropped but for the first and the latest, and takes no memory', async () => {
  const { scorer } = await warm();
  const [happy, faceless] = [happyFrame(), facelessFrame()];
  const before = process.memoryUsage().arrayBuffers;
  const flood = Array.from({ length: 50 }, (_, n) => scorer.score(n === 49 ? happy : faceless));
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(3 * happy.rgb.byteLength);

  const results = await Promise.all(flood);
  expect(results[0]).toBe('no-face');
  expect(results.slice(1, 49).every((result) => result === 'dropped')).toBe(true);
  expect(results[49]).toMatchObject({ positive: expect.closeTo(1, 1) });
  expect(scorer.health().detail).toMatchObject({ frames: 50, dropped: 48 });
});

test('the house goes on while a face is scored', async () => {
  const { scorer } = await warm();
  const frame = happyFrame();
  const before = performance.eventLoopUtilization();
  for (let n = 0; n < 10; n++) await scorer.score(frame);
  expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.5);
});

test('a worker that dies is replaced, ever later while it keeps dying, and scoring goes on', async () => {
  const clock = new ManualClock();
  const { scorer, lines } = await warm(clock);
  for (const longest of [500, 1000]) {
    const [inWorker, waiting] = [scorer.score(deadly()), scorer.score(happyFrame())];
    expect(await Promise.all([inWorker, waiting])).toEqual(['dropped', 'dropped']);
    expect(scorer.health()).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('face worker'),
    });
    expect(await scorer.score(happyFrame()), 'nobody is there to look').toBe('dropped');
    clock.advance(longest / 2 - 1);
    expect(scorer.health().status).toBe('failed');
    clock.advance(longest / 2 + 1);
    expect(scorer.health().status).toBe('degraded');
    await becomes(scorer, 'ok');
  }
  expect(await scorer.score(happyFrame())).toMatchObject({ positive: expect.closeTo(1, 1) });
  expect(scorer.health().detail).toMatchObject({ frames: 7, dropped: 6, restarts: 2 });

  const failures = lines.filter((line) => line.level === 'error');
  expect(failures.map((line) => (line.err as { code: string }).code)).toEqual([
    'CA_SCORER_FAILED',
    'CA_SCORER_FAILED',
  ]);
  expect(
    lines.filter((line) => line.engine),
    'the engine is logged once',
  ).toHaveLength(1);
});

test('a worker that does not answer for 10 s is replaced', async () => {
  const clock = new ManualClock();
  const { scorer } = await warm(clock);
  const frame = happyFrame();
  const hanging = scorer.score(frame);
  clock.advance(9_999);
  expect(scorer.health().status).toBe('ok');
  clock.advance(1);
  expect(await hanging).toBe('dropped');
  expect(scorer.health()).toMatchObject({
    status: 'failed',
    reason: expect.stringContaining('nothing for 10 s'),
  });
  clock.advance(1_000);
  await becomes(scorer, 'ok');
  expect(await scorer.score(frame)).toMatchObject({ positive: expect.closeTo(1, 1) });
});

test('stopping answers what waits, leaves no timer, and can be done twice', async () => {
  const clock = new ManualClock();
  const { scorer } = await warm(clock);
  const waiting = [scorer.score(happyFrame()), scorer.score(happyFrame())];
  await scorer.stop();
  await scorer.stop();
  expect(await Promise.all(waiting)).toEqual(['dropped', 'dropped']);
  expect(await scorer.score(happyFrame())).toBe('dropped');
  expect(clock.waiting()).toEqual([]);
});

test('an abort ends the warming up', async () => {
  const scorer = new FaceScorer({ clock: systemClock, log: createLog('silent') });
  running.push(scorer);
  const abort = new AbortController();
  const start = scorer.start(abort.signal);
  expect(scorer.health()).toMatchObject({ status: 'degraded', reason: 'the nets are being loaded' });
  expect(await scorer.score(happyFrame())).toBe('dropped');
  abort.abort();
  await start;
});
