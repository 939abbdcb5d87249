import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { backlog, type Config } from '../config/schema.ts';
import { readSecret } from '../config/secret.ts';
import { TabletServer } from '../drivers/tablet/tablet-server.ts';
import { FaceScorer } from '../models/face-scorer.ts';
import { SoundScorer } from '../models/sound-scorer.ts';
import { EmbeddedBroker } from '../uploader/embedded-broker.ts';
import { Inbox, type InboxOptions } from '../uploader/inbox.ts';
import { Uploader } from '../uploader/uploader.ts';
import { ClipKeeper } from './clip-keeper.ts';
import type { Clock } from './clock.ts';
import type { Instant } from './contacts/model.ts';
import { reduce } from './contacts/reduce.ts';
import { CaError } from './errors.ts';
import type { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import { homeAssistantOf, mqttOptionsOf } from './mqtt-options.ts';
import { type DeviceKey, parseDeviceKey } from './recording/device-key.ts';
import { Spool } from './recording/spool.ts';
import { ClipVault } from './recording/vault.ts';
import { settingsOf } from './settings.ts';
import type { BacklogLimits } from './store/backlog.ts';
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
  /** What the clips are encrypted with. @throws CaError CA_SECRET_UNREADABLE, CA_VAULT_KEY_INVALID */
  readonly key: () => DeviceKey;
  readonly vault: ClipVault;
  readonly spool: Spool;
  close(): void;
}

/** Opens what lies on the disk. @throws CaError CA_STORE_BUSY, CA_STORE_UNUSABLE, CA_STORE_NEWER */
export function openHouse(options: { config: Config; clock: Clock; log: Logger }): House {
  const { config, clock } = options;
  const lock = lockFolder(config.data);
  try {
    const hub = config.mqtt?.broker === 'external' && config.mqtt.hub;
    const now = () => clock.now().wall;
    const store = new Store(config.data, config.device, randomUUID, now, config.recording, hub);
    const key = deviceKeyOf(config);
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const startedAt = clock.now();
    const session = store.beginSession(boot, startedAt);
    closeForgotten(config, store, startedAt);
    return {
      ...options,
      store,
      session,
      boot,
      startedAt,
      key,
      vault: new ClipVault({ folder: join(config.data, 'clips'), key }),
      spool: new Spool(join(config.data, 'spool'), key),
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
function closeForgotten(config: Config, store: Store, at: Instant): void {
  for (const { desk, state: before } of store.deskStates()) {
    if (config.desks[desk] || !(before.open || before.ended)) continue;
    const event = { id: randomUUID(), kind: 'start', at, lastAlive: store.lastAlive(desk) } as const;
    const [state, effects] = reduce(settingsOf(config, desk), before, event);
    store.record({ desk, event, state, effects, at, clock: 'untrusted', captured: false, scored: [] });
  }
}

/** Read when it is needed: a key that is missing is told where a clip needs it, and counting goes on. */
function deviceKeyOf({ vault }: Config): () => DeviceKey {
  const { key } = vault;
  return () => {
    if (key) return parseDeviceKey(readSecret(key));
    throw new CaError('CA_VAULT_KEY_INVALID', 'the config has no vault.key');
  };
}

/** The broker of the demo; null where the config names one outside, or none. */
export function brokerOf({ config, log }: House): EmbeddedBroker | null {
  return config.mqtt?.broker === 'embedded' ? new EmbeddedBroker({ port: config.mqtt.port, log }) : null;
}

/** null: nobody looks for faces. Where a camera is a desk's sensor and faces are not scored, they are only found. */
export function facesOf({ config, clock, log }: House, sounds: SoundScorer | null): FaceScorer | null {
  const { face: expressions, cpu, own } = config.scores;
  const sensor = Object.values(config.desks).some(({ inputs }) => inputs.some((i) => i.driver === 'camera'));
  if (!expressions && !sensor) return null;
  const othersCpu = () => sounds?.cpu ?? 0;
  return new FaceScorer({ clock, log, expressions, cpu, othersCpu, own: own.face ?? null });
}

/** null: nobody listens. */
export function soundsOf({ config, clock, log }: House): SoundScorer | null {
  const { sound, own } = config.scores;
  const { voice = null, speech = null, phrases } = own;
  return sound ? new SoundScorer({ clock, log, own: { voice, speech, phrases } }) : null;
}

/** null: nothing is published. `obey`: what carries commands out. */
export function uploaderOf(house: House, obey: Pick<InboxOptions, 'perform' | 'onRefused'>): Uploader | null {
  const { config, clock, log, store, session, startedAt } = house;
  const { mqtt } = config;
  if (!mqtt) return null;
  if (mqtt.broker === 'external' && mqtt.version === '3.1.1')
    log.warn('with MQTT 3.1.1 the broker cannot tell that it refused a message');
  const info = () => ({
    version: VERSION,
    node: process.versions.node,
    startedAt: new Date(startedAt.wall).toISOString(),
    desks: Object.keys(config.desks),
    capture: config.recording.capture,
    scores: (['face', 'sound'] as const).filter((kind) => config.scores[kind]),
  });
  const options = mqttOptionsOf(mqtt);
  const outside = mqtt.broker === 'external' ? mqtt : null;
  const { outbox } = store;
  const inbox = new Inbox({
    sender: { device: config.device, store: outbox.store, prefix: options.prefix },
    // Without it, what the broker loses once would be missing at the hub for ever.
    allowed: [...new Set([...(outside?.commands ?? []), ...(outbox.hub ? (['resend'] as const) : [])])],
    ...obey,
    onAck: outbox.hub ? ({ store: name, upTo }) => uploader.acknowledge(name, upTo) : null,
    log,
  });
  const uploader = new Uploader({
    device: config.device,
    mqtt: options,
    outbox,
    hub: outbox.hub,
    replay: outside?.replay ?? null,
    inbox,
    ...(outside?.homeAssistant
      ? { homeAssistant: homeAssistantOf(config, outside.commands, outside.homeAssistant) }
      : {}),
    session: session.number,
    info,
    clock,
    log,
  });
  return uploader;
}

/** How much may wait, and for how long; without a broker, too, or one day the disk would be full of it. */
export function backlogOf({ config: { mqtt } }: House): BacklogLimits {
  return mqtt?.broker === 'external' ? mqtt.backlog : backlog.parse({});
}

/** The page of desks whose buttons are on a tablet; null where no desk has one: then nothing listens. */
export function tabletOf({ config, clock, log }: House): TabletServer | null {
  const wanted = Object.values(config.desks).some(({ inputs }) => inputs.some((i) => i.driver === 'tablet'));
  return wanted ? new TabletServer({ ...config.tablet, clock, log }) : null;
}

/** Keeps the vault tidy and within its limits. */
export function keeperOf(house: House, journal: Journal, trust: () => ClockTrust): ClipKeeper {
  const { max, free, age } = house.config.vault;
  return new ClipKeeper({ ...house, folder: house.config.data, max, free, age, trust, journal });
}
