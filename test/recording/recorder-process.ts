import { systemClock } from '../../device/clock.ts';
import { BeepingMicrophone, newRing, recorderFor, rtsp, started } from './rig.ts';

/** A service with an open contact, to be killed: `node recorder-process.ts RING CAMERA-URL`. Prints when the contact began. */
const [ring = newRing(), url = ''] = process.argv.slice(2);
const recorder = await started(recorderFor({ ring, camera: rtsp(url), microphone: new BeepingMicrophone() }));
const startedAt = systemClock.now();
recorder.begin('c-1', startedAt);
console.log(JSON.stringify(startedAt));
