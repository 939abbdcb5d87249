/** Entry of a process that dies in the place of the service when a recogniser cannot be used: see `tryRecogniser`. */
import { messageOf } from '../../device/errors.ts';
import { RATE } from '../speech-detector.ts';
import { createRecogniser, type RecogniserConfig } from './recogniser.ts';

/** More than any model takes at a time. */
const SECONDS = 3;
/** Features come 100 times a second, so there cannot be more chunks of them. */
const MOST_CHUNKS = SECONDS * 100;

try {
  const recogniser = createRecogniser(JSON.parse(process.argv[2] ?? '') as RecogniserConfig);
  const stream = recogniser.createStream();
  // A sweep over all frequencies, and over again: the model shall say something, so that its tokens are tried, too.
  const samples = Float32Array.from({ length: SECONDS * RATE }, (_, n) => 0.3 * Math.sin(0.0001 * n * n));
  stream.acceptWaveform({ samples, sampleRate: RATE });
  for (let chunks = 0; recogniser.isReady(stream); chunks++) {
    if (chunks > MOST_CHUNKS) throw new Error('it makes no headway');
    recogniser.decode(stream);
    recogniser.getResult(stream);
  }
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
