import { workerData } from 'node:worker_threads';
import { messageOf } from '../device/errors.ts';
import type { Engine } from './engine.ts';
import type { FaceBox } from './face-boxes.ts';
import { loadFaceNets } from './face-nets.ts';
import { FacePipeline } from './face-pipeline.ts';
import type { Picture } from './picture.ts';
import type { FaceReading, ModelUse } from './readings.ts';
import { serve } from './worker-port.ts';

/** What the worker is started with. */
export interface FaceStart {
  /** False: faces are only found, and the net for expressions is not loaded. */
  readonly expressions: boolean;
  /** The folder of the user's own net for expressions. */
  readonly own: string | null;
}

/** What it says when it can begin. */
export interface FaceReady {
  readonly engine: Engine['name'];
  readonly reason: string;
  readonly models: readonly ModelUse[];
}

/** What it is asked. `at`: seconds since the session began. */
export type FaceTask =
  | { readonly kind: 'find'; readonly picture: Picture }
  | { readonly kind: 'look'; readonly session: number; readonly picture: Picture; readonly at: number }
  | { readonly kind: 'forget'; readonly session: number };

export type FaceAnswer =
  | { readonly kind: 'found'; readonly faces: readonly FaceBox[] }
  | {
      readonly kind: 'looked';
      readonly reading: FaceReading;
      /** What is wrong with the user's own net, told when it happens. */
      readonly fault: string | null;
    }
  | { readonly kind: 'forgotten' };

/** The thread that does the sums: a call to the engine holds its event loop for the whole time. */
const nets = await loadFaceNets(undefined, workerData as FaceStart);
const sessions = new Map<number, FacePipeline>();

function answer(task: FaceTask): FaceAnswer {
  if (task.kind === 'find') return { kind: 'found', faces: nets.findFaces(task.picture) };
  if (task.kind === 'look') {
    const pipeline = sessions.get(task.session) ?? new FacePipeline(nets);
    sessions.set(task.session, pipeline);
    const reading = pipeline.look(task.picture, task.at);
    const fault = nets.takeFault();
    return { kind: 'looked', reading, fault: fault === null ? null : messageOf(fault) };
  }
  sessions.delete(task.session);
  return { kind: 'forgotten' };
}

const { engine, models } = nets;
serve<FaceTask, FaceReady, FaceAnswer>({ engine: engine.name, reason: engine.reason, models }, answer);
