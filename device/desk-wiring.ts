import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { DeskConfig } from '../config/schema.ts';
import { readSecret } from '../config/secret.ts';
import { openCamera, openMicrophone, openWires } from '../drivers/open.ts';
import type { TabletServer } from '../drivers/tablet/tablet-server.ts';
import type { Lamp } from '../drivers/types.ts';
import type { FaceScorer } from '../models/face-scorer.ts';
import { PICTURES_PER_SECOND, WHOLE, type Zone } from '../models/session.ts';
import type { SoundScorer } from '../models/sound-scorer.ts';
import { Acknowledgement } from './acknowledgement.ts';
import type { ClipKeeper } from './clip-keeper.ts';
import type { Clock } from './clock.ts';
import { ContactMedia } from './contact-media.ts';
import { ContactScores } from './contact-scores.ts';
import { Desk } from './desk.ts';
import { FacePresence } from './face-presence.ts';
import type { FaceZone } from './face-zone.ts';
import type { Journal } from './journal.ts';
import { Recorder } from './recording/recorder.ts';
import { doesOf, settingsOf } from './settings.ts';
import type { ClockTrust } from './store/records.ts';
import type { House } from './wiring.ts';

/** Pictures a second that are searched for whoever stands at a desk whose camera is its sensor. */
const SEARCHES = 2;

/** The desks of the config, each with its drivers, its recorder and its rules. */
export function desksOf(
  house: House,
  parts: {
    journal: Journal;
    keeper: ClipKeeper;
    faces: FaceScorer | null;
    sounds: SoundScorer | null;
    tablet: TabletServer | null;
    trust: () => ClockTrust;
    onPresence: () => void;
  },
): Desk[] {
  const { config, clock, log, store, boot } = house;
  return Object.entries(config.desks).map(([desk, wired]) => {
    let sensor: FacePresence | null = null;
    const { inputs, lamp, acknowledge } = openWires(wired, {
      clock,
      readSecret,
      tablet: ({ code }) => tabletInput(parts.tablet, desk, code, wired),
      faces: (zone) => {
        sensor = facePresence(zone, wired.camera?.patient ?? WHOLE, parts.faces, clock);
        return sensor;
      },
    });
    return new Desk({
      desk,
      settings: settingsOf(config, desk),
      does: doesOf(config, desk),
      rule: wired.presence,
      cards: new Map(Object.entries(config.cards)),
      acknowledgement: acknowledge && new Acknowledgement({ lamp: acknowledge, clock, log }),
      pause: config.recording.pause,
      inputs,
      media: mediaOf(house, desk, lamp, sensor, parts),
      store,
      journal: parts.journal,
      boot,
      trust: parts.trust,
      onPresence: parts.onPresence,
      newId: randomUUID,
      clock,
      log,
    });
  });
}

function facePresence(
  zone: FaceZone & { hold: number },
  patient: Zone,
  finder: FaceScorer | null,
  clock: Clock,
) {
  if (!finder) throw new Error('a desk whose camera is its sensor has its finder');
  return new FacePresence({ zone, patient, hold: zone.hold, rate: SEARCHES, finder, clock });
}

function tabletInput(server: TabletServer | null, desk: string, code: string, { buttons }: DeskConfig) {
  if (!server) throw new Error('a desk with a tablet has its server');
  const rating = Object.entries(buttons).flatMap(([name, button]) =>
    'rating' in button ? [{ name, rating: button.rating, tag: button.tag }] : [],
  );
  return server.input({ desk, code, buttons: rating });
}

/** null: nothing is captured, so neither camera nor microphone is opened. */
function mediaOf(
  house: House,
  desk: string,
  lamp: Lamp | null,
  sensor: FacePresence | null,
  parts: {
    journal: Journal;
    keeper: ClipKeeper;
    faces: FaceScorer | null;
    sounds: SoundScorer | null;
    trust: () => ClockTrust;
  },
): ContactMedia | null {
  const { config, clock, log, store, vault, spool, key } = house;
  const { capture, preRoll, postRoll, ring, ringOnDisk } = config.recording;
  if (capture === 'counts') return null;
  const { camera, microphone } = config.desks[desk] ?? {};
  const recorder = new Recorder({
    desk,
    capture,
    camera: camera && capture === 'audio+video' ? openCamera(camera, readSecret) : null,
    microphone: microphone ? openMicrophone(microphone, clock) : null,
    // Two devices on one machine, such as the demo beside a test, must not wipe each other's ring.
    ring: join(ring, config.device),
    preRoll,
    postRoll,
    arrivalConfirm: config.arrival.confirm,
    lag: Math.max(config.departure.confirm, config.sensor.lost),
    ringOnDisk: ringOnDisk !== undefined,
    vault,
    spool,
    key,
    makeRoom: (bytes) => parts.keeper.makeRoom(bytes),
    lamp,
    frameRate: config.scores.face ? PICTURES_PER_SECOND : sensor ? SEARCHES : null,
    clock,
    log,
  });
  if (sensor) recorder.onFrame((frame) => void sensor.see(frame));
  const { journal, keeper } = parts;
  const scores = scoresOf(house, desk, parts);
  return new ContactMedia({
    ...{ desk, recorder, keeper, policy: config.recording, scores, store, journal, clock, log },
  });
}

/** null: nothing is scored at this desk. */
function scoresOf(
  { config, clock }: House,
  desk: string,
  parts: { faces: FaceScorer | null; sounds: SoundScorer | null; trust: () => ClockTrust },
): ContactScores | null {
  const { camera, microphone } = config.desks[desk] ?? {};
  const { face, notice } = config.scores;
  const zone = camera?.patient;
  const faces = face && parts.faces && zone ? { judge: parts.faces, zone, latency: camera.latency } : null;
  const patient = patientSide(microphone);
  const sounds =
    parts.sounds && microphone
      ? { meter: parts.sounds, channel: desk, patient, latency: microphone.latency }
      : null;
  if (!faces && !sounds) return null;
  const since = notice === undefined ? null : Date.parse(`${notice}T00:00`);
  return new ContactScores({ faces, sounds, notice: since, trust: parts.trust, clock });
}

/** Which channel of a microphone is the patient's; null: it hears both. */
export function patientSide(microphone: DeskConfig['microphone']): 'left' | 'right' | null {
  return (microphone?.driver === 'alsa' && microphone.patient) || null;
}
