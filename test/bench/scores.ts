import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { squareAround } from '../../models/blazeface.ts';
import { FaceEvidence } from '../../models/face-evidence.ts';
import { type FaceNets, loadFaceNets } from '../../models/face-nets.ts';
import { FacePipeline } from '../../models/face-pipeline.ts';
import { ChannelUsual } from '../../models/raised-voice.ts';
import type { FaceReading, FaceSummary } from '../../models/readings.ts';
import { loadSoundModels, SoundPipeline } from '../../models/sound-pipeline.ts';
import { type Benchmark, quantile, type Result } from './result.ts';
import { demoPictures, demoSound } from './score-media.ts';

const run = promisify(execFile);

/** Each is measured so often, the floor before and after it in turn; the medians are compared. */
const ROUNDS = 3;
const PICTURES = 20;
const SOUND = 20;

/** CPU of this thread, in milliseconds: the nets run in it. */
function cpu(work: () => void): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

const median = (sample: readonly number[]) => quantile(sample, 0.5);

/** Detector and net on every picture: what the pipeline spares. */
function everyPicture(nets: FaceNets) {
  return (picture: Parameters<FaceNets['detect']>[0], at: number): FaceReading => {
    const [face] = nets.detect(picture);
    const shows = face ? (nets.express(picture, squareAround(face)) ?? 'unsure') : 'no-face';
    return { at, shows, face: face ? 1 : null, others: 0, detected: true };
  };
}

export const faceCpu: Benchmark = {
  names: ['face.cpu', 'face.rate'],
  about: `The demo's camera, ${PICTURES} s of 640×480 at 5 pictures a second: milliseconds of CPU a picture, and pictures a second that one core could score.\nFloor: detector and expression net on every picture. Both must come to the same.`,
  async run(): Promise<Result[]> {
    const nets = await loadFaceNets();
    const pictures = demoPictures(PICTURES);
    const measured = (look: (picture: (typeof pictures)[number], at: number) => FaceReading) => {
      const evidence = new FaceEvidence();
      const ms = cpu(() => {
        for (const [n, picture] of pictures.entries()) evidence.add(look(picture, n / 5));
      });
      return { ms: ms / pictures.length, summary: evidence.summary(PICTURES) };
    };
    const [values, floors]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      const floor = measured(everyPicture(nets));
      const pipeline = new FacePipeline(nets);
      const value = measured((picture, at) => pipeline.look(picture, at));
      assertEqual(value.summary, floor.summary);
      values.push(value.ms);
      floors.push(floor.ms);
    }
    const [value, floor] = [median(values), median(floors)];
    return [
      { name: 'face.cpu', value, unit: 'ms', floor, better: 'lower' },
      { name: 'face.rate', value: 1_000 / value, unit: '1/s', floor: 1_000 / floor, better: 'higher' },
    ];
  },
};

function assertEqual(value: FaceSummary, floor: FaceSummary): void {
  const near = (a: number | null, b: number | null) => Math.abs((a ?? -1) - (b ?? -1)) < 0.05;
  const same =
    value.verdict === floor.verdict &&
    near(value.negative, floor.negative) &&
    near(value.positive, floor.positive) &&
    near(value.coverage, floor.coverage);
  if (!same) throw new Error(`not the same: ${JSON.stringify(value)} against ${JSON.stringify(floor)}`);
}

export const soundCpu: Benchmark = {
  names: ['sound.cpu'],
  about: `The demo's dialogue: milliseconds of CPU for each second of sound, with speech, level, pitch and effort.\nFloor: the bare speech detector on the same sound.`,
  async run(): Promise<Result[]> {
    const sound = demoSound(SOUND);
    const models = await loadSoundModels({ own: { voice: null, speech: null, phrases: {} } });
    const [values, floors]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      const pipeline = new SoundPipeline(models, { channels: 1, patient: null, usual: new ChannelUsual() });
      values.push(cpu(() => void pipeline.hear(sound)) / SOUND);
      pipeline.free();
      floors.push(bareDetector(sound) / SOUND);
    }
    return [{ name: 'sound.cpu', value: median(values), unit: 'ms', floor: median(floors), better: 'lower' }];
  },
};

function bareDetector(sound: Int16Array): number {
  const { Vad } = createRequire(import.meta.url)('sherpa-onnx-node');
  const model = join(import.meta.dirname, '../../.cache/models/silero_vad_v6.onnx');
  const options = { model, threshold: 0.5, minSpeechDuration: 0.1, minSilenceDuration: 0.1, windowSize: 512 };
  const vad = new Vad({ sileroVad: options, sampleRate: 16_000, numThreads: 1, debug: false }, 30);
  const samples = Float32Array.from(sound, (value) => value / 32_768);
  return cpu(() => {
    for (let at = 0; at + 512 <= samples.length; at += 512) {
      vad.acceptWaveform(samples.subarray(at, at + 512));
      while (!vad.isEmpty()) vad.pop();
    }
  });
}

interface Told {
  memory: number;
  latencies: number[];
  delays?: number[];
  idle?: number[];
}

export const scoring: Benchmark = {
  names: ['loop.delay', 'face.latency', 'scores.memory'],
  about:
    'Camera and dialogue of the demo scored in real time: how late timers of the main thread are (ms, 99 of 100 at most), milliseconds from a picture to its score (9 of 10 at most), megabytes held.\nFloor: the same process while nothing is scored; the same sums without a worker; the memory of these.',
  async run(): Promise<Result[]> {
    const script = join(import.meta.dirname, 'score-process.ts');
    const [service, bare] = [await told(script, 'service'), await told(script, 'bare')];
    const delay = (sample: number[] = []) => quantile(sample, 0.99);
    return [
      {
        name: 'loop.delay',
        value: delay(service.delays),
        unit: 'ms',
        floor: delay(service.idle),
        better: 'lower',
      },
      {
        ...{ name: 'face.latency', value: quantile(service.latencies, 0.9), unit: 'ms', better: 'lower' },
        floor: quantile(bare.latencies, 0.9),
      },
      { name: 'scores.memory', value: service.memory, unit: 'MB', floor: bare.memory, better: 'lower' },
    ];
  },
};

async function told(script: string, mode: string): Promise<Told> {
  const { stdout } = await run(process.execPath, [script, mode], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Told;
}
