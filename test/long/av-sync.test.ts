import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CameraSource } from '../../drivers/types.ts';
import { clipErrors, errorTable } from '../recording/clip-errors.ts';
import {
  BeepingMicrophone,
  eventually,
  FRAME,
  GOP,
  latencyByClap,
  type Place,
  POST_ROLL,
  PRE_ROLL,
  placeAt,
  recorderFor,
  rtsp,
  sleep,
  started,
  timesOf,
} from '../recording/rig.ts';
import { type RecordedContact, workShift } from '../recording/shift.ts';
import { type ClipTimes, median, zeroByBeeps } from '../stand-ins/clip-times.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { type RtspCamera, startRtspCamera } from '../stand-ins/rtsp-camera.ts';

const MINUTE = 60_000;
const LASTS = 10 * MINUTE;
/** The late camera comes so long (ms) after its recorder. */
const LATE = 5_000;
const CONFIRM = 800;
/** As in exact.test.ts (ms). */
const TOLERANCE = 15;
const AAC_FRAME = 64;

let place: Place;
let camera: RtspCamera;
let latency: number;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  place = placeAt();
  camera = await startRtspCamera({ size: '320x240' });
  latency = await latencyByClap(camera.url);
});
afterAll(async () => {
  for (const end of ends) await end();
  await camera.stop();
  await place.remove();
});

/** Ten minutes of one contact; `ppm`: by how much the crystal of the sound card is off. */
async function tenMinutes(desk: string, ppm: number, source: CameraSource | null) {
  const microphone = new BeepingMicrophone(16_000 * (1 + ppm / 1e6));
  const recorder = recorderFor(place, { desk, camera: source, microphone, lag: CONFIRM });
  ends.unshift(() => recorder.stop());
  await started(recorder);
  await eventually('pictures', 20_000, () => source === null || recorder.health().status === 'ok');
  await sleep(PRE_ROLL);
  const recorded: RecordedContact[] = [];
  await workShift(
    desk,
    recorder,
    { contacts: [{ after: 0, lasts: LASTS }], confirm: CONFIRM },
    async (contact) => {
      recorded.push(contact);
    },
  );
  const [contact] = recorded;
  if (!contact) throw new Error('no clip');
  const times = await timesOf(place, contact.clip);
  const errors = clipErrors(contact, times, { preRoll: PRE_ROLL, postRoll: POST_ROLL });
  console.log(errorTable([errors]));
  expect(times).toMatchObject({ unreadable: 0, hidden: 0, complaints: [] });
  expect(times.beeps.length).toBeGreaterThan(LASTS / 1_000);
  return { contact, times, errors };
}

/** How late the sound is in each minute: the middle beep, the earliest, the latest. `zero`: against the wall clock, for a clip without pictures. */
function byMinute(desk: string, { beeps }: ClipTimes, zero: number | null): number[] {
  const minutes = Array.from({ length: LASTS / MINUTE }, (_, minute) => {
    const within = beeps.filter(({ at }) => Math.floor(at / MINUTE) === minute);
    const lags = within.map(({ at, names, lag }) =>
      zero === null ? (lag ?? Number.NaN) : zero - zeroByBeeps([{ at, names }], zero),
    );
    return { lag: median(lags), min: Math.min(...lags), max: Math.max(...lags) };
  });
  const told = minutes.map(
    ({ lag, min, max }, n) => `${n + 1}: ${lag.toFixed(1)} (${min.toFixed(0)} … ${max.toFixed(0)})`,
  );
  console.log(`${desk}, sound late in ms by minute  ${told.join('   ')}`);
  return minutes.map(({ lag }) => Math.abs(lag));
}

function expectExact(
  { start, end, soundEnd, toldStart, toldEnd }: ReturnType<typeof clipErrors>,
  gop: number,
  frame: number,
) {
  expect(start).toBeLessThanOrEqual(TOLERANCE);
  expect(start).toBeGreaterThanOrEqual(-gop - TOLERANCE);
  expect(Math.abs(end)).toBeLessThanOrEqual(frame + TOLERANCE);
  expect(Math.abs(soundEnd ?? 0)).toBeLessThanOrEqual(AAC_FRAME + TOLERANCE);
  expect(toldStart).toBeLessThanOrEqual(TOLERANCE);
  expect(toldEnd).toBeLessThanOrEqual(TOLERANCE);
}

it.concurrent('keeps sound and pictures together for ten minutes: a fast sound card, a camera that comes late', async () => {
  const port = await freePort();
  const comesLate = async () => {
    await sleep(LATE);
    const late = await startRtspCamera({ size: '320x240', port });
    ends.push(late.stop);
  };
  const [{ times, errors }] = await Promise.all([
    tenMinutes('fast', 1_000, rtsp(`rtsp://127.0.0.1:${port}/cam`, latency)),
    comesLate(),
  ]);
  expect(Math.max(...byMinute('fast', times, null))).toBeLessThanOrEqual(40);
  expectExact(errors, GOP, FRAME);
});

it.concurrent('keeps sound and pictures together for ten minutes: a slow sound card', async () => {
  const { times, errors } = await tenMinutes('slow', -1_000, rtsp(camera.url, latency));
  expect(Math.max(...byMinute('slow', times, null))).toBeLessThanOrEqual(40);
  expectExact(errors, GOP, FRAME);
});

it.concurrent('sound alone is as long as the ten minutes, and in time all along', async () => {
  const { contact, times, errors } = await tenMinutes('alone', 1_000, null);
  const zero = contact.startedAt.wall - contact.clip.manifest.preRoll;
  expect(Math.max(...byMinute('alone', times, zero))).toBeLessThanOrEqual(40);
  expectExact(errors, AAC_FRAME, AAC_FRAME);
  expect(contact.clip.mediaType).toBe('audio/mp4');
});
