import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { loadFaceNets } from '../../models/face-nets.ts';
import { FacePipeline } from '../../models/face-pipeline.ts';
import { FaceScorer } from '../../models/face-scorer.ts';
import { ChannelUsual } from '../../models/raised-voice.ts';
import { loadSoundModels, SoundPipeline } from '../../models/sound-pipeline.ts';
import { SoundScorer } from '../../models/sound-scorer.ts';
import { demoPictures, demoSound } from './score-media.ts';

/**
 * One process that scores the demo's camera and dialogue in real time, as the service does (`service`), or computes the
 * same in its only thread as fast as it can (`bare`); prints one JSON line: megabytes that it holds, and what else it
 * knows.
 */
const SECONDS = 20;
const NO_OWN = { voice: null, speech: null, phrases: {} };
const pictures = demoPictures(SECONDS);
const sound = demoSound(SECONDS);
const megabytes = () => process.memoryUsage.rss() / 1e6;
const before = megabytes();
console.log(JSON.stringify(process.argv[2] === 'bare' ? await bare() : await service()));

async function bare() {
  const pipeline = new FacePipeline(await loadFaceNets());
  const ear = new SoundPipeline(await loadSoundModels({ own: NO_OWN }), {
    ...{ channels: 1, patient: null, usual: new ChannelUsual() },
  });
  const latencies = pictures.map((picture, n) => {
    const from = performance.now();
    pipeline.look(picture, n / 5);
    const took = performance.now() - from;
    ear.hear(sound.subarray(n * 3_200, (n + 1) * 3_200));
    return took;
  });
  ear.free();
  return { memory: megabytes() - before, latencies };
}

async function service() {
  const log = createLog('silent');
  const faces = new FaceScorer({ clock: systemClock, log, cpu: 4 });
  const sounds = new SoundScorer({ clock: systemClock, log });
  const { signal } = new AbortController();
  await Promise.all([faces.start(signal), sounds.start(signal)]);
  const idle = await played(null);
  const face = faces.begin({ left: 0, right: 1, top: 0, bottom: 1 });
  const ear = sounds.begin('front', null);
  const scoring = await played({
    see: face.see.bind(face),
    hear: ear.hear.bind(ear),
    looked: () => face.scores().summary.looked,
  });
  const memory = megabytes() - before;
  await Promise.all([faces.stop(), sounds.stop()]);
  return { memory, idle: idle.delays, delays: scoring.delays, latencies: scoring.latencies };
}

/** Shows and plays everything in real time; how late a timer of 2 ms was each time, and how long each picture took to be scored. All ms. */
async function played(
  to: { see(frame: (typeof pictures)[number]): void; hear(pcm: Buffer): void; looked(): number } | null,
) {
  const delays: number[] = [];
  const latencies: number[] = [];
  let since: number | null = null;
  let looked = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    delays.push(Math.max(0, now - last - 2));
    last = now;
    if (since === null || !to || to.looked() === looked) return;
    looked = to.looked();
    latencies.push(now - since);
    since = null;
  }, 2);
  const began = performance.now();
  for (const [n, picture] of pictures.entries()) {
    await sleep(Math.max(0, began + n * 200 - performance.now()));
    // The copy is what the splitter of the recorder costs; the delay of both is measured.
    const frame = { ...picture, rgb: Buffer.from(picture.rgb), at: systemClock.now() };
    const pcm = Buffer.from(sound.buffer, n * 6_400, 6_400);
    since ??= performance.now();
    to?.see(frame);
    to?.hear(pcm);
  }
  await sleep(400);
  clearInterval(timer);
  return { delays, latencies };
}
