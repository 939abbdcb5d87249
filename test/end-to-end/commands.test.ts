import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ContactRecord } from '../../device/store/records.ts';
import { type Asking, startAsking } from '../uploader/asking.ts';
import { Actor } from './actor.ts';
import { type ConfigDraft, type Rig, startRig, until } from './rig.ts';
import { contactAnalyzer } from './service.ts';

let rig: Rig;
let actor: Actor;
let hub: Asking;

/** Changes the config file as somebody with an editor does. */
function edit(change: (config: ConfigDraft) => void): void {
  const draft = JSON.parse(readFileSync(rig.config, 'utf8')) as ConfigDraft;
  change(draft);
  writeFileSync(rig.config, JSON.stringify(draft, null, 2));
}

// Before each try.
beforeEach(async () => {
  rig = await startRig({
    device: 'commands',
    edit: (config) => {
      const { mqtt, press } = config;
      config.uploads = { hosts: ['127.0.0.1'] };
      Object.assign(mqtt as object, {
        commands: ['erase', 'fetch', 'reload', 'veto'],
        prefix: 'clinics/north',
      });
      Object.assign(press, { grace: '500ms' });
    },
  });
  hub = await startAsking(rig.broker.url, 'clinics/north/ca/v1/commands/');
  await rig.start();
  actor = new Actor(rig.pty);
  await actor.tell();
  await untilState('degraded', 1);
});
afterEach(async () => {
  actor?.stop();
  await hub?.stop();
  await rig?.stop();
});

interface State {
  state: string;
  session: number;
}
const states = () => hub.heard('state') as State[];
const untilState = (state: string, session: number) =>
  until(
    `${state} in session ${session}`,
    () => states().some((said) => said.state === state && said.session === session),
    15_000,
  );
const running = () => rig.running.lines.filter((line) => line.startsWith('contact-analyzer is running'));
const events = (type: string) => hub.heard(`events/${type}`) as { subject: string; data: ContactRecord }[];
const page = async (path: string) => rig.running.ask(path);

test('a clip is handed over, and erased with its contact; a config is read anew when nobody is there, and one that fails costs nothing', {
  timeout: 60_000,
}, async () => {
  // Camera and microphone need a moment.
  await sleep(2_500);
  await actor.arrive();
  await sleep(1_500);
  await actor.leave();
  await until('its clip', () => events('clip.ready').length === 1, 10_000);
  const { subject: contactId, data } = events('clip.ready')[0] ?? { subject: '', data: {} };
  const file = join(rig.data, 'clips', (data as { file?: string }).file ?? '');
  expect(existsSync(file)).toBe(true);
  expect((await page(`/api/contacts/${contactId}`)).status).toBe(200);
  const taker = createHttpServer((request, response) => {
    taken += request.method === 'PUT' ? request.url : '';
    request.resume().on('end', () => response.end());
  });
  let taken = '';
  await new Promise<void>((resolve) => taker.listen(0, '127.0.0.1', resolve));
  const put = `http://127.0.0.1:${(taker.address() as AddressInfo).port}/clip?signature=secret`;
  expect(await hub.ask('fetch', { contactId, put })).toMatchObject({ ok: true, result: { contactId } });
  await until('it is handed over', () => events('clip.uploaded').length === 1, 5_000);
  expect(taken).toBe('/clip?signature=secret');
  taker.close();
  const erased = await hub.ask('erase', { contactId });
  expect(erased).toMatchObject({ ok: true, result: { contactId } });
  expect(existsSync(file)).toBe(false);
  expect((await page(`/api/contacts/${contactId}`)).status).toBe(404);
  expect(await contactAnalyzer('erase', contactId, '--config', rig.config)).toBe(
    `${contactId}: erased at ${(erased as { result: { erasedAt: string } }).result.erasedAt}\n`,
  );

  // All that is wrong, and nothing changes.
  edit((config) => Object.assign(config, { press: { grace: 'long' }, colour: 'red' }));
  const wrong = await hub.ask('reload', {});
  expect(wrong).toMatchObject({ ok: false, code: 'CA_CONFIG_INVALID' });
  for (const part of ['2 problems', 'press.grace', 'colour'])
    expect((wrong as { message: string }).message).toContain(part);

  // Somebody is there: not before he has gone.
  edit((config) => {
    delete config.colour;
    config.press = { grace: '500ms' };
    Object.assign(config.mqtt as object, { commands: ['reload'] });
  });
  await actor.arrive();
  await until('the patient', () => events('contact.started').length === 2, 5_000);
  expect(await hub.ask('reload', {})).toEqual({ ok: true, result: { when: 'when-free' } });
  await sleep(1_200);
  expect(states().at(-1)).toMatchObject({ session: 1 });
  expect(states().some(({ state }) => state === 'stopped')).toBe(false);
  await actor.leave();
  await untilState('stopped', 1);
  await until('it runs again', () => running().length === 2, 15_000);
  await untilState('degraded', 2);
  expect(events('contact.closed').at(-1)?.data).toMatchObject({ endReason: 'departed' });
  expect(events('clip.ready')).toHaveLength(2);
  expect(await hub.ask('veto', { desk: 'front' })).toMatchObject({ ok: false, code: 'CA_COMMAND_DENIED' });

  // A port that somebody has: the old config runs on, and says so.
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const port = (other.address() as AddressInfo).port;
  edit((config) => Object.assign(config, { page: { port } }));
  expect(await hub.ask('reload', {})).toEqual({ ok: true, result: { when: 'now' } });
  const fallen = () =>
    (hub.heard('health') as { modules: Record<string, { status: string; reason?: string }> }[]).at(-1)
      ?.modules.config;
  await until('it is told', () => fallen()?.status === 'degraded', 15_000);
  expect(fallen()?.reason).toContain(`port ${port} of 127.0.0.1 is taken`);
  other.close();
  // Session 3 was the start that failed.
  await untilState('degraded', 4);
  await until('it runs again', () => running().length === 3, 10_000);
  expect(running().at(-1)).toBe('contact-analyzer is running with the old config: the new one cannot be run');

  const actions = (await contactAnalyzer('actions', '--config', rig.config)).trim().split('\n');
  const asked = actions.map((line) => JSON.parse(line)).filter(({ actor }) => actor !== 'page');
  expect(asked.map((a) => [a.actor, a.action, a.outcome])).toEqual([
    ['mqtt', 'fetch', 'ok'],
    // What the fetch had said of the contact is blanked, and that is an entry of its own.
    ['mqtt', 'log.erased', 'ok'],
    ['mqtt', 'erase', 'ok'],
    ['console', 'erase', 'ok'],
    ['mqtt', 'reload', 'CA_CONFIG_INVALID'],
    ['mqtt', 'reload', 'ok'],
    ['mqtt', 'veto', 'CA_COMMAND_DENIED'],
    ['mqtt', 'reload', 'ok'],
  ]);

  expect(actions[0]).toContain('"target":{}');
  expect(rig.running.lines.join('\n')).not.toContain('signature');

  // A signal in the middle of a reload ends it in order.
  expect(await contactAnalyzer('reload', '--config', rig.config)).toBe('the service starts anew\n');
  await until(
    'it stops',
    () => rig.running.lines.filter((line) => line === 'reload: stopping …').length === 3,
    5_000,
  );
  expect(await rig.running.stop()).toBe(0);
  expect(rig.running.lines.at(-1)).toBe('stopped');
  expect(rig.running.processes()).toEqual([]);
});
