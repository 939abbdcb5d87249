import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, SecretReference } from '../config/schema.ts';
import { readSecret } from '../config/secret.ts';
import { openCamera, openInput, openMicrophone } from '../drivers/open.ts';
import { FaceScorer } from '../models/face-scorer.ts';
import { EMBEDDED_VERSION, EmbeddedBroker } from '../uploader/embedded-broker.ts';
import type { MqttOptions } from '../uploader/link.ts';
import { Uploader } from '../uploader/uploader.ts';
import type { Clock } from './clock.ts';
import { ContactMedia } from './contact-media.ts';
import type { Instant } from './contacts/model.ts';
import { reduce } from './contacts/reduce.ts';
import { Desk } from './desk.ts';
import type { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import { Recorder } from './recording/recorder.ts';
import { ClipVault } from './recording/vault.ts';
import { settingsOf } from './settings.ts';
import { lockFolder } from './store/open.ts';
import type { ClockTrust } from './store/records.ts';
import { type Session, Store } from './store/store.ts';
import { VERSION } from './version.ts';

/** What every part of one running device shares. */
export interface House {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: Store;
  readonly session: Session;
  /** Identifies the machine's boot: monotonic times of two boots cannot be compared. */
  readonly boot: string;
  readonly startedAt: Instant;
  readonly vault: ClipVault;
  close(): void;
}

/** Opens what lies on the disk. @throws CaError CA_STORE_BUSY, CA_STORE_UNUSABLE, CA_STORE_NEWER */
export function openHouse(options: { config: Config; clock: Clock; log: Logger }): House {
  const { config, clock } = options;
  const lock = lockFolder(config.data);
  try {
    const store = new Store(config.data, config.device, randomUUID, () => clock.now().wall);
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const startedAt = clock.now();
    const session = store.beginSession(boot, startedAt);
    closeForgotten(config, store, session, startedAt);
    return {
      ...options,
      store,
      session,
      boot,
      startedAt,
      vault: new ClipVault(join(config.data, 'clips')),
      close() {
        store.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A desk that the config no longer has may have been open when the power was cut; nobody else would close it. */
function closeForgotten(config: Config, store: Store, { lastAlive }: Session, at: Instant): void {
  for (const { desk, state: before } of store.deskStates()) {
    if (config.desks[desk] || !(before.open || before.ended)) continue;
    const event = { id: randomUUID(), kind: 'start', at, lastAlive } as const;
    const [state, effects] = reduce(settingsOf(config, desk), before, event);
    store.record({ desk, event, state, effects, at, clock: 'untrusted', captured: false });
  }
}

const secretReader = (reference: SecretReference) => () => readSecret(reference);

/** The broker of the demo; null where the config names one outside, or none. */
export function brokerOf({ config, log }: House): EmbeddedBroker | null {
  return config.mqtt?.broker === 'embedded' ? new EmbeddedBroker({ port: config.mqtt.port, log }) : null;
}

/** null: faces are not scored. */
export function scorerOf({ config, clock, log }: House): FaceScorer | null {
  return config.scores.face ? new FaceScorer({ clock, log }) : null;
}

/** null: nothing is published. */
export function uploaderOf(house: House): Uploader | null {
  const { config, clock, log, store, session, startedAt } = house;
  const { mqtt } = config;
  if (!mqtt) return null;
  const broker: MqttOptions =
    mqtt.broker === 'embedded'
      ? { url: `mqtt://127.0.0.1:${mqtt.port}`, version: EMBEDDED_VERSION }
      : {
          url: mqtt.url,
          version: mqtt.version,
          ...(mqtt.user === undefined ? {} : { user: mqtt.user }),
          ...(mqtt.password === undefined ? {} : { password: secretReader(mqtt.password) }),
        };
  if (mqtt.broker === 'external' && mqtt.version === '3.1.1')
    log.warn('with MQTT 3.1.1 the broker cannot tell that it refused a message');
  const info = () => ({
    version: VERSION,
    node: process.versions.node,
    startedAt: new Date(startedAt.wall).toISOString(),
    desks: Object.keys(config.desks),
    capture: config.recording.capture,
    scores: config.scores.face ? ['face-expression'] : [],
  });
  return new Uploader({
    device: config.device,
    mqtt: broker,
    outbox: store.outbox,
    session: session.number,
    info,
    clock,
    log,
  });
}

/** The desks of the config, each with its drivers, its recorder and its rules. */
export function desksOf(
  house: House,
  parts: {
    journal: Journal;
    scorer: FaceScorer | null;
    trust: () => ClockTrust;
    onPresence: () => void;
  },
): Desk[] {
  const { config, clock, log, store, session } = house;
  return Object.entries(config.desks).map(
    ([desk, { inputs }]) =>
      new Desk({
        desk,
        settings: settingsOf(config, desk),
        inputs: inputs.map((input) => openInput(input, clock)),
        media: mediaOf(house, desk, parts),
        store,
        journal: parts.journal,
        session,
        trust: parts.trust,
        onPresence: parts.onPresence,
        newId: randomUUID,
        clock,
        log,
      }),
  );
}

/** null: nothing is captured, so neither camera nor microphone is opened. */
function mediaOf(
  house: House,
  desk: string,
  { journal, scorer }: { journal: Journal; scorer: FaceScorer | null },
): ContactMedia | null {
  const { config, clock, log, store, vault } = house;
  const { capture, preRoll, postRoll, ring } = config.recording;
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
    frameRate: scorer ? config.scores.rate : null,
    clock,
    log,
  });
  const notice = config.scores.notice === undefined ? null : Date.parse(config.scores.notice);
  return new ContactMedia({ desk, recorder, vault, scorer, notice, store, journal, clock, log });
}
