import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from '../../config/load.ts';
import { systemClock } from '../../device/clock.ts';
import { createLog } from '../../device/log.ts';
import { startDevice } from '../../device/main.ts';
import { type ActionRecord, readActions } from '../../device/store/actions.ts';
import { openForReading } from '../../device/store/open.ts';
import { Actor } from '../end-to-end/actor.ts';
import { type Mosquitto, startMosquitto } from '../stand-ins/mosquitto.ts';
import { openPty, type Pty } from '../stand-ins/pty.ts';
import { type Asking, startAsking } from './asking.ts';
import { until } from './rig.ts';

/** A whole device that counts, put together as the service is, with every command allowed but two. */
let folder: string;
let pty: Pty;
let broker: Mosquitto;
let actor: Actor;
let hub: Asking;
let device: { stop(): Promise<void> };
let reloads: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ca-commands-'));
  [pty, broker] = await Promise.all([openPty(), startMosquitto()]);
  const file = join(folder, 'config.yaml');
  const config = {
    ...{ device: 'clinic', data: join(folder, 'data'), page: { port: 0 }, clock: { trusted: true } },
    ...{ arrival: { confirm: '100ms' }, departure: { confirm: '100ms' }, contact: { served: '100ms' } },
    press: { grace: '200ms', repeat: '100ms' },
    mqtt: {
      ...{ broker: 'external', url: broker.url, prefix: 'clinics/north', hub: true },
      commands: ['resend', 'pause', 'resume', 'veto', 'erase', 'health', 'shift'],
    },
    desks: {
      front: {
        inputs: [{ driver: 'line-protocol', port: pty.port }],
        buttons: { happy: { rating: 5, tag: 'positive' } },
      },
    },
  };
  writeFileSync(file, JSON.stringify(config));
  hub = await startAsking(broker.url, 'clinics/north/ca/v1/clinic/');
  reloads = 0;
  // It would veto every contact from now on.
  await hub.tell('cmd/veto', '{"desk":"front"}', { retain: true });
  device = await startDevice({
    config: loadConfig(file, { today: null }).config,
    clock: systemClock,
    log: createLog('silent'),
    print: () => {},
    signal: new AbortController().signal,
    reload: {
      read: () => {
        reloads += 1;
        throw new Error('nobody may ask for it');
      },
      file: 'config.yaml',
      onDue: () => {},
      failed: null,
    },
  });
  actor = new Actor(pty);
  await actor.tell();
  await until('connected', () => hub.heard('state').length > 0);
});
afterAll(async () => {
  actor.stop();
  await device.stop();
  await hub.stop();
  await broker.stop();
  await pty.stop();
  rmSync(folder, { recursive: true });
});

interface Told {
  id: string;
  sequence: string;
  type: string;
  store: string;
  subject: string;
  data: Record<string, unknown>;
}
const told = (type: string) => hub.heard(`events/${type}`) as Told[];
const closed = () => new Map(told('contact.closed').map((event) => [event.subject, event]));

/** A patient comes, `meanwhile` happens, and goes; the contact as it was closed. */
async function visit(meanwhile: () => Promise<unknown> = async () => {}): Promise<Told> {
  const before = closed().size;
  const started = new Set(told('contact.started').map(({ subject }) => subject)).size;
  await actor.arrive();
  await until(
    'a contact',
    () => new Set(told('contact.started').map(({ subject }) => subject)).size > started,
  );
  await meanwhile();
  await actor.leave();
  await until('its end', () => closed().size > before);
  const last = [...closed().values()].at(-1);
  if (!last) throw new Error('no contact');
  return last;
}

test('the retained command was not obeyed; a veto of now is', async () => {
  expect((await visit()).data.veto).toBe(false);
  const vetoed = await visit(async () => {
    expect(await hub.ask('veto', { desk: 'front' })).toEqual({ ok: true, result: { desk: 'front' } });
  });
  expect(vetoed.data.veto).toBe(true);
});

test('pause and resume, seen in the health that is asked for', async () => {
  const health = async () => {
    const answer = await hub.ask('health', {});
    if (!answer.ok) throw new Error(answer.message);
    return (answer.result as Record<string, { status: string; reason?: string }>)['desk front'];
  };
  expect(await health()).toMatchObject({ status: 'ok' });
  expect(await hub.ask('pause', { desk: 'front', ms: 60_000 })).toMatchObject({ ok: true });
  expect((await health())?.reason).toMatch(/recording is paused until 20/);
  expect(await hub.ask('resume', { desk: 'front' })).toMatchObject({ ok: true });
  expect(await health()).toMatchObject({ status: 'ok' });
});

test('a shift, said twice, is on', async () => {
  for (const _ of [1, 2])
    expect(await hub.ask('shift', { desk: 'front', receptionist: 'r-17' })).toMatchObject({ ok: true });
  expect((await visit()).data.receptionist).toBe('r-17');
});

test('a resend gives the same events once more', async () => {
  const { sequence, id } = await visit();
  const count = () => told('contact.closed').filter((event) => event.id === id).length;
  expect(count()).toBe(1);
  const answer = await hub.ask('resend', { from: Number(sequence) });
  expect(answer).toMatchObject({ ok: true, result: { from: Number(sequence) } });
  await until('it comes again', () => count() === 2);
});

test('an erased contact is told of, is the same when asked for again, and is not resent', async () => {
  const { subject, sequence, store } = await visit();
  await hub.tell('ack', JSON.stringify({ store, upTo: Number(sequence) }));
  const answer = await hub.ask('erase', { contactId: subject });
  expect(answer).toMatchObject({ ok: true, result: { contactId: subject } });
  await until('it is told', () => told('contact.erased').length === 1);
  expect(told('contact.erased')[0]).toMatchObject({
    subject,
    data: { contactId: subject, desk: 'front', object: null, actor: 'mqtt' },
  });
  expect(await hub.ask('erase', { contactId: subject })).toEqual(answer);
  expect(await hub.ask('erase', { contactId: 'nobody' })).toMatchObject({ code: 'CA_CONTACT_UNKNOWN' });
  const before = told('contact.closed').length;
  await hub.ask('resend', { from: Number(sequence) });
  await until('what it was is told as gone', () =>
    told('outbox.dropped').some((event) => Number(event.sequence) === Number(sequence)),
  );
  expect(told('contact.closed').length).toBe(before);
});

test('while a patient is there the contact cannot be erased', async () => {
  let open = '';
  await visit(async () => {
    open = told('contact.started').at(-1)?.subject ?? '';
    expect(await hub.ask('erase', { contactId: open })).toMatchObject({ ok: false, code: 'CA_CONTACT_OPEN' });
  });
  expect(closed().has(open)).toBe(true);
});

function actions(): ActionRecord[] {
  const db = openForReading(join(folder, 'data'));
  const found = [...readActions(db, 0, Number.MAX_SAFE_INTEGER)];
  db.close();
  return found;
}

test('what may not be, or is wrong, is answered with its code and written down', async () => {
  expect(await hub.ask('reload', {})).toMatchObject({ ok: false, code: 'CA_COMMAND_DENIED' });
  expect(await hub.ask('fetch', { contactId: 'c' })).toMatchObject({ ok: false, code: 'CA_COMMAND_DENIED' });
  expect(await hub.ask('explode', {})).toMatchObject({ ok: false, code: 'CA_COMMAND_INVALID' });
  expect(await hub.ask('veto', 'no JSON')).toMatchObject({ ok: false, code: 'CA_COMMAND_INVALID' });
  expect(await hub.ask('veto', { desk: 'side' })).toMatchObject({
    ok: false,
    code: 'CA_COMMAND_INVALID',
    remedy: 'There are: front.',
  });
  expect(await hub.ask('resend', { from: 0 })).toMatchObject({ ok: false, code: 'CA_COMMAND_INVALID' });
  expect(reloads).toBe(0);
  const written = actions();
  expect(written.slice(-6).map(({ action, outcome }) => [action, outcome])).toEqual([
    ['reload', 'CA_COMMAND_DENIED'],
    ['fetch', 'CA_COMMAND_DENIED'],
    ['unknown', 'CA_COMMAND_INVALID'],
    ['veto', 'CA_COMMAND_INVALID'],
    ['veto', 'CA_COMMAND_INVALID'],
    ['resend', 'CA_COMMAND_INVALID'],
  ]);
  expect(JSON.stringify(written)).not.toContain('r-17');
});

test('a command without a response topic is carried out', async () => {
  const vetoed = await visit(async () => {
    const vetoes = () =>
      actions().filter(({ action, outcome }) => action === 'veto' && outcome === 'ok').length;
    const before = vetoes();
    await hub.tell('cmd/veto', '{"desk":"front"}');
    await until('it is carried out', () => vetoes() > before);
  });
  expect(vetoed.data.veto).toBe(true);
});
