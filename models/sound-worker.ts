import { workerData } from 'node:worker_threads';
import { messageOf } from '../device/errors.ts';
import type { OwnSound } from './own/own-sound.ts';
import { ChannelUsual } from './raised-voice.ts';
import type { ModelUse, SoundReading } from './readings.ts';
import { loadSoundModels, SoundPipeline } from './sound-pipeline.ts';
import { RATE } from './speech-detector.ts';
import { serve } from './worker-port.ts';

/** What the worker is started with. */
export interface SoundStart {
  readonly own: OwnSound;
}

/** What it says when it can begin. */
export interface SoundReady {
  readonly models: readonly ModelUse[];
}

/** What it is asked. */
export type SoundTask =
  | {
      readonly kind: 'hear';
      readonly session: number;
      /** The name of the microphone, and whose channel is whose. */
      readonly channel: string;
      readonly patient: 'left' | 'right' | null;
      /** Seconds since the session began at which the samples begin. */
      readonly at: number;
      readonly samples: Int16Array;
    }
  | { readonly kind: 'forget'; readonly session: number };

export interface SoundAnswer {
  readonly readings: readonly SoundReading[];
  /** What is wrong with the user's own voice model, told when it happens. */
  readonly fault: string | null;
}

/** The sound of one session, and the seconds since its beginning up to which it was heard. */
interface Stream {
  readonly pipeline: SoundPipeline;
  until: number;
}

/** Samples that begin later than that (s) after the last have a hole before them; less is a rounded number. */
const HOLE = 0.001;

const models = await loadSoundModels(workerData as SoundStart);
const streams = new Map<number, Stream>();
/** What is usual on each microphone is learnt over all its sessions; with the thread it is lost. */
const usuals = new Map<string, ChannelUsual>();

function answer(task: SoundTask): SoundAnswer {
  if (task.kind === 'hear') return hear(task);
  streams.get(task.session)?.pipeline.free();
  streams.delete(task.session);
  return { readings: [], fault: null };
}

function hear({ session, channel, patient, at, samples }: SoundTask & { kind: 'hear' }): SoundAnswer {
  const channels = patient === null ? 1 : 2;
  const usual = usuals.get(channel) ?? new ChannelUsual();
  usuals.set(channel, usual);
  const stream = streams.get(session) ?? {
    pipeline: new SoundPipeline(models, { channels, patient, usual }),
    until: 0,
  };
  streams.set(session, stream);
  const hole = at - stream.until;
  const before = hole > HOLE ? stream.pipeline.skip(hole) : [];
  stream.until = at + samples.length / channels / RATE;
  const readings = [...before, ...stream.pipeline.hear(samples)];
  const fault = stream.pipeline.takeFault();
  return { readings, fault: fault === null ? null : messageOf(fault) };
}

serve<SoundTask, SoundReady, SoundAnswer>({ models: models.models }, answer);
