import { beeps } from '../stand-ins/beeps.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { type Pulse, startPulse } from '../stand-ins/pulse.ts';
import { type RtspCamera, startRtspCamera } from '../stand-ins/rtsp-camera.ts';
import { type Subscriber, startSubscriber } from '../stand-ins/subscriber.ts';

/** Pictures a second of the camera, and from one keyframe to the next. */
export const FPS = 15;
export const GOP = 15;

/** What several services can share: a camera that tells the time, a microphone that hears beeps, a broker and its listener. */
export interface World {
  readonly pulse: Pulse;
  readonly broker: Mosquitto;
  readonly subscriber: Subscriber;
  camera: RtspCamera;
  stop(): Promise<void>;
}

/** `face`: a picture for the camera to show below its barcode. */
export async function startWorld(face?: string): Promise<World> {
  const [pulse, broker, camera] = await Promise.all([
    startPulse(),
    startMosquitto(),
    startRtspCamera({ fps: FPS, gop: GOP, ...(face === undefined ? {} : { picture: face }) }),
  ]);
  const subscriber = await startSubscriber({ url: broker.url });
  const silence = new AbortController();
  const playing = pulse.play(beeps(silence.signal));
  const world: World = {
    ...{ pulse, broker, subscriber, camera },
    async stop() {
      silence.abort();
      await playing;
      await Promise.all([pulse.stop(), world.camera.stop()]);
      // The tests look at its faults themselves.
      await subscriber.stop().catch(() => {});
      await broker.stop();
    },
  };
  return world;
}
