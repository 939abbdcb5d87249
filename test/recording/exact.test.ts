import { expect, it } from 'vitest';
import { median } from '../stand-ins/clip-times.ts';
import { freePort } from '../stand-ins/free-port.ts';
import { randomOf } from '../stand-ins/random.ts';
import { type RtspCamera, startRtspCamera } from '../stand-ins/rtsp-camera.ts';
import { type ClipErrors, clipErrors, errorTable } from './clip-errors.ts';
import {
  BeepingMicrophone,
  eventually,
  FRAME,
  GOP,
  latencyByClap,
  placeAt,
  recorderFor,
  rtsp,
  sleep,
  started,
  timesOf,
} from './rig.ts';
import { type DrawnContact, drawContacts, workShift } from './shift.ts';

/** The service's own defaults. */
const ROLLS = { preRoll: 5_000, postRoll: 2_000 };
/** Pictures from one key picture to the next. */
const GOP_FRAMES = Math.round(GOP / FRAME);
/** 1024 samples at 16 kHz: sound begins and ends with a whole one (ms). */
const AAC_FRAME = 64;
/**
 * How far off (ms) the measuring may be: a picture carries the moment at which it was taken, and reaches the recorder
 * after its camera's latency, give or take so much. A first picture that a busy machine held up for longer is seen in
 * the clip itself, and the clip may begin earlier by so much.
 */
const TOLERANCE = 15;
/** A busy machine stamps a single picture so much later than it came (ms). A manifest that is wrong by a whole one is found out. */
const JITTER = 60;
/** Pictures that the recorder loses are a GOP at least (ms); the stand-in may leave out a few. */
const LOST = 600;
const LEAST = 40;
/** So many fit in here at five desks; one of ten minutes is cut in test/long/av-sync.test.ts, held to the same limits. */
const SHIFT = 130_000;
/** The late camera comes so long (ms) after its recorder, and is found after a while. */
const LATE = 5_000;

interface Desk {
  readonly desk: string;
  /** By how much the crystal of its sound card is off, ppm; null: no sound. */
  readonly ppm: number | null;
  readonly camera: 'there' | 'late' | null;
  /** How long (ms) after it a departure is known. */
  readonly confirm: number;
  readonly contacts: (random: () => number) => DrawnContact[];
}

const DESKS: readonly Desk[] = [
  {
    ...{ desk: 'front', ppm: 1_000, camera: 'there', confirm: 800 },
    contacts: (random) => drawContacts(SHIFT, 800, random),
  },
  {
    ...{ desk: 'admission', ppm: -1_000, camera: 'there', confirm: 800 },
    contacts: (random) => drawContacts(SHIFT, 800, random),
  },
  {
    ...{ desk: 'cashier', ppm: 1_000, camera: 'late', confirm: 4_000 },
    contacts: (random) => drawContacts(SHIFT - LATE - 12_000, 4_000, random),
  },
  {
    ...{ desk: 'pharmacy', ppm: -1_000, camera: null, confirm: 800 },
    contacts: (random) => drawContacts(SHIFT, 800, random),
  },
  {
    ...{ desk: 'laboratory', ppm: null, camera: 'there', confirm: 800 },
    contacts: (random) => drawContacts(SHIFT, 800, random),
  },
];

function draw(seed: number) {
  for (const random = randomOf(seed); ; ) {
    const desks = DESKS.map((desk) => ({ ...desk, contacts: desk.contacts(random) }));
    if (desks.flatMap(({ contacts }) => contacts).length >= LEAST) return desks;
  }
}

async function record(seed: number): Promise<ClipErrors[]> {
  const place = placeAt();
  const camera = await startRtspCamera({ size: '320x240' });
  const ends: (() => Promise<void>)[] = [camera.stop, place.remove];
  const rows: ClipErrors[] = [];
  let measuring = Promise.resolve();
  try {
    const latency = await latencyByClap(camera.url);
    const latePort = await freePort();
    console.log(`EXACT_SEED=${seed}; by a clap, the pictures come ${latency} ms late`);
    const comesLate = async () => {
      await sleep(LATE);
      const late: RtspCamera = await startRtspCamera({ size: '320x240', port: latePort });
      ends.unshift(late.stop);
    };
    const atDesk = async ({
      desk,
      ppm,
      camera: which,
      confirm,
      contacts,
    }: ReturnType<typeof draw>[number]) => {
      const url = which === 'late' ? `rtsp://127.0.0.1:${latePort}/cam` : camera.url;
      const recorder = recorderFor(place, {
        desk,
        camera: which && rtsp(url, latency),
        microphone: ppm === null ? null : new BeepingMicrophone(16_000 * (1 + ppm / 1e6)),
        ...{ ...ROLLS, lag: confirm },
      });
      ends.unshift(() => recorder.stop());
      await started(recorder);
      if (which === 'late') await eventually('pictures', 20_000, () => recorder.health().status === 'ok');
      // A camera may need some seconds more than the sound.
      await sleep(ROLLS.preRoll);
      await workShift(desk, recorder, { contacts, confirm }, (contact) => {
        // One at a time: the recorders need the machine, too.
        measuring = measuring.then(async () => {
          rows.push(clipErrors(contact, await timesOf(place, contact.clip), ROLLS));
        });
        return measuring;
      });
    };
    await Promise.all([comesLate(), ...draw(seed).map(atDesk)]);
    return rows;
  } finally {
    for (const end of ends) await end();
  }
}

it('cuts each contact of five desks side by side exactly, sound and pictures together', {
  timeout: 300_000,
}, async () => {
  const seed = Number(process.env.EXACT_SEED ?? Math.floor(Math.random() * 2 ** 31));
  const rows = await record(seed);
  console.log(errorTable(rows));
  expect(rows.length).toBeGreaterThanOrEqual(LEAST);
  expect(Math.abs(median(rows.map(({ end }) => end))), 'as a rule they end').toBeLessThanOrEqual(FRAME / 2);
  for (const told of ['toldStart', 'toldEnd'] as const)
    expect(median(rows.map((row) => row[told])), `${told}, as a rule`).toBeLessThanOrEqual(TOLERANCE);
  for (const { id, start, late, end, soundEnd, lag, toldStart, toldEnd, times } of rows) {
    // A busy camera takes longer for its pictures, and may leave one out: the last one, too.
    const gop =
      times.frames > 0 ? Math.max(GOP, (times.taken[GOP_FRAMES] ?? 0) - (times.taken[0] ?? 0)) : AAC_FRAME;
    const leftOut = times.frames > 0 ? FRAME : 0;
    const frame = times.frames > 0 ? FRAME : AAC_FRAME;
    expect.soft(start, `${id} begins`).toBeLessThanOrEqual(TOLERANCE);
    expect.soft(start, `${id} begins`).toBeGreaterThanOrEqual(-gop - TOLERANCE - Math.max(0, late));
    expect.soft(end, `${id} ends`).toBeLessThanOrEqual(frame + TOLERANCE);
    expect.soft(end, `${id} ends`).toBeGreaterThanOrEqual(-frame - leftOut - TOLERANCE);
    expect.soft(Math.abs(soundEnd ?? 0), `${id}'s sound ends`).toBeLessThanOrEqual(AAC_FRAME + TOLERANCE);
    expect.soft(Math.abs(lag?.median ?? 0), `${id}'s sound against its pictures`).toBeLessThanOrEqual(40);
    expect.soft(times.unreadable, `${id}: pictures that cannot be read`).toBe(0);
    expect.soft(times.complaints, `${id}: the decoder`).toEqual([]);
    expect.soft(times.hidden, `${id}: hidden`).toBe(0);
    expect.soft(times.longestStep, `${id}: pictures missing`).toBeLessThan(LOST);
    expect.soft(toldStart, `${id}'s manifest on its start`).toBeLessThanOrEqual(JITTER);
    expect.soft(toldEnd, `${id}'s manifest on its end`).toBeLessThanOrEqual(JITTER);
  }
});
