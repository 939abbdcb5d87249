import { parentPort, workerData } from 'node:worker_threads';
import type { Engine } from './engine.ts';
import type { FaceBox } from './face-boxes.ts';
import { loadFaceNets } from './face-nets.ts';
import type { FaceScore } from './face-score.ts';
import type { Picture } from './picture.ts';

/** What the worker says: once that it can begin, then one answer to each picture, in order. */
export type WorkerMessage =
  | { readonly kind: 'ready'; readonly engine: Engine['name']; readonly reason: string }
  | { readonly kind: 'scored'; readonly result: FaceScore | 'no-face' }
  | { readonly kind: 'found'; readonly result: readonly FaceBox[] };

/** What the worker is asked. */
export interface WorkerTask {
  readonly kind: 'score' | 'find';
  readonly picture: Picture;
}

/** What it is started with. */
export interface WorkerStart {
  /** False: the net for expressions is not loaded. */
  readonly expressions: boolean;
}

/**
 * The thread that does the sums: a call to the engine holds its event loop for the whole time. It catches nothing:
 * whatever goes wrong here ends the thread, and `FaceScorer` starts another.
 */
const port = parentPort;
if (port === null) throw new Error('face-worker.ts is the entry of a worker thread');
const say = (message: WorkerMessage) => port.postMessage(message);

const { expressions } = workerData as WorkerStart;
const { engine, scoreFrame, findFaces } = await loadFaceNets(undefined, { expressions });
port.on('message', ({ kind, picture }: WorkerTask) => {
  if (kind === 'score') say({ kind: 'scored', result: scoreFrame(picture) });
  else say({ kind: 'found', result: findFaces(picture) });
});
say({ kind: 'ready', engine: engine.name, reason: engine.reason });
