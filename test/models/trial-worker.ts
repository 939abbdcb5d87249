import { workerData } from 'node:worker_threads';
import { CaError } from '../../device/errors.ts';
import { serve } from '../../models/worker-port.ts';

/** What the worker of the tests does when it is asked. */
export type Trial = 'echo' | 'die' | 'exit' | 'hang' | 'compute' | 'print';

/** How it starts, and where it counts what it has computed to the end, in memory that all threads share. */
export interface TrialStart {
  readonly how: 'well' | 'never' | 'refused';
  readonly computed: Int32Array;
}

/** Nothing gets a thread out of this but its end. */
function hang(): never {
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

const { how, computed } = workerData as TrialStart;
if (how === 'never') hang();
if (how === 'refused') throw new CaError('CA_MODEL_INVALID', 'no such model', { remedy: 'Fetch it.' });
serve('at your service', (trial: Trial) => {
  if (trial === 'die') throw new Error('it was asked to');
  if (trial === 'exit') process.exit(3);
  if (trial === 'hang') hang();
  if (trial === 'compute') {
    const end = process.threadCpuUsage().user + 200_000;
    while (process.threadCpuUsage().user < end);
    Atomics.add(computed, 0, 1);
  }
  if (trial === 'print') console.log('printed');
  return trial;
});
