import { systemClock } from '../../device/clock.ts';
import { BeepingMicrophone, placeAt, recorderFor, rtsp, started } from './rig.ts';

/** A service with an open contact, to be killed: `node recorder-process.ts RING FOLDER SECRET CAMERA-URL`. Prints when the contact began. */
const [ring, folder, secret, url = ''] = process.argv.slice(2);
const place = placeAt(ring, folder, secret);
const recorder = await started(
  recorderFor(place, { camera: rtsp(url), microphone: new BeepingMicrophone() }),
);
const startedAt = systemClock.now();
recorder.begin('c-1', startedAt);
console.log(JSON.stringify(startedAt));
