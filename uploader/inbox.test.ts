import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { CaError } from '../device/errors.ts';
import { Inbox, type InboxOptions } from './inbox.ts';
import type { Incoming } from './link.ts';
import type { Ack, Answer, Perform } from './orders.ts';

const ROOT = 'clinics/north/ca/v1/clinic/';
const log = pino({ level: 'silent' });

let given: unknown[];
let refused: unknown[];
let acks: Ack[];
let logged: string[];
beforeEach(() => {
  given = [];
  refused = [];
  acks = [];
  logged = [];
});

const perform = (async (name: string, request: unknown, actor: string) => {
  given.push([name, request, actor]);
  return { desk: 'front' };
}) as unknown as Perform;

function inbox(options: Partial<InboxOptions> = {}): Inbox {
  return new Inbox({
    sender: { device: 'clinic', store: '0123456789abcdef', prefix: 'clinics/north' },
    allowed: ['veto', 'pause', 'erase'],
    perform,
    onAck: (ack) => acks.push(ack),
    onRefused: (action, code) => refused.push([action, code]),
    log: pino({ level: 'debug' }, { write: (line: string) => logged.push(line) }),
    ...options,
  });
}

const message = (topic: string, payload: unknown, more: Partial<Incoming> = {}): Incoming => ({
  topic: ROOT + topic,
  payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  retained: false,
  responseTopic: 'hub/answers',
  correlationData: Buffer.from('17'),
  ...more,
});

/** What is answered to a message. */
function answered(box: Inbox, incoming: Incoming): Promise<Answer> {
  return new Promise((resolve) => {
    box.take(incoming, (topic, payload, correlation) => {
      expect([topic, correlation?.toString()]).toEqual(['hub/answers', '17']);
      resolve(JSON.parse(payload));
    });
  });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('an allowed command is carried out and answered where the answer is waited for', async () => {
  const answer = await answered(inbox(), message('cmd/pause', { desk: 'front', ms: 60_000 }));
  expect(answer).toEqual({ ok: true, result: { desk: 'front' } });
  expect(given).toEqual([['pause', { desk: 'front', ms: 60_000 }, 'mqtt']]);
  expect(refused).toEqual([]);
});

test.each([
  ['no JSON', 'cmd/veto', '{desk: front}', 'CA_COMMAND_INVALID', 'veto', 'the request is no JSON'],
  ['a field that lacks', 'cmd/veto', {}, 'CA_COMMAND_INVALID', 'veto', /^desk: /],
  ['a field too many', 'cmd/veto', { desk: 'front', x: 1 }, 'CA_COMMAND_INVALID', 'veto', /^request: .*"x"/],
  ['a wrong value', 'cmd/pause', { desk: 'front', ms: -1 }, 'CA_COMMAND_INVALID', 'pause', /^ms: /],
  ['several', 'cmd/pause', { desk: 1, ms: 'x' }, 'CA_COMMAND_INVALID', 'pause', /^desk: .*; ms: /],
  ['an unknown one', 'cmd/explode', {}, 'CA_COMMAND_INVALID', 'unknown', /no command/],
  ['one of every object', 'cmd/toString', {}, 'CA_COMMAND_INVALID', 'unknown', /no command/],
  ['one not allowed', 'cmd/reload', {}, 'CA_COMMAND_DENIED', 'reload', /does not take the command reload/],
  [
    'one too long',
    'cmd/veto',
    `{"desk":"${'x'.repeat(16_384)}"}`,
    'CA_COMMAND_INVALID',
    'veto',
    /16395 bytes/,
  ],
])('%s is refused with its reason, and told', async (_, topic, payload, code, action, reason) => {
  const answer = await answered(inbox(), message(topic, payload));
  expect(answer).toMatchObject({ ok: false, code, remedy: expect.stringMatching(/./) });
  expect((answer as { message: string }).message).toMatch(reason);
  expect(given).toEqual([]);
  expect(refused).toEqual([[action, code]]);
});

test('what a command comes to grief with is answered: by its code, or as a failure that is logged', async () => {
  const failing = (error: Error) =>
    answered(
      inbox({ perform: (() => Promise.reject(error)) as Perform }),
      message('cmd/erase', { contactId: 'c' }),
    );
  expect(
    await failing(new CaError('CA_CONTACT_OPEN', 'c is open, see rtsp://me:secret@camera')),
  ).toMatchObject({
    ok: false,
    code: 'CA_CONTACT_OPEN',
    message: 'c is open, see rtsp://[redacted]@camera',
  });
  expect(logged).toEqual([]);
  expect(await failing(new TypeError('x is undefined'))).toMatchObject({
    ok: false,
    code: 'CA_COMMAND_FAILED',
    message: 'x is undefined',
  });
  expect(logged.join()).toContain('x is undefined');
});

test('a command that waits for no answer is carried out all the same', async () => {
  inbox().take(message('cmd/veto', { desk: 'front' }, { responseTopic: null }), () => {
    throw new Error('nobody asked');
  });
  await turn();
  expect(given).toHaveLength(1);
});

test('a retained command is ignored, with a warning', async () => {
  inbox().take(message('cmd/veto', { desk: 'front' }, { retained: true }), () => {
    throw new Error('it was obeyed');
  });
  await turn();
  expect(given).toEqual([]);
  expect(logged.join()).toContain('retained command');
});

test.each(['', 'hub/+', 'hub/#'])('no answer goes to the topic "%s"', async (responseTopic) => {
  inbox().take(message('cmd/veto', { desk: 'front' }, { responseTopic }), () => {
    throw new Error('it was published');
  });
  await turn();
  expect(given).toHaveLength(1);
});

test('acknowledgements are told, retained or not; nonsense is not', async () => {
  const box = inbox();
  const ack = { store: '0123456789abcdef', upTo: 7 };
  const never = () => {
    throw new Error('an answer to an acknowledgement');
  };
  box.take(message('ack', ack, { retained: true }), never);
  for (const wrong of ['', '{}', { ...ack, upTo: -1 }, { ...ack, upTo: 1.5 }, { ...ack, store: 'x' }])
    box.take(message('ack', wrong), never);
  box.take({ ...message('ack', ack), topic: 'ca/v1/other/ack' }, never);
  await turn();
  expect(acks).toEqual([ack]);
  expect(logged).toHaveLength(5);
});

test('what was said stands in no log, whatever was said', async () => {
  const box = inbox();
  box.take(message('ack', 'Anna was here'), () => {});
  box.take(message('cmd/Anna', '{}', { retained: true }), () => {});
  box.take(message('cmd/Anna', 'Anna was here', { responseTopic: 'hub/#' }), () => {});
  await turn();
  expect(logged).toHaveLength(4);
  expect(logged.join()).not.toContain('Anna');
});

test('only what somebody waits for is subscribed to', () => {
  expect(inbox().subscriptions).toEqual([`${ROOT}ack`, `${ROOT}cmd/+`]);
  expect(inbox({ allowed: [], log }).subscriptions).toEqual([`${ROOT}ack`]);
  expect(inbox({ onAck: null }).subscriptions).toEqual([`${ROOT}cmd/+`]);
  expect(inbox({ onAck: null, allowed: [] }).subscriptions).toEqual([]);
});
