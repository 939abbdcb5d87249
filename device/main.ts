import type { Config } from '../config/schema.ts';
import { Announcer } from './announcer.ts';
import { clipUploadsOf } from './clip-copies.ts';
import type { Clock } from './clock.ts';
import { ClockWatch } from './clock-watch.ts';
import { closedLine } from './closed-line.ts';
import { ConfigEditor } from './config-editor.ts';
import { Control } from './control.ts';
import { today } from './days.ts';
import { desksOf, patientSide } from './desk-wiring.ts';
import { Housekeeping } from './housekeeping.ts';
import { Journal } from './journal.ts';
import type { Logger } from './log.ts';
import { Orders } from './orders.ts';
import { doorOf } from './page-door.ts';
import { Reload, type ReloadOptions } from './reload.ts';
import { Access } from './review/access/access.ts';
import { ReviewServer } from './review/server.ts';
import { type Health, type Service, startAll, stopAll } from './service.ts';
import {
  backlogOf,
  brokerOf,
  facesOf,
  type House,
  keeperOf,
  openHouse,
  soundsOf,
  tabletOf,
  uploaderOf,
} from './wiring.ts';

interface DeviceOptions {
  config: Config;
  clock: Clock;
  log: Logger;
  /** Takes lines for the person who started it. */
  print: (line: string) => void;
  signal: AbortSignal;
  reload: ReloadOptions;
}

/**
 * The whole machine, put together from a config and started.
 * @throws CaError where something that must be there from the start is not: the data folder, a port, a secret.
 */
export async function startDevice(options: DeviceOptions): Promise<{ stop(): Promise<void> }> {
  const house = openHouse(options);
  try {
    return await startIn(house, options);
  } catch (error) {
    house.close();
    throw error;
  }
}

async function startIn(house: House, options: DeviceOptions): Promise<{ stop(): Promise<void> }> {
  const { config, clock, log, print, signal } = options;
  const { store, boot, vault, spool } = house;

  const health = (): Record<string, Health> =>
    Object.fromEntries(services.map((service) => [service.name, service.health()]));
  const trust = () => clockWatch.trust();
  const onPresence = () => {
    page.notifyChanged();
    announcer?.presence();
  };

  const journal = new Journal({ clock, log });
  const clockWatch = new ClockWatch({
    clock,
    trusted: config.clock.trusted,
    onTrusted: (offset) => journal.write(() => store.correctClock(boot, offset)),
  });
  const uploader = uploaderOf(house, {
    perform: (...asked) => orders.perform(...asked),
    onRefused: (action, code) => orders.refused('mqtt', action, code),
  });
  const clipUploads = clipUploadsOf(house);
  const sounds = soundsOf(house);
  const faces = facesOf(house, sounds);
  const keeper = keeperOf(house, journal, trust);
  const tablet = tabletOf(house);
  const desks = desksOf(house, { journal, keeper, faces, sounds, tablet, trust, onPresence });
  const access = new Access({ store, clock, log, sso: config.page.sso ?? null });
  const page = new ReviewServer({
    ...doorOf(config, clock),
    device: config.device,
    store,
    clips: vault,
    desks: () => desks.map((desk) => desk.presence()),
    health,
    erase: (contactId) => orders.perform('erase', { contactId }, 'page'),
    settings: new ConfigEditor({
      file: options.reload.file,
      today: () => (trust() === 'untrusted' ? null : today(clock)),
      reload: () => orders.perform('reload', {}, 'page'),
    }),
    shift: (desk, receptionist) => orders.perform('shift', { desk, receptionist }, 'page'),
    patientSide: (desk) => patientSide(config.desks[desk]?.microphone),
    access,
    identify: (request, using) => access.identify(request, using),
    clock,
    log,
  });
  const reload = new Reload({
    ...options.reload,
    free: () => desks.every((desk) => desk.free),
    journal,
    clock,
    log,
  });
  const orders = new Orders({
    ...{ desks, store, vault, spool, journal, health, clock, log },
    resend: uploader && ((from) => uploader.resend(from)),
    fetch: clipUploads && ((contactId, put) => clipUploads.fetch(contactId, put)),
    reload: () => reload.ask(),
  });
  const accountCode = (name: string | null) => ({ ...access.codeFor(name), url: page.url });
  const control = new Control({ data: config.data, orders, accountCode, log });
  const announcer =
    uploader && new Announcer({ uploader, store, desks, health, trust, data: config.data, clock });

  // Started from the first to the last, stopped from the last to the first.
  const table: (Service | null)[] = [
    brokerOf(house), //  the demo's MQTT broker
    journal, //          writes wait here while the disk refuses them
    clockWatch, //       is the time of day to be believed?
    new Housekeeping({
      store,
      journal,
      clock,
      keepEvents: config.store.keepEvents,
      keepBins: config.vault.age,
      backlog: backlogOf(house),
      data: config.data,
      occupied: () => desks.some((desk) => desk.presence().contactId !== null),
    }),
    keeper, //           the clips that are kept, within their limits
    uploader, //         outbox → MQTT
    clipUploads, //      copies of clips → object store
    page, //             http://127.0.0.1:8080
    tablet, //           loyalty buttons on a tablet at the desk
    announcer, //        presence, indices and health, retained at the broker
    ...desks, //         sensor, buttons, camera, microphone → contacts, clips
    orders, //           what is asked of the desks, by MQTT or from the command line
    control, //          takes it from the command line
    reload, //           a new config, when nobody is at a desk
    // Last: nobody waits for models to be loaded, not even a patient.
    sounds, //           sound → speech, silence, raised voice
    faces, //            pictures → negative, neutral, positive
  ];
  const services = table.filter((service) => service !== null);

  uploader?.onPublished((row) => {
    if (row.type === 'contact.closed') print(closedLine(row.data));
  });
  await startAll(services, signal, log);
  print(`page      ${page.url ?? page.health().reason}`);
  if (page.fingerprint) print(`          certificate SHA-256 ${page.fingerprint}`);
  const setUpCode = access.setUpCode();
  if (setUpCode !== null)
    print(
      `set-up    code ${setUpCode} at ${page.url ?? 'the page'}/ makes the first account, an administrator's`,
    );
  if (config.mqtt?.broker === 'embedded')
    print(`messages  mosquitto_sub -p ${config.mqtt.port} -t 'ca/v1/#' -v`);
  return {
    async stop() {
      await stopAll(services, log);
      log.info(store.logHead(), 'the log of actions ends here');
      house.close();
    },
  };
}
